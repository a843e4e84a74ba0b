"""Repositories that are kept for ever, and a second reader that was written from FORMAT.md alone."""

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backup.engine.checking.check import check
from backup.engine.checking.sample import Everything
from backup.engine.format import acts, keyfile, layout
from backup.engine.format.keys import Key, Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.restoring.restore import restore
from backup.engine.stores.local import LocalStore
from tests.backup import make_examples, make_vectors
from tests.backup import reader as second
from tests.backup.conftest import Vault
from tests.backup.make_examples import NOW, SECOND, counting, picture

EXAMPLES = json.loads(make_vectors.PATH.read_text())["repositories"]


def raw(text: str) -> bytes:
    return base64.b64decode(text)


def lay_out(what: dict[str, Any], folder: Path) -> Path:
    """A repository of the vectors in a folder, with the times at which it was received."""
    for name, (received, content) in what["objects"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw(content))
        os.utime(folder / name, ns=(received * SECOND, received * SECOND))
    return folder


@pytest.fixture(params=list(EXAMPLES))
def example(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[dict[str, Any], Path]:
    what = EXAMPLES[request.param]
    return what, lay_out(what, tmp_path / "example")


def ways(what: dict[str, Any]) -> list[tuple[str, str]]:
    """The keyfiles that open all of an example, and their passphrases."""
    return [(what["reader"], ""), (what["master"], ""), (what["protected"]["keyfile"], what["protected"]["passphrase"])]


def test_the_examples_stay_readable(example: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    """Repositories made by the first release are sound and restore, with the keys as they were kept then."""
    what, folder = example
    for number, (text, passphrase) in enumerate(ways(what)):
        repository = Repository.open(LocalStore(folder), keyfile.load(text, passphrase))
        assert counting(repository) == what["snapshots"]
        newest = repository.snapshot(bytes.fromhex(what["snapshots"][-1]))
        target = tmp_path / f"out {number}"
        assert restore(Catalogue(repository, newest), target).problems == ()
        assert picture(target) == what["files"]


def test_the_examples_are_sound(example: tuple[dict[str, Any], Path]) -> None:
    """A full check finds nothing but the snapshot of a revoked key, which doesn't count."""
    what, folder = example
    report = check(Repository.open(LocalStore(folder), keyfile.load(what["reader"])), Everything(), clock=lambda: NOW)
    assert [problem.object for problem in report.problems] == ([what["revoked"]] if "revoked" in what else [])


def test_what_the_examples_hold() -> None:
    """Together they hold what a reader must know: both suites, epochs, joined packs, moved indexes, gaps, isolation."""
    eventful = {name: raw(content) for name, (_, content) in EXAMPLES["eventful"]["objects"].items()}
    joined = [int.from_bytes(whole[104:106], "little") for name, whole in eventful.items() if name.startswith("packs")]
    assert max(joined) > 1
    assert {whole[6] for name, whole in eventful.items() if name.startswith("packs")} == {0, 1}
    assert any(b"moved" in whole for name, whole in eventful.items() if name.startswith("acts"))
    assert min(int(name[-16:], 16) for name in eventful if name.startswith("snapshots")) == 1
    writers = {name.split("/")[1] for name in eventful if name.startswith("snapshots")}
    assert any(f"snapshots/{writer}/{1:016x}" not in eventful for writer in writers)
    suites = {raw(content)[5] for one in EXAMPLES.values() for _, content in one["objects"].values()}
    assert suites == {1, 2}
    nodes = {one[0][:2] for one in EXAMPLES["eventful"]["files"].values()}
    assert nodes == {"10", "40", "li"}


def test_second_reader_on_the_examples(example: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    """The reader written from FORMAT.md alone finds the same snapshots and restores the same files."""
    what, folder = example
    for number, (text, passphrase) in enumerate(ways(what)):
        reader = second.Reader(folder, text, passphrase)
        found = reader.snapshots()
        assert [one["id"].hex() for one in found] == what["snapshots"]
        for snapshot in found:
            reader.load(snapshot)
            reader.restore(snapshot["root"], snapshot.get("p", 0), tmp_path / f"{number} {snapshot['id'].hex()}", {})
        assert picture(tmp_path / f"{number} {what['snapshots'][-1]}") == what["files"]


def test_both_readers_agree_on_every_snapshot(example: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    """Of every snapshot of the examples, not only the newest, both readers restore the same."""
    what, folder = example
    repository, reader = (
        Repository.open(LocalStore(folder), keyfile.load(what["reader"])),
        second.Reader(folder, what["reader"]),
    )
    for snapshot in reader.snapshots():
        name = snapshot["id"].hex()
        reader.load(snapshot)
        reader.restore(snapshot["root"], snapshot.get("p", 0), tmp_path / f"theirs {name}", {})
        ours = restore(Catalogue(repository, repository.snapshot(snapshot["id"])), tmp_path / f"ours {name}")
        assert ours.problems == ()
        assert picture(tmp_path / f"ours {name}") == picture(tmp_path / f"theirs {name}")


def test_an_old_key_and_the_second_reader(tmp_path: Path) -> None:
    """With a key of the first epoch the second reader opens what is of that epoch, and nothing newer."""
    what = EXAMPLES["eventful"]
    reader = second.Reader(lay_out(what, tmp_path), what["old reader"])
    with pytest.raises(KeyError, match="log 1"):
        reader.snapshots()
    [newest] = [path for path in tmp_path.glob("snapshots/*/*") if path.read_bytes()[6] == 1]
    newest.unlink()
    assert [one["id"].hex() for one in reader.snapshots()] == what["snapshots"][:-1]


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("suite", layout.SUITES)
def test_second_reader_on_a_new_repository(tmp_path: Path, suite: int, isolated: bool) -> None:
    """It restores what is written today as well, small and large, with a reader's and with the master's keyfile."""
    vault = Vault(tmp_path, suite=suite, isolated=isolated)
    chance = random.Random(8)
    for number in range(30):
        path = vault.source / f"{number % 3}" / f"n {number}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(chance.randbytes(chance.randrange(5000)) + bytes(2000))
    (vault.source / "large").write_bytes(chance.randbytes(20 << 20))
    (vault.source / "link").symlink_to("large")
    vault.save()
    vault.opened(vault.master).rekey(now=2)
    (vault.source / "newer").write_text("of a new epoch")
    vault.save()
    for name, key in (("reader", vault.derive(Role.READER)), ("master", vault.master)):
        (tmp_path / f"{name}.key").write_text(keyfile.dump(key))
        command = [sys.executable, second.__file__, vault.store.folder, tmp_path / f"{name}.key", tmp_path / name]
        subprocess.run(command, check=True)
        assert picture(tmp_path / name) == picture(vault.source)


def test_second_reader_follows_what_is_said(vault: Vault) -> None:
    """It leaves out what is forgotten, not what is held or recalled, and listens only to keys that may say so."""
    saved = [vault.save(note) for note in notes(vault, 4)]
    ids = [one.snapshot for one in saved]

    def seen() -> list[bytes]:
        return [one["id"] for one in second.Reader(vault.store.folder, keyfile.dump(vault.reader)).snapshots()]

    assert seen() == ids
    pruner = vault.opened(vault.pruner)
    make_examples.forget.forget(pruner, map(pruner.snapshot, ids[:3]), now=1)
    assert seen() == ids[3:] == [one.id for one in vault.as_reader().snapshots()]
    make_examples.forget.hold(vault.as_reader(), [pruner.snapshot(ids[1])], now=1)
    make_examples.forget.recall(pruner, [pruner.snapshot(ids[2])], now=1)
    assert seen() == ids[1:] == [one.id for one in vault.as_reader().snapshots()]
    make_examples.forget.release(pruner, [pruner.snapshot(ids[1])], now=1)
    assert seen() == ids[2:] == [one.id for one in vault.as_reader().snapshots()]
    forged = acts.Said(forget=((vault.writer.key_id, 4, ids[3]),))
    write_as(vault, vault.lister, forged)
    assert seen() == ids[2:]


def notes(vault: Vault, count: int) -> Any:
    for number in range(count):
        (vault.source / "note").write_text(str(number))
        yield None


def write_as(vault: Vault, key: Key, said: acts.Said) -> None:
    """An act as a key would write it that keeps to no rule."""
    allowed: Callable[..., list[str]] = acts.overstepped
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acts, "overstepped", lambda role, clear, said: [])
        whole = acts.write(vault.opened(key).config, key, 1, bytes(32), acts.Clear(), said)
    assert acts.overstepped is allowed
    vault.store.create(layout.act_name(key.key_id, 1), [whole])


def test_second_reader_is_short() -> None:
    """The format is simple enough for a reader of two hundred lines that uses nothing of ours."""
    text = Path(second.__file__).read_text()
    assert len(text.splitlines()) <= 200
    assert "import backup" not in text
    assert "from backup." not in text
    assert "cryptography" not in text
