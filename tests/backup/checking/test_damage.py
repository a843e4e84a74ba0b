"""A hundred accidents: each is found, the files named are exactly those that don't come back, the others come back."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from backup.engine.checking.report import Kind, Report
from backup.engine.errors import BackupError, Damaged
from backup.engine.format import layout
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.history import say
from tests.backup.checking.conftest import Place
from tests.backup.checking.hand import Hand

Objects = dict[str, bytes]
Files = dict[tuple[str, str], bytes]


def files(chance: random.Random, count: int) -> dict[str, Any]:
    """A tree with folders in folders, files of one piece and of several."""
    tree: dict[str, Any] = {"folder": {"deep": {}}, "large": [chance.randbytes(900) for _ in range(5)]}
    for number in range(count):
        folder = (tree, tree["folder"], tree["folder"]["deep"])[number % 3]
        folder[f"file {number}"] = chance.randbytes(chance.randrange(200))
    return tree


def grow(hand: Hand, chance: random.Random) -> None:
    """Four snapshots; each takes most of its files from the packs of the one before, as a save does."""
    tree = files(chance, 24)
    indexes: list[bytes] = []
    known: set[tuple[int, bytes]] = set()
    for _ in range(4):
        data: list[Any] = []
        meta: list[Any] = []
        root = hand.tree(tree, data, meta)
        fresh = [[one for one in some if (one.type, one.content) not in known] for some in (data, meta)]
        known.update((one.type, one.content) for some in fresh for one in some)
        packs = [hand.pack(*dict.fromkeys(some[at : at + 6])) for some in fresh for at in range(0, len(some), 6)]
        indexes.append(hand.index(packs))
        hand.announce(root, indexes)
        tree["folder"][f"file {chance.randrange(24)}"] = chance.randbytes(150)
        tree["folder"]["deep"]["new"] = chance.randbytes(90)


@pytest.fixture(scope="module")
def grown() -> Place:
    """Two writers, with acts, a manifest and two configs besides."""
    place, chance = Place(), random.Random(5)
    grow(place.hand(), chance)
    grow(place.another(), chance)
    for number in range(3):
        repository = place.open(Role.PRUNER)
        said = Said(time=number, why="nothing")
        say(place.store, repository.config, repository.key, repository.history(), Clear(), said)
    place.open(Role.VERIFIER).publish(layout.EVERYBODY, [])
    place.rekey()
    return place


def flip(objects: Objects, name: str, chance: random.Random) -> None:
    at = chance.randrange(len(objects[name]))
    objects[name] = objects[name][:at] + bytes([objects[name][at] ^ 1 << chance.randrange(8)]) + objects[name][at + 1 :]


def truncate(objects: Objects, name: str, chance: random.Random) -> None:
    objects[name] = objects[name][: chance.randrange(1, len(objects[name]))]


def empty(objects: Objects, name: str, _chance: random.Random) -> None:
    objects[name] = b""


def extend(objects: Objects, name: str, chance: random.Random) -> None:
    objects[name] += chance.randbytes(chance.randrange(1, 40))


def delete(objects: Objects, name: str, _chance: random.Random) -> None:
    del objects[name]


def swap(objects: Objects, name: str, chance: random.Random) -> None:
    other = chance.choice([one for one in objects if one != name])
    objects[name], objects[other] = objects[other], objects[name]


def replay(objects: Objects, name: str, chance: random.Random) -> None:
    """Another object of the same kind is put in its place."""
    folder = name.partition("/")[0]
    others = [one for one in objects if one.startswith(folder + "/") and one != name]
    objects[name] = objects[chance.choice(others)] if others else b"\0" * len(objects[name])


def rename(objects: Objects, name: str, chance: random.Random) -> None:
    """It stands under a name that nobody gave it."""
    folder, _, last = name.rpartition("/")
    new = f"{chance.getrandbits(4 * len(last)):0{len(last)}x}"
    if folder.startswith("packs"):
        folder = f"packs/{new[:2]}"
    objects[f"{folder}/{new}"] = objects.pop(name)


ACCIDENTS = [flip, truncate, empty, extend, delete, swap, replay, rename]


@pytest.mark.parametrize("seed", range(13))
@pytest.mark.parametrize("accident", ACCIDENTS, ids=lambda accident: accident.__name__)
def test_accident(grown: Place, accident: Callable[..., None], seed: int) -> None:
    """An object that was changed, cut, emptied, extended, deleted, swapped, replayed or renamed is found and told."""
    whole = dict(grown.store.objects)
    before = grown.restorable()
    seen = grown.check().seen
    chance = random.Random(f"{accident.__name__} {seed}")
    folders = ("packs", "packs", "packs", "packs", "index", "snapshots", "acts", "keys", "config", "manifests")
    folder = folders[seed % len(folders)]
    name = chance.choice([one for one in whole if one.startswith(folder + "/")])
    accident(grown.store.objects, name, chance)
    try:
        report = grown.check(expected=seen)
    except BackupError as error:
        assert folder == "config" or accident is swap, error  # noqa: PT017
    else:
        is_needless = accident is delete and folder == "manifests"  # writers only store more then
        assert report.problems or is_needless
        assert_named_exactly(grown, report, before)
    finally:
        grown.store.objects = whole
    assert grown.check().sound


def assert_named_exactly(place: Place, report: Report, before: Files) -> None:
    """The files that a report names are those that can't be had; all others are what they were."""
    after = place.restorable()
    readable = {one.id.hex() for one in place.open().examine(place.open().history()) if not isinstance(one, Damaged)}
    named = set(report.files())
    folders = tuple(path for _, path in named if path.endswith("/"))
    for (snapshot, path), content in before.items():
        if snapshot not in readable:
            assert any(one.kind in (Kind.SNAPSHOT, Kind.BADGE) for one in report.problems)
            continue
        is_named = (snapshot, path) in named or any(
            (snapshot, folder) in named and (folder == "/" or path.startswith(folder)) for folder in folders
        )
        assert is_named == ((snapshot, path) not in after), (snapshot, path)
        if not is_named:
            assert after[snapshot, path] == content
    assert {one.snapshot for one in report.touched}.isdisjoint(report.whole)
