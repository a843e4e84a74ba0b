"""`init` and `key`: who makes keys, what they are, and who can read them."""

from __future__ import annotations

import os
import pty
import select
import stat
from pathlib import Path

import pytest

from backup.engine.agent import holding
from backup.engine.format import keyfile, snapshots
from backup.engine.format.snapshots import Counts, Effort, Taken
from backup.engine.repository import Repository
from backup.engine.stores.local import LocalStore
from tests.backup.cli.conftest import ROLES, Cli


def test_init_makes_a_repository_and_its_master_key(tmp_path: Path) -> None:
    """`init URL --master FILE` makes both, and says what to do next."""
    cli = Cli(tmp_path)
    done = cli("init", tmp_path / "repository", "--master", cli.key("master"))
    assert str(cli.key("master")) in done.out
    assert "key derive" in done.out
    assert (tmp_path / "repository" / "config" / "00000001").exists()


def test_init_takes_the_address_from_the_environment(tmp_path: Path) -> None:
    """Without an address, the repository is made where SUITE_BACKUP_REPOSITORY says."""
    cli = Cli(tmp_path)
    summary = cli("init", "--master", cli.key("master"), "--json").summary
    assert summary["url"] == str(tmp_path / "repository")
    assert summary["role"] == "master"
    assert len(summary["control"]) == 9


def test_init_refuses_a_folder_that_holds_something(cli: Cli) -> None:
    """No repository is made where one is, and no key is left behind."""
    done = cli("init", cli.base / "repository", "--master", cli.key("other"), code=1)
    assert done.err.count("\n") == 1
    assert not cli.key("other").exists()


def test_a_keyfile_is_for_its_owner_alone(cli: Cli) -> None:
    """Keyfiles are made with mode 600."""
    modes = {role: stat.S_IMODE(cli.key(role).stat().st_mode) for role in ("master", *ROLES)}
    assert modes == dict.fromkeys(modes, 0o600)


def test_a_keyfile_that_others_can_read_is_refused(cli: Cli) -> None:
    """A key that others can read is refused, with the command that mends it."""
    cli.key("writer").chmod(0o644)
    done = cli("save", "--source", "tree", cli.tree, code=1)
    assert f"chmod 600 {cli.key('writer')}" in done.err


def test_no_keyfile_is_overwritten(cli: Cli) -> None:
    """What is there stays, and nobody is let in for nothing."""
    before = cli.key("writer").read_text()
    known = len(cli("key", "list", "--json").array)
    cli("key", "derive", "--master", cli.key("master"), "--type", "reader", "-o", cli.key("writer"), code=1)
    assert cli.key("writer").read_text() == before
    assert len(cli("key", "list", "--json").array) == known


def test_only_the_master_derives(cli: Cli) -> None:
    """A derived key makes no other."""
    done = cli("key", "derive", "--master", cli.key("reader"), "--type", "writer", "-o", cli.key("new"), code=1)
    assert "master" in done.err
    assert not cli.key("new").exists()


def test_a_key_goes_to_standard_output(cli: Cli) -> None:
    """`-o -` writes the key to where it is piped, and nothing else."""
    done = cli("key", "derive", "--master", cli.key("master"), "--type", "lister", "-o", "-")
    assert done.out.startswith("-----BEGIN SUITE BACKUP KEY-----")
    assert done.out.endswith("-----END SUITE BACKUP KEY-----\n")


@pytest.mark.parametrize("role", ["master", *ROLES])
def test_show_says_what_a_key_is(cli: Cli, role: str) -> None:
    """`key show` tells type, number, repository and control code, and nothing that is secret."""
    text = cli.key(role).read_text()
    summary = cli("key", "show", cli.key(role), "--json").summary
    assert summary["role"] == role
    assert f"Control: {summary['control']}" in text
    assert f"Key: {summary['key']}" in text
    assert summary["master"] == holding.mark(keyfile.load(text).master)
    shown = cli("key", "show", cli.key(role)).out
    assert f"{role} key" in shown
    assert str(summary["master"]) in shown
    assert not any(line in shown for line in text.splitlines() if len(line) == 64)


def test_list_names_every_key(cli: Cli) -> None:
    """`key list` names those who were let in, whatever key asks."""
    rows = cli("key", "list", "--json", key="lister").array
    assert [row["role"] for row in rows] == list(ROLES)
    table = cli("key", "list").out
    assert all(row["key"][:12] in table for row in rows)


def test_a_revoked_key_saves_nothing_more(cli: Cli) -> None:
    """After `key revoke` what a writer had saved counts, and what it saves doesn't."""
    cli.save()
    number = cli("key", "show", cli.key("writer"), "--json").summary["key"]
    summary = cli("key", "revoke", number[:8], "--master", cli.key("master"), "--json").summary
    assert summary["last"] == 1
    assert "revoked" in cli("save", "--source", "tree", cli.tree, code=1).err
    assert len(cli.snapshots()) == 1
    assert [row["role"] for row in cli("key", "list", "--json").array if row["revoked"]] == ["writer"]


def test_a_stolen_key_cannot_outlast_its_revocation(cli: Cli) -> None:
    """Neither rubbish nor a signature under a high number makes what comes later count."""
    cli.save()
    words = ("key", "revoke", "--master", cli.key("master"), "--json")
    key = keyfile.load(cli.key("writer").read_text())
    folder = cli.base / "repository" / "snapshots" / key.key_id.hex()
    (folder / f"{(1 << 64) - 1:016x}").write_bytes(b"rubbish")
    repository = Repository.open(LocalStore(cli.base / "repository"), key)
    taken = Taken("tree", "", (), (), 1, 1, b"", 0, (), Counts(), Effort(), {})
    far = snapshots.write(repository.config, key, 1 << 40, bytes(32), taken)
    (folder / f"{1 << 40:016x}").write_bytes(far)
    assert "after number 1 and goes on to 1099511627776" in cli(*words, key.key_id.hex(), code=1).err
    assert [row["revoked"] for row in cli("key", "list", "--json").array if row["role"] == "writer"] == [None]
    (folder / f"{1 << 40:016x}").unlink()
    assert cli(*words, key.key_id.hex()).summary["last"] == 1


def test_an_act_of_a_key_is_its_last(cli: Cli) -> None:
    """A key that saves nothing is revoked after its last act."""
    cli.save()
    cli("hold", "tree", key="lister")
    number = cli("key", "show", cli.key("lister"), "--json").summary["key"]
    assert cli("key", "revoke", number, "--master", cli.key("master"), "--json").summary["last"] == 1
    assert cli.snapshots()[0]["held"]


def test_a_keyfile_behind_a_link_is_protected(cli: Cli) -> None:
    """A new passphrase is put on the file itself: none without one is left behind a link."""
    words = cli.base / "words"
    words.write_text("correct horse battery\n")
    words.chmod(0o600)
    link = cli.base / "link.key"
    link.symlink_to(cli.key("reader"))
    cli("key", "passphrase", link, "--protect-file", words)
    assert link.is_symlink()
    assert "Passphrase: yes" in cli.key("reader").read_text()


def test_a_passphrase_is_set_changed_and_taken_away(cli: Cli) -> None:
    """`key passphrase` wraps a keyfile; it opens with the passphrase from a file or the environment alone."""
    one, two = cli.base / "one", cli.base / "two"
    for path, words in ((one, "correct horse battery"), (two, "staple of another kind")):
        path.write_text(words + "\n")
        path.chmod(0o600)
    cli("key", "passphrase", cli.key("reader"), "--protect-file", one)
    assert cli("snapshots", key="reader", code=1).err.count("\n") == 1
    assert cli("snapshots", "--json", "--passphrase-file", one, key="reader").array == []
    assert cli("snapshots", "--json", key="reader", env={"SUITE_BACKUP_PASSPHRASE_FILE": str(one)}).array == []
    cli("key", "passphrase", cli.key("reader"), "--passphrase-file", one, "--protect-file", two)
    cli("snapshots", "--passphrase-file", one, key="reader", code=1)
    cli("key", "passphrase", cli.key("reader"), "--passphrase-file", two, "--remove")
    assert cli("snapshots", "--json", key="reader").array == []
    assert stat.S_IMODE(cli.key("reader").stat().st_mode) == 0o600


def test_a_passphrase_is_asked_for_at_a_terminal(cli: Cli) -> None:
    """Where there is a terminal, a new passphrase is asked for twice, and an unlocked key's once, unseen."""
    words = b"correct horse battery\n"
    first = at_a_terminal(cli, ("key", "passphrase", cli.key("reader")), [words, words])
    assert "correct" not in first
    assert "opens with the new passphrase only" in first
    assert "Snapshot" in at_a_terminal(cli, ("snapshots", "-k", cli.key("reader")), [words])


def at_a_terminal(cli: Cli, words: tuple[str | Path, ...], answers: list[bytes]) -> str:
    """Run a command at a terminal of its own, answering each question: what stands there in the end."""
    above, below = pty.openpty()
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), below)
    shown = b""
    with cli.start(*words, before=["setsid", "--ctty", "--wait"], **streams) as process:
        os.close(below)
        while select.select([above], [], [], 30)[0]:
            try:
                shown += os.read(above, 65536)
            except OSError:  # the other end is closed
                break
            if shown.endswith(b": ") and answers:
                os.write(above, answers.pop(0))
    os.close(above)
    assert process.returncode == 0, shown
    return shown.decode()


def test_a_short_passphrase_is_refused(cli: Cli) -> None:
    """A passphrase of less than eight characters protects nothing."""
    words = cli.base / "words"
    words.write_text("short\n")
    words.chmod(0o600)
    before = cli.key("reader").read_text()
    assert "8" in cli("key", "passphrase", cli.key("reader"), "--protect-file", words, code=1).err
    assert cli.key("reader").read_text() == before


def test_an_isolated_repository_with_the_other_cipher(tmp_path: Path) -> None:
    """`--isolated` and `--cipher chacha` make a repository that saves and lists as any other."""
    cli = Cli(tmp_path)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_text("text")
    cli("init", "--master", cli.key("master"), "--isolated", "--cipher", "chacha")
    for role in ("writer", "reader"):
        cli("key", "derive", "--master", cli.key("master"), "--type", role, "-o", cli.key(role))
    cli.save()
    assert [row["files"] for row in cli.snapshots()] == [1]
