"""Nobody changes a repository unseen: real saves in a real folder, changed by the storage, a thief or chance."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from backup.engine.checking.check import check
from backup.engine.checking.report import Report
from backup.engine.checking.sample import EVERYTHING
from backup.engine.errors import BackupError, Damaged
from backup.engine.format import chain, layout
from backup.engine.format.keys import Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring.restore import restore
from tests.backup.conftest import Vault, picture


@pytest.fixture
def saved(vault: Vault) -> Vault:
    """Two snapshots of a few files, one of them of several pieces."""
    chance = random.Random(1)
    for number in range(6):
        (vault.source / f"file {number}").write_bytes(chance.randbytes(300))
    (vault.source / "large").write_bytes(chance.randbytes(2 << 20))
    (vault.source / "cellar").mkdir()
    (vault.source / "cellar" / "note").write_text("hello " * 50)
    vault.save()
    (vault.source / "cellar" / "note").write_text("goodbye " * 50)
    vault.save()
    return vault


def full(vault: Vault) -> Report:
    return check(vault.as_reader(), EVERYTHING, clock=vault.clock)


@pytest.mark.parametrize("kind", ["packs", "index", "snapshots", "keys", "config"])
@pytest.mark.parametrize("damage", ["truncated", "emptied", "removed", "doubled"])
def test_damaged_objects_are_found(saved: Vault, kind: str, damage: str) -> None:
    """An object that is cut, emptied, gone or grown is found; only the badge of an idle key isn't missed."""
    seen = full(saved).seen
    for path in saved.objects(kind):
        original = path.read_bytes()
        if damage == "removed":
            path.unlink()
        else:
            path.write_bytes({"truncated": original[:-1], "emptied": b"", "doubled": original * 2}[damage])
        try:
            found: object = check(saved.as_reader(), EVERYTHING, clock=saved.clock, expected=seen).problems
        except BackupError as error:
            found = error
        is_unused = kind == "keys" and damage == "removed" and path.name != saved.writer.key_id.hex()
        assert found or is_unused, path
        path.write_bytes(original)
    assert full(saved).sound


@pytest.mark.parametrize("kind", ["packs", "index", "snapshots"])
def test_nothing_false_is_restored(saved: Vault, kind: str) -> None:
    """Of two objects that exchange their names each is found, and what is restored all the same is what was saved."""
    was = {name: content for name, (_, _, content) in picture(saved.source).items()}
    first, second, *_ = saved.objects(kind)
    first.rename(saved.base / "swap")
    second.rename(first)
    (saved.base / "swap").rename(second)
    report = full(saved)
    assert report.problems
    repository = saved.as_reader()
    history = repository.history()
    for snapshot in repository.examine(history):
        if isinstance(snapshot, Damaged):
            continue
        target = saved.base / f"out-{snapshot.head.sequence}"
        result = restore(Catalogue(repository, snapshot, history), target)
        contents = {name: content for name, (_, _, content) in picture(target).items()}
        expected = was | ({b"/cellar/note": b"hello " * 50} if snapshot.head.sequence == 1 else {})
        assert contents.items() <= expected.items()
        assert result.problems or contents == expected


def test_a_replayed_snapshot(saved: Vault) -> None:
    """An old snapshot can't stand in for a newer one, under its name or under a new one."""
    first, second = saved.objects("snapshots")
    (second.parent / f"{3:016x}").write_bytes(first.read_bytes())
    assert any("name that isn't its own" in one.why for one in full(saved).problems)
    second.write_bytes(first.read_bytes())
    assert any("name that isn't its own" in one.why for one in full(saved).problems)


def test_a_whole_folder_put_back(saved: Vault) -> None:
    """A repository put back as a whole to what it was yesterday is found by who remembers what he saw today."""
    yesterday = saved.base / "yesterday"
    shutil.copytree(saved.store.folder, yesterday)
    saved.save()
    seen = full(saved).seen
    shutil.rmtree(saved.store.folder)
    yesterday.rename(saved.store.folder)
    assert full(saved).sound, "by itself it is what it was"
    report = check(saved.as_reader(), EVERYTHING, clock=saved.clock, expected=seen)
    assert [one.why for one in report.problems] == ["is gone, though it was there before"]


def test_nobody_adopts_what_another_sealed(saved: Vault) -> None:
    """A snapshot's sealed body opens only under the head it was sealed for: no writer signs another's as his own."""
    thief = saved.derive(Role.WRITER)
    raw = saved.objects("snapshots")[0].read_bytes()
    head = raw[: layout.SIZE] + thief.key_id + raw[layout.SIZE + 16 : chain.HEAD]
    saved.store.create(layout.snapshot_name(thief.key_id, 1), [thief.signed(head + raw[chain.HEAD : -64])])
    report = full(saved)
    assert report.snapshots == 2
    assert [one.why for one in report.problems] == ["the sealed snapshot doesn't open"]


@pytest.mark.parametrize("name", ["file 3", "large"])
def test_damage_names_the_files(saved: Vault, name: str) -> None:
    """A check names the files that can't be restored, a restore leaves out exactly these, and the rest comes back."""
    catalogue = saved.catalogue()
    ids = list(catalogue.ids(catalogue.find(name.encode())))
    pack, entry = catalogue.places(ids[-1])[0]
    path = saved.store.folder / layout.pack_name(pack)
    raw = bytearray(path.read_bytes())
    raw[entry.offset + 5] ^= 1
    path.write_bytes(raw)
    report = full(saved)
    assert [touched for _, touched in report.files()] == [name, name], "it is in both snapshots"
    target, restored = saved.restore()
    assert len(restored.problems) == 1
    was = picture(saved.source)
    was.pop(b"/" + name.encode())
    assert {path: content for path, (_, _, content) in picture(target).items()} == {
        path: content for path, (_, _, content) in was.items()
    }


def test_all_packs_lost(saved: Vault) -> None:
    """What was lost is uploaded again by the next save, which then restores whole; the older ones are named."""
    for path in saved.objects("packs"):
        path.unlink()
    assert {path for _, path in full(saved).files()} == {"/"}
    third = saved.save()
    target, restored = saved.restore(third)
    assert all("gone" in one for one in restored.problems)
    assert picture(target) == picture(saved.source)
    assert full(saved).whole == (third.snapshot.hex(),)


def test_nothing_stands_in_clear(saved: Vault) -> None:
    """No name and no content of a file stands anywhere in the repository or in what the writer remembers."""
    kept = b"".join(path.read_bytes() for path in saved.objects())
    assert os.fsencode(saved.source) not in kept
    kept += b"".join(path.read_bytes() for path in (saved.base / "state").iterdir())
    for secret in (b"file 1", b"cellar", b"note", b"goodbye", b"hello"):
        assert secret not in kept


def test_another_repository_s_objects(saved: Vault, new_vault: Callable[[], Vault]) -> None:
    """Objects brought over from another repository are told as foreign, and change nothing."""
    other = new_vault()
    (other.source / "x").write_text("other")
    other.save()
    for path in other.objects():
        target = saved.store.folder / path.relative_to(other.store.folder)
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)
    report = full(saved)
    assert len(report.whole) == 2
    assert sum(one.why == "belongs to another repository" for one in report.problems) > 5


def test_names_that_nobody_knows(saved: Vault) -> None:
    """Files that no object is called by are left alone."""
    for name in ("packs/readme.txt", "snapshots/.DS_Store", "lost+found"):
        path = Path(saved.store.folder / name)
        path.write_bytes(b"strange")
    assert full(saved).sound
