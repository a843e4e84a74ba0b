"""`snapshots`, `ls` and `restore`: what was saved comes back, and nothing else."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.backup.cli.conftest import PROGRAM, Cli
from tests.backup.conftest import picture


def test_a_list_of_snapshots(cli: Cli) -> None:
    """`snapshots` lists them, the newest last; filters take their part of it."""
    for source in ("a", "b", "a"):
        cli.save(source=source)
    rows = cli.snapshots()
    assert [row["source"] for row in rows] == ["a", "b", "a"]
    assert cli.snapshots("--source", "a") == [rows[0], rows[2]]
    assert cli.snapshots("--latest", "1") == rows[1:]
    assert cli.snapshots("--host", "elsewhere") == []
    table = cli("snapshots", key="lister").out.splitlines()
    assert table[0].startswith("Snapshot ")
    assert [line.split()[0] for line in table[1:]] == [row["short"] for row in rows]


def test_a_writer_lists_nothing(cli: Cli) -> None:
    """The key of a machine that saves can't read what is in the repository, and says which keys can."""
    assert "lister key" in cli("snapshots", code=1).err


def test_what_a_snapshot_holds(cli: Cli) -> None:
    """`ls` lists a snapshot whole, a folder of it, or only what lies directly in it; with -l, as ls does."""
    cli.save()
    lines = cli("ls", "latest", key="reader").out.splitlines()
    assert f"{cli.saved}/letters/a.txt" in lines
    assert f"{cli.saved}/letters/" in lines
    directly = cli("ls", f"tree:{cli.tree}", "--directly", key="pruner").out.splitlines()
    assert directly == [f"{cli.saved}/{name}" for name in ("letters/", "link", "numbers.bin", "été.txt")]
    long = cli("ls", f"latest:{cli.saved}/link", "--long", key="reader").out
    assert long.startswith("lrwxrwxrwx")
    assert long.endswith("link -> numbers.bin\n")


def test_what_a_snapshot_holds_for_programs(cli: Cli) -> None:
    """`ls --json` is one array with type, size and times; a name that isn't UTF-8 comes in base64 as well."""
    (cli.tree / os.fsdecode(b"\xff")).write_text("x")
    cli.save()
    rows = {row["path"]: row for row in cli("ls", f"latest:{cli.tree}", "--json", key="reader").array}
    assert rows[f"{cli.saved}/numbers.bin"]["size"] == 256 * 1024
    assert rows[f"{cli.saved}/link"]["target"] == "numbers.bin"
    assert rows[f"{cli.saved}/letters"]["type"] == "folder"
    [raw] = [row["raw_path"] for row in rows.values() if "raw_path" in row]
    assert base64.b64decode(raw) == f"{cli.saved}/".encode() + b"\xff"


def test_names_do_not_drive_the_terminal(cli: Cli) -> None:
    """A name that would move the cursor, or begin another line, is escaped."""
    (cli.tree / "a\x1b[2Jb\nc").write_text("x")
    cli.save()
    out = cli("ls", f"latest:{cli.tree}", "-d", key="reader").out
    assert "a\\x1b[2Jb\\nc" in out
    assert "\x1b" not in out


def test_a_restore_brings_back_what_was_saved(cli: Cli) -> None:
    """`restore SNAPSHOT:PATH --target DIR` gives back every file, link, mode and time."""
    cli.save()
    target = cli.base / "restored"
    summary = cli("restore", f"latest:{cli.tree}", "--target", target, "--json", key="reader").summary
    assert picture(target) == picture(cli.tree)
    assert (summary["files"], summary["problems"]) == (4, [])


def test_a_whole_snapshot_comes_back_below_the_target(cli: Cli) -> None:
    """Without a path, everything stands below the target where it stood below the root."""
    cli.save()
    cli("restore", "latest", "--target", cli.base / "all", key="reader")
    assert picture(cli.base / "all" / cli.saved) == picture(cli.tree)


def test_one_file_comes_back(cli: Cli) -> None:
    """A path of one file restores that file into the target."""
    cli.save()
    cli("restore", f"latest:{cli.tree}/letters/a.txt", "--target", cli.base / "one", key="reader")
    assert [path.name for path in (cli.base / "one").iterdir()] == ["a.txt"]


def test_patterns_of_a_restore(cli: Cli) -> None:
    """--include and --exclude say which files come back."""
    cli.save()
    cli(
        "restore",
        f"latest:{cli.tree}",
        "--target",
        cli.base / "some",
        "--include",
        "*.txt",
        "--exclude",
        "b.txt",
        key="reader",
    )
    files = {path.name for path in (cli.base / "some").rglob("*") if path.is_file()}
    assert files == {"a.txt", "été.txt"}


def test_a_target_that_holds_something(cli: Cli) -> None:
    """Nothing is overwritten unless it is said; then a second restore changes what has changed and no more."""
    cli.save()
    target = cli.base / "restored"
    words = ("restore", f"latest:{cli.tree}", "--target", target)
    cli(*words, key="reader")
    assert "--overwrite" in cli(*words, key="reader", code=1).err
    (target / "numbers.bin").write_bytes(b"changed")
    (target / "extra").write_text("extra")
    summary = cli(*words, "--overwrite", "if-changed", "--json", key="reader").summary
    assert (summary["files"], summary["unchanged"], summary["deleted"]) == (4, 3, 0)
    assert (target / "extra").exists()
    cli(*words, "--overwrite", "if-changed", "--delete", "--verify", key="reader")
    assert picture(target) == picture(cli.tree)


def test_a_dry_run_of_a_restore(cli: Cli) -> None:
    """--dry-run names what would be made, and makes nothing."""
    cli.save()
    done = cli("restore", f"latest:{cli.tree}", "--target", cli.base / "none", "--dry-run", key="reader")
    assert "written  letters/a.txt" in done.out
    assert not (cli.base / "none").exists()
    rows = cli("restore", f"latest:{cli.tree}", "--target", cli.base / "none", "--dry-run", "--json", key="reader").rows
    assert {row["what"] for row in rows if row["type"] == "event"} == {"made"}


def test_a_restore_in_place(cli: Cli) -> None:
    """--in-place gives back to where it was what is missing or changed there."""
    cli.save()
    before = picture(cli.tree)
    (cli.tree / "letters" / "a.txt").unlink()
    (cli.tree / "numbers.bin").write_bytes(b"changed")
    cli("restore", f"latest:{cli.tree}", "--in-place", key="reader")
    assert picture(cli.tree) == before


def test_what_cannot_be_restored_ends_with_3(cli: Cli) -> None:
    """A restore that misses something names it, restores the rest, and ends with 3."""
    cli.save()
    target = cli.base / "restored"
    (target / "numbers.bin").mkdir(parents=True)
    done = cli("restore", f"latest:{cli.tree}", "--target", target, "--overwrite", "always", key="reader", code=3)
    assert "numbers.bin" in done.err
    assert (target / "letters" / "a.txt").exists()


def test_no_place_to_restore_to(cli: Cli) -> None:
    """A restore says where to, or is refused."""
    cli.save()
    assert "--target" in cli("restore", "latest", key="reader", code=1).err


@pytest.mark.parametrize("which", ["latest", "tree", "{id}", "{id4}", "tree@{today}", "tree@2999-12-31", "{upper}"])
def test_how_a_snapshot_is_named(cli: Cli, which: str) -> None:
    """latest, the beginning of an id, a source (its latest), and a source at a time all name a snapshot."""
    cli.save()
    cli.save()
    row = cli.snapshots()[-1]
    name = which.format(id=row["id"], id4=row["id"][:12], upper=row["id"][:12].upper(), today=row["time"][:10])
    summary = cli("restore", name, "--target", cli.base / "x", "--dry-run", "--json", key="reader").summary
    assert summary["snapshot"] == row["id"]


@pytest.mark.parametrize(
    ("which", "why"),
    [
        ("nothing", "no snapshot is named nothing"),
        ("abc", "no snapshot is named abc"),
        ("tree@2001-01-01", "tree has no snapshot"),
        ("tree@2001-99-01", "2001-99-01 is no time"),
        ("latest:no/such/path", "no/such/path isn't in snapshot"),
    ],
)
def test_a_snapshot_that_is_not_there(cli: Cli, which: str, why: str) -> None:
    """What names nothing is told in one line, with the command that lists what there is."""
    cli.save()
    done = cli("ls", which, key="reader", code=1)
    assert why in done.err
    assert done.err.count("\n") == 1


def test_an_id_that_may_be_several(cli: Cli) -> None:
    """A source whose name is the beginning of another's id is refused, with those it may be."""
    cli.save()
    id_ = cli.snapshots()[-1]["id"]
    cli.save(source=id_[:6])
    done = cli("ls", id_[:6], key="reader", code=1)
    assert "may be several snapshots" in done.err
    assert cli("ls", id_[:10], key="reader").code == 0


def test_a_damaged_snapshot_hinders_no_other(cli: Cli) -> None:
    """What is damaged is warned of; what is sound is listed and restored."""
    cli.save()
    cli.save(source="other")
    first = min((cli.base / "repository" / "snapshots").rglob("*1"))
    first.write_bytes(first.read_bytes()[:-1] + b"x")
    listed = cli("snapshots", "--json", key="reader", code=1)
    assert first.name in listed.err
    assert cli("restore", "other", "--target", cli.base / "x", key="reader").code == 0


def test_a_pipe_that_is_closed(cli: Cli) -> None:
    """`ls | head` ends without a word on the errors."""
    for number in range(3000):
        (cli.tree / f"a file with a rather long name {number:06}").touch()
    cli.save()
    command = f"{PROGRAM} ls latest | head -n 1; exit ${{PIPESTATUS[0]}}"
    environment = {**cli.environment, "SUITE_BACKUP_KEYFILE": str(cli.key("reader"))}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1


def test_a_save_goes_on_where_nobody_listens(cli: Cli) -> None:
    """A save whose standard output is closed makes its snapshot all the same."""
    environment = {**cli.environment}
    command = f"{PROGRAM} save --source tree {cli.tree} --json | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    closed = subprocess.run(
        ["bash", "-c", f"{PROGRAM} save --source tree {cli.tree} >&- 2>&- <&-"], env=environment, check=False
    )
    assert closed.returncode == 0
    assert len(cli.snapshots()) == 2


def test_names_are_found(cli: Cli) -> None:
    """`find` finds a name in every snapshot, or in those and of the kind that are asked for."""
    cli.save()
    (cli.tree / "letters" / "a.txt").unlink()
    cli.save(source="later")
    rows = cli("find", "a.txt", "b.txt", "--json", key="pruner").array
    assert [(row["source"], row["path"].rpartition("/")[2]) for row in rows] == [
        *(("tree", "a.txt"), ("tree", "b.txt")),
        ("later", "b.txt"),
    ]
    assert len(cli("find", "*.txt", "--snapshot", "later", key="reader").out.splitlines()) == 2
    big = cli("find", "--at-least", "100k", "--type", "file", "--source", "tree", "--json", key="reader").array
    assert [row["size"] for row in big] == [256 * 1024]
    assert cli("find", "A.TXT", key="reader").out == ""
    assert cli("find", "A.TXT", "-i", key="reader").out.count("a.txt") == 1
    assert cli("find", "--before", "2001-01-01", "--type", "file", "--json", key="reader").array == []
    assert "noon" in cli("find", "--since", "noon", key="reader", code=1).err


def test_what_changed(cli: Cli) -> None:
    """`diff` names what was added, removed and changed, and counts it."""
    cli.save()
    (cli.tree / "letters" / "a.txt").unlink()
    (cli.tree / "new.txt").write_text("new")
    (cli.tree / "été.txt").write_text("another text\n")
    (cli.tree / "numbers.bin").chmod(0o600)
    cli.save(source="later")
    words = ("diff", f"tree:{cli.tree}", f"later:{cli.tree}")
    assert cli(*words, key="pruner").out.splitlines()[:3] == ["+  new.txt", "M  été.txt", "-  letters/a.txt"]
    assert "m  numbers.bin" in cli(*words, "--metadata", key="reader").out
    done = cli(*words, "--metadata", "--json", key="reader")
    changes = {row["path"]: row for row in done.rows if row["type"] == "change"}
    assert changes["numbers.bin"]["fields"] == ["mode"]
    assert (changes["été.txt"]["size_before"], changes["été.txt"]["size_after"]) == (10, 13)
    assert done.summary["files"] == {"added": 1, "removed": 1, "content": 1, "metadata": 1, "kind": 0}


def test_a_file_goes_to_a_pipe(cli: Cli) -> None:
    """`dump SNAPSHOT:PATH` writes the file and nothing else."""
    cli.save()
    done = cli("dump", f"latest:{cli.tree}/numbers.bin", "-o", "copy", key="reader")
    assert (cli.base / "copy").read_bytes() == (cli.tree / "numbers.bin").read_bytes()
    assert "copy" in done.out
    assert cli("dump", f"latest:{cli.tree}/été.txt", key="reader").out == "le soleil\n"
    assert "neither" in cli("dump", f"latest:{cli.tree}/link", key="reader", code=1).err
    cli("dump", f"latest:{cli.tree}/numbers.bin", "-o", "copy", key="reader", code=1)


def test_a_file_that_is_not_whole_has_no_name(cli: Cli) -> None:
    """Where a file of a snapshot is damaged, what was written of it is taken away again."""
    (cli.tree / "large").write_bytes(os.urandom(40 << 20))
    cli.save()
    packs = sorted((cli.base / "repository" / "packs").rglob("*"), key=lambda path: path.stat().st_mtime_ns)
    last = [path for path in packs if path.is_file() and path.stat().st_size > 1 << 20][-1]
    raw = bytearray(last.read_bytes())
    raw[len(raw) // 2] ^= 1
    last.write_bytes(raw)
    cli("dump", f"tree:{cli.saved}/large", "-o", "out", key="reader", code=1)
    assert not (cli.base / "out").exists()


def test_a_folder_goes_to_an_archive(cli: Cli) -> None:
    """`dump` of a folder is a tar that tar reads, or a zip that unzip reads."""
    cli.save()
    with cli.start("dump", f"latest:{cli.tree}", key="reader", stdout=subprocess.PIPE) as process:
        (cli.base / "tar").mkdir()
        words = ["tar", "--delay-directory-restore", "-xf", "-", "-C", cli.base / "tar"]
        subprocess.run(words, stdin=process.stdout, check=True)
    assert picture(cli.base / "tar") == picture(cli.tree)
    cli("dump", f"latest:{cli.tree}", "--archive", "zip", "-o", "all.zip", key="reader")
    with zipfile.ZipFile(cli.base / "all.zip") as archive:
        assert archive.read("letters/a.txt") == (cli.tree / "letters" / "a.txt").read_bytes()


def test_a_repository_is_browsed(cli: Cli) -> None:
    """`mount` serves the repository on this machine alone, to who has the password, until it is ended."""
    cli.save()
    with cli.start("mount", "--json", key="reader", stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["url"].startswith("http://127.0.0.1:")
        listing = {"headers": {"Depth": "1"}, "auth": (ready["user"], ready["password"]), "timeout": 10}
        assert httpx.request("PROPFIND", ready["url"], timeout=10).status_code == 401
        assert "/tree/" in httpx.request("PROPFIND", ready["url"], **listing).text
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_restore_of_a_folder_that_is_somebody_elses_link(cli: Cli, tmp_path: Path) -> None:
    """A link in the target is never followed out of it."""
    cli.save()
    outside = tmp_path / "outside"
    outside.mkdir()
    target = cli.base / "restored"
    target.mkdir()
    (target / "letters").symlink_to(outside)
    cli("restore", f"latest:{cli.tree}", "--target", target, "--overwrite", "always", key="reader")
    assert list(outside.iterdir()) == []
