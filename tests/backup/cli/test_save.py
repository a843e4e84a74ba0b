"""`save`: what becomes a snapshot, what doesn't, and how the command ends."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.backup.cli.conftest import Cli


def test_a_save_makes_a_snapshot(cli: Cli) -> None:
    """`save --source NAME PATH` ends with 0 and tells what it did, in words and as JSON."""
    done = cli("save", "--source", "tree", cli.tree)
    assert "of tree: 4 files" in done.out
    summary = cli.save()
    rows = cli.snapshots()
    assert [row["source"] for row in rows] == ["tree", "tree"]
    assert rows[-1]["id"] == summary["snapshot"]
    assert rows[-1]["paths"] == [str(cli.tree)]
    assert (summary["files"], summary["unread"], summary["unread_files"]) == (4, 0, [])


def test_progress_comes_line_by_line(cli: Cli) -> None:
    """With --json every line is an object: progress, then the summary last. The total is that of the save before."""
    cli.save()
    rows = cli("save", "--source", "tree", cli.tree, "--json").rows
    assert {row["type"] for row in rows[:-1]} == {"progress"}
    assert rows[-2]["files"] == rows[-2]["total_files"] == 4
    assert rows[-2]["bytes"] == rows[-2]["total_bytes"]


def test_a_second_save_stores_nothing(cli: Cli) -> None:
    """What is there already isn't stored again."""
    cli.save()
    assert cli.save()["added"] == 0


def test_skip_unchanged(cli: Cli) -> None:
    """With --skip-unchanged no snapshot is made where nothing has changed, and one where something has."""
    cli.save()
    assert cli.save("--skip-unchanged")["skipped"]
    (cli.tree / "new").write_text("new")
    assert not cli.save("--skip-unchanged")["skipped"]
    assert len(cli.snapshots()) == 2


def test_dry_run(cli: Cli) -> None:
    """--dry-run says what would be new and stores nothing."""
    before = sorted((cli.base / "repository").rglob("*"))
    summary = cli.save("--dry-run")
    assert summary["snapshot"] is None
    assert summary["fresh"] > 0
    assert sorted((cli.base / "repository").rglob("*")) == before
    assert cli.snapshots() == []


def test_tags_and_notes(cli: Cli) -> None:
    """--tag and --note come several times, and stand in the snapshot."""
    cli.save("--tag", "weekly", "--tag", "big", "--note", "audit=abc=1", "--note", "who=me")
    [row] = cli.snapshots()
    assert row["tags"] == ["weekly", "big"]
    assert row["notes"] == {"audit": "abc=1", "who": "me"}
    assert cli.snapshots("--tag", "weekly") == [row]
    assert cli.snapshots("--tag", "daily") == []


EXCLUDED = [
    (["--exclude", "*.txt"], {"numbers.bin"}),
    (["--exclude", "letters/"], {"été.txt", "numbers.bin"}),
    (["--exclude", "*.txt", "--exclude", "!b.txt"], {"b.txt", "numbers.bin"}),
    (["--exclude-larger-than", "100k"], {"a.txt", "b.txt", "été.txt"}),
    (["--exclude-caches"], {"été.txt", "numbers.bin", "CACHEDIR.TAG"}),
    (["--exclude-if-present", "CACHEDIR.TAG"], {"été.txt", "numbers.bin", "CACHEDIR.TAG"}),
]


@pytest.mark.parametrize(
    ("words", "left"), EXCLUDED, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_excludes(cli: Cli, words: list[str], left: set[str]) -> None:
    """Patterns, sizes and markers leave out what they say."""
    (cli.tree / "letters" / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    if "caches" not in words[0] and "present" not in words[0]:
        (cli.tree / "letters" / "CACHEDIR.TAG").unlink()
    assert cli.save(*words)["files"] == len(left)


def test_an_exclude_file(cli: Cli) -> None:
    """--exclude-file reads patterns from a file; one that isn't there is refused before anything is stored."""
    (cli.base / "patterns").write_text("# letters\nletters/\n")
    assert cli.save("--exclude-file", "patterns")["files"] == 2
    assert "nowhere" in cli("save", "--source", "tree", cli.tree, "--exclude-file", "nowhere", code=1).err


def test_a_path_that_is_not_there(cli: Cli) -> None:
    """A path that isn't there is a mistake of who calls: it ends with 1, and no snapshot is made."""
    done = cli("save", "--source", "tree", cli.tree, cli.base / "nowhere", code=1)
    assert "nowhere isn't there" in done.err
    assert cli.snapshots() == []


def test_a_file_that_cannot_be_read(cli: Cli) -> None:
    """Files that can't be read end the save with 3: the snapshot holds the rest, and each is named."""
    (cli.tree / "secret.txt").write_text("for nobody")
    (cli.tree / "secret.txt").chmod(0)
    done = cli.unprivileged("save", "--source", "tree", cli.tree)
    assert done.code == 3, done
    assert "secret.txt" in done.err
    assert "1 file couldn" in done.out
    assert cli.unprivileged("save", "--source", "tree", cli.tree, "--json").summary["unread"] == 1
    row = cli.snapshots()[0]
    assert (row["files"], row["unread"]) == (4, 1)


def test_standard_input(cli: Cli) -> None:
    """`save --stdin NAME` saves what is piped in, under a source of that name."""
    summary = cli("save", "--stdin", "dump.sql", "--json", given=b"select 1;\n").summary
    assert (summary["source"], summary["bytes"]) == ("dump.sql", 10)
    assert cli("save", "--stdin", "dump.sql", "--source", "base", "--json", given=b"x").summary["source"] == "base"


def test_the_output_of_a_command(cli: Cli) -> None:
    """`save --stdin-from-command NAME -- COMMAND` saves what a program writes."""
    words = ("save", "--stdin-from-command", "hello", "--json", "--", "printf", "%s", "--hello")
    assert cli(*words).summary["bytes"] == 7


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["sh", "-c", "echo half; echo broken >&2; exit 5"], "broken"),
        (["true"], "gave nothing"),
        (["no-such-program"], "no-such-program"),
    ],
)
def test_a_command_that_fails(cli: Cli, command: list[str], why: str) -> None:
    """A command that fails, or gives nothing, makes no snapshot: the save ends with 1 and says why."""
    done = cli("save", "--stdin-from-command", "dump", "--", *command, code=1)
    assert why in done.err
    assert cli.snapshots() == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["save", "tree"], "--source"),
        (["save", "--source", "tree"], "nothing to save"),
        (["save", "--source", "a:b", "tree"], "name of a source"),
        (["save", "--source", "latest", "tree"], "name of a source"),
        (["save", "--stdin", "a", "tree"], "--stdin"),
        (["save", "--stdin", "../a"], "../a"),
        (["save", "--stdin-from-command", "a"], "command"),
        (["save", "--source", "tree", "nowhere", "--stream", "sqlite:file=x"], "nowhere isn't there"),
        (["save", "--source", "tree", "--stream", "sqlite:x"], "KIND:NAME=VALUE"),
        (["save", "--source", "tree", "--stream", "oracle"], "oracle"),
        (["save", "--source", "tree", "tree", "--note", "x"], "NAME=TEXT"),
        (["save", "--source", "tree", "tree", "--note", "x=\udcff"], "UTF-8"),
        (["save", "--source", "tree", "tree", "--tag", "\udcff"], "UTF-8"),
        (["save", "--source", "y\udcff", "tree"], "name of a source"),
        (["save", "--source", "tree", "tree", "--exclude-larger-than", "huge"], "huge"),
        (["save", "--source", "tree", "tree", "--nonsense"], "--nonsense"),
        (["save", "--source", "tree", "tree", "--exclude", "[a"], "["),
        (["save", "--source", "tree", "tree", "--workers", "none"], "--workers"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: Cli, words: list[str], why: str) -> None:
    """A command that can't be meant ends with 1 and one line that says why."""
    done = cli(*words, code=1)
    assert why in done.err
    assert done.err.count("\n") == 1
    assert done.err.startswith("suite-backup: ")


def test_a_dump_of_a_database(cli: Cli) -> None:
    """--stream saves what a kind of dump gives, as files of the snapshot."""
    with closing(sqlite3.connect(cli.base / "base.sqlite3")) as database:
        database.execute("create table visits (day text)")
    cli("save", "--source", "base", "--stream", f"sqlite:file={cli.base / 'base.sqlite3'}")
    assert cli("ls", "base", key="reader").out.split() == ["sqlite/", "sqlite/base.sqlite3"]


def base(cli: Cli) -> str:
    """A dump of a small database."""
    with closing(sqlite3.connect(cli.base / "base.sqlite3")) as database:
        database.execute("create table visits (day text)")
        database.execute("insert into visits values ('monday')")
        database.commit()
    return f"sqlite:file={cli.base / 'base.sqlite3'}"


def test_a_dump_beside_folders(cli: Cli) -> None:
    """Files and dumps come into one snapshot: the dumps lie in a folder of their own, and each comes back."""
    assert cli.save("--stream", base(cli))["files"] == 5
    names = cli("ls", "tree", key="reader").out.split()
    assert {"streams/", "streams/sqlite/", "streams/sqlite/base.sqlite3", f"{cli.saved}/numbers.bin"} <= set(names)
    cli("restore", "tree", "--target", "out", key="reader")
    with closing(sqlite3.connect(cli.base / "out" / "streams" / "sqlite" / "base.sqlite3")) as database:
        assert database.execute("select day from visits").fetchall() == [("monday",)]
    assert (cli.base / "out" / cli.saved / "numbers.bin").read_bytes() == (cli.tree / "numbers.bin").read_bytes()
    assert "nothing" in cli("save", "--source", "tree", cli.tree, "--stream", "sqlite:file=nothing.db", code=1).err
    assert len(cli.snapshots()) == 1


def test_dumps_have_no_place_to_go_back_to(cli: Cli) -> None:
    """In place the files come back and the dumps, which stood nowhere, don't; who means them is told of --target."""
    cli.save("--stream", base(cli))
    (cli.tree / "numbers.bin").unlink()
    done = cli("restore", "tree", "--in-place", key="reader", code=3)
    assert ":streams --target" in done.err
    assert (cli.tree / "numbers.bin").exists()
    assert not Path("/streams").exists()
    for words in (["tree:streams"], ["tree:streams/sqlite"]):
        assert "--target" in cli("restore", *words, "--in-place", key="reader", code=1).err
    cli("save", "--stdin", "alone", given=b"x")
    assert "--target" in cli("restore", "alone", "--in-place", key="reader", code=1).err
    assert not Path("/alone").exists()


def test_another_save_with_the_same_key(cli: Cli) -> None:
    """Of two saves with one key at a time the second one ends with 1, and says to wait."""
    with cli.start("save", "--stdin", "slow", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as running:
        while not list((cli.base / "state").rglob("state.sqlite3")):
            assert running.poll() is None
        assert "wait" in cli("save", "--source", "tree", cli.tree, code=1).err
        assert running.stdin is not None
        running.stdin.close()
        assert running.wait() == 0


def test_a_repository_that_was_set_back_is_noticed(cli: Cli) -> None:
    """The writer remembers its last snapshot: a store that lost it is told of, and the save goes on."""
    cli.save()
    for path in (cli.base / "repository" / "snapshots").rglob("*"):
        if path.is_file():
            path.unlink()
    done = cli("save", "--source", "tree", cli.tree, "--json")
    assert done.summary["store_differs"]
    assert "older copy" in done.err


def test_a_reader_does_not_save(cli: Cli) -> None:
    """A key of another type is told which one is needed."""
    done = cli("save", "--source", "tree", cli.tree, key="reader", code=1)
    assert done.err == "suite-backup: reader key can't do this; use one of: writer key\n"
