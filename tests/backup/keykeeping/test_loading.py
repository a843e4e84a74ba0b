"""Keys by their names: files, standard input, agents, tokens; and passphrases from where they are kept."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from backup.engine.errors import AlreadyThere, BadKeyfile, KeyRefused, PassphraseNeeded
from backup.engine.format import keyfile
from backup.engine.format.keys import Key
from backup.engine.keykeeping import private_files
from backup.engine.keykeeping.agent import Agent
from backup.engine.keykeeping.loading import Loader
from backup.engine.keykeeping.place import Place
from backup.engine.keykeeping.private_files import read_private, write_private

if TYPE_CHECKING:
    from tests.backup.keykeeping.talking import Serve


def never(prompt: str) -> str:
    raise AssertionError(f"asked for {prompt}")


@pytest.fixture
def path(reader: Key, tmp_path: Path) -> Path:
    write_private(tmp_path / "reader.key", keyfile.dump(reader))
    return tmp_path / "reader.key"


@pytest.fixture
def protected(reader: Key, tmp_path: Path) -> Path:
    write_private(tmp_path / "protected.key", keyfile.dump(reader, "œuf"))
    return tmp_path / "protected.key"


def test_a_file(path: Path, reader: Key) -> None:
    """A path names the key in the file; nobody is asked for a passphrase that it doesn't have."""
    assert Loader({}, ask=never).load(str(path)) == reader


def test_by_the_environment(path: Path, reader: Key) -> None:
    """Without a name the environment names the key; without either that is said."""
    assert Loader({"SUITE_BACKUP_KEYFILE": str(path)}).load() == reader
    with pytest.raises(KeyRefused, match="SUITE_BACKUP_KEYFILE"):
        Loader({}).load()


def test_standard_input(reader: Key, protected: Path) -> None:
    """`-` reads the key from standard input, protected or not."""
    assert Loader({}, stdin=io.StringIO(keyfile.dump(reader))).load("-") == reader
    from_input = Loader({}, ask=lambda prompt: "œuf", stdin=io.StringIO(protected.read_text()))
    assert from_input.load("-") == reader
    with pytest.raises(KeyRefused):
        Loader({}).load("-")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_a_file_that_others_reach_is_refused(path: Path, reader: Key, mode: int) -> None:
    """A keyfile that is not for its owner alone is refused, unless asked otherwise, as with ssh."""
    path.chmod(mode)
    with pytest.raises(KeyRefused, match=f"mode {mode:04o}.: chmod 600"):
        Loader({}).load(str(path))
    assert Loader({}, lenient=True).load(str(path)) == reader


def test_a_file_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyfile that another user owns, who could change it at any time, is refused; root's is not."""
    mine = path.stat().st_uid
    monkeypatch.setattr(private_files.os, "geteuid", lambda: mine + 1)
    if mine == 0:
        assert read_private(path)
        os.chown(path, 54321, -1)
    with pytest.raises(KeyRefused, match="owner"):
        read_private(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\0", b"-----BEGIN SUITE BACKUP KEY-----\n\n"])
def test_no_keyfile(tmp_path: Path, content: bytes) -> None:
    """What is no keyfile, is missing or is a folder is refused in words."""
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    for name in ("key", "missing", "."):
        with pytest.raises((BadKeyfile, KeyRefused)):
            Loader({}).load(str(tmp_path / name))


def test_a_person_may_mistype(protected: Path, reader: Key) -> None:
    """A person is asked three times at most, for the passphrase of this file."""
    said = ["eof", "", "œuf", "never"]
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return said[len(asked) - 1]

    assert Loader({}, ask=ask).load(str(protected)) == reader
    assert asked == [f"passphrase of {protected}"] * 3
    asked.clear()
    said[2] = "no"
    with pytest.raises(PassphraseNeeded):
        Loader({}, ask=ask).load(str(protected))
    assert len(asked) == 3
    with pytest.raises(PassphraseNeeded, match="SUITE_BACKUP_PASSPHRASE_FILE"):
        Loader({}).load(str(protected))


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_passphrase_in_a_file(protected: Path, reader: Key, tmp_path: Path, ending: str) -> None:
    """A file may hold the passphrase, with or without an end of line; it is read under the rules of keyfiles."""
    write_private(tmp_path / "word", "œuf" + ending)
    loader = Loader({"SUITE_BACKUP_PASSPHRASE_FILE": str(tmp_path / "word")}, ask=never)
    assert loader.load(str(protected)) == reader
    (tmp_path / "word").chmod(0o644)
    with pytest.raises(KeyRefused, match="chmod 600"):
        loader.load(str(protected))
    write_private(tmp_path / "wrong", "eof")
    with pytest.raises(PassphraseNeeded, match="wrong"):
        Loader({"SUITE_BACKUP_PASSPHRASE_FILE": str(tmp_path / "wrong")}, ask=never).load(str(protected))


def test_a_passphrase_from_a_command(protected: Path, reader: Key, tmp_path: Path) -> None:
    """A command may print the passphrase; it is started by no shell, and its failure is said."""
    word = tmp_path / "my word"
    word.write_text("œuf\n")

    def by(command: str) -> Key:
        return Loader({"SUITE_BACKUP_PASSPHRASE_COMMAND": command}, ask=never).load(str(protected))

    assert by(f"cat '{word}'") == reader
    for command in ("false", "/nowhere/at/all", "echo 'unclosed", f"cat '{word}' | cat", "true"):
        with pytest.raises(PassphraseNeeded):
            by(command)


def test_an_agent(reader: Key, writer: Key, serve: Serve) -> None:
    """`agent:` with a socket, and a key's id where it holds several, or with the environment's socket."""
    agent = Agent()
    agent.add(reader)
    with serve(agent) as path:
        for name, environment in ((f"agent:{path}", {}), ("agent:", {"SUITE_BACKUP_AGENT": str(path)})):
            away = Loader(environment).load(name)
            assert away.key_id == reader.key_id
            away.holder.close()  # type: ignore[attr-defined]
        agent.add(writer)
        away = Loader({}).load(f"agent:{path}#{writer.key_id.hex()[:6]}")
        assert away.key_id == writer.key_id
        away.holder.close()  # type: ignore[attr-defined]
    with pytest.raises(KeyRefused, match="SUITE_BACKUP_AGENT"):
        Loader({}).load("agent:")


def test_a_token_by_its_uri(tmp_path: Path) -> None:
    """A PKCS#11 URI names token, object, library and the file of the PIN; what lacks is said."""
    write_private(tmp_path / "pin", "1234\n")
    uri = f"pkcs11:token=my%20token;object=backup%3Breader?module-path=/usr/lib/x.so&pin-source=file:{tmp_path}/pin"
    place = Place.parse(uri)
    assert place == Place("/usr/lib/x.so", "my token", "backup;reader", f"{tmp_path}/pin")
    assert place.pin(never) == "1234"
    assert Place.parse("pkcs11:token=t;object=o", "/lib.so") == Place("/lib.so", "t", "o")
    assert Place.parse("pkcs11:token=t;object=o", "/lib.so").pin(lambda prompt: prompt) == "PIN of the token t"
    for lacking in ("pkcs11:", "pkcs11:token=t", "pkcs11:object=o?module-path=/x", "pkcs11:token=t;object=o"):
        with pytest.raises(KeyRefused, match="name token, object and module"):
            Loader({}).load(lacking)
    with pytest.raises(KeyRefused, match="the token says"):
        Loader({"SUITE_BACKUP_PKCS11_MODULE": "/nowhere.so"}).load("pkcs11:token=t;object=o")


def test_a_keyfile_is_written_once(tmp_path: Path) -> None:
    """A file is written for its owner alone whatever the umask, and never over another, not through a link either."""
    before = os.umask(0)
    try:
        write_private(tmp_path / "new", "text")
    finally:
        os.umask(before)
    assert (tmp_path / "new").read_text() == "text"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for name in ("new", "link"):
        with pytest.raises(AlreadyThere):
            write_private(tmp_path / name, "other")
    assert (tmp_path / "new").read_text() == "text"
    assert not (tmp_path / "target").exists()


def test_a_keyfile_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full, nothing stays behind."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(tmp_path / "new", "text")
    assert list(tmp_path.iterdir()) == []
