"""What a writer that keeps no rule stores: it is found, and harms nobody's files but its own."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from backup.engine.checking import walk
from backup.engine.checking.sample import EVERYTHING
from backup.engine.checking.scan import scan
from backup.engine.format import blobs, cipher, layout
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from tests.backup.checking.conftest import TREE, Place, read_index, spared, told
from tests.backup.checking.hand import Blob
from tests.backup.checking.lies import LIES, NODE, TREES, lie, lying


@pytest.mark.parametrize("what", LIES)
def test_a_blob_that_lies(victim: tuple[Place, bytes], what: str) -> None:
    """A blob that isn't what its entry says is found, costs nobody but its writer a file, and no memory or time."""
    place, honest = victim
    hand = place.another()
    blob, why = lying(what, hand.identify(TREE["small"]))
    rogue = lie(hand, blob)
    started = time.monotonic()
    report = place.check(role=Role.VERIFIER)
    assert time.monotonic() - started < 5
    assert told(report, why)
    assert list(report.files()) == [(rogue.hex(), "file")]
    assert spared(place, honest, report)


def test_a_blob_of_another_type(victim: tuple[Place, bytes]) -> None:
    """A tree that is listed as data, or data as a tree, is taken for neither (restic: CheckerBlobTypeConfusion)."""
    place, honest = victim
    hand = place.another()
    data: list[Blob] = []
    meta: list[Blob] = []
    root = hand.tree({"file": b"content"}, data, meta)
    as_data = hand.pack(replace(meta[0], type=blobs.DATA, id=root))
    as_tree = hand.pack(replace(data[0], type=blobs.TREE, id=hand.identify(b"content")), kind=layout.META_PACK)
    first = hand.announce(root, [hand.index([as_data, hand.pack(*data)])])
    second = hand.announce(root, [hand.index([hand.pack(*meta), as_tree])])
    third = hand.announce(root, [hand.index([hand.pack(meta[0], kind=layout.DATA_PACK), hand.pack(data[0])])])
    report = place.check()
    assert dict(report.files()) == {first.hex(): "/", second.hex(): "file", third.hex(): "/"}
    assert told(report, "is a pack of another kind than its blobs")
    assert spared(place, honest, report)


def test_an_index_that_lies_about_another_s_pack(victim: tuple[Place, bytes]) -> None:
    """Who lists another's pack with false entries is found out, and the pack is neither blamed nor condemned."""
    place, honest = victim
    hand = place.another()
    [mine] = [one for one in read_index(place) if one.kind == layout.DATA_PACK]
    entries = [replace(one, id=hand.identify(b"evil")) for one in blobs.entries(mine.entries, "")]
    for forged in (
        Written(mine.name, mine.size, mine.kind, b"".join(map(bytes, entries))),
        Written(mine.name, mine.size + 1, mine.kind, mine.entries),
        Written(mine.name, mine.size, layout.META_PACK, mine.entries),
    ):
        hand.announce(b"", [hand.index([forged])])
    scanned = scan(place.open(Role.VERIFIER), EVERYTHING, clock=place.clock)
    assert told(scanned.report, "an index lists it otherwise than its own header")
    assert told(scanned.report, "bytes instead of")
    assert scanned.condemned == ()
    assert spared(place, honest, scanned.report)


@pytest.mark.parametrize("nodes", TREES)
def test_a_hostile_tree(victim: tuple[Place, bytes], nodes: Any) -> None:
    """No tree, however made, stops a check: its snapshot is touched and no other."""
    place, honest = victim
    hand = place.another()
    tree = Blob(cipher.pack(nodes), blobs.TREE)
    rogue = hand.announce(hand.identify(tree.content, blobs.TREE), [hand.index([hand.pack(tree)])])
    report = place.check()
    assert {one.snapshot for one in report.touched} == {rogue.hex()}
    assert spared(place, honest, report)


def test_a_tree_of_trees_without_end(victim: tuple[Place, bytes]) -> None:
    """A few trees that name each other so that they unfold to more paths than there are atoms cost no time."""
    place, honest = victim
    hand = place.another()
    trees = [Blob(cipher.pack([NODE | {"s": 3}]), blobs.TREE)]
    for _ in range(80):
        below = hand.identify(trees[-1].content, blobs.TREE)
        nodes = [{"n": name, "t": "d", "m": 0o700, "mt": 0, "c": below} for name in (b"a", b"b", b"c")]
        trees.append(Blob(cipher.pack(nodes), blobs.TREE))
    root = hand.identify(trees[-1].content, blobs.TREE)
    hand.announce(root, [hand.index([hand.pack(*trees)])])
    started = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "MOST_NAMED", 50)
        report = place.check()
    assert time.monotonic() - started < 5
    assert report.touched[0].more
    assert spared(place, honest, report)


def test_a_file_that_isn_t_what_its_hash_says(victim: tuple[Place, bytes]) -> None:
    """A file of several pieces whose hash is another is found by a full check, though each piece is sound."""
    place, honest = victim
    hand = place.another()
    pieces = [b"one", b"two"]
    node = {"t": "f", "s": 6, "c": b"".join(map(hand.identify, pieces)), "h": cipher.digest(b"twoone")}
    meta: list[Blob] = []
    root = hand.tree({"file": node}, [], meta)
    rogue = hand.announce(root, [hand.index([hand.pack(*map(Blob, pieces)), hand.pack(*meta)])])
    report = place.check()
    assert [(one.snapshot, one.losses[0].path) for one in report.touched] == [(rogue.hex(), "file")]
    assert "its hash is another" in report.touched[0].losses[0].why
    assert spared(place, honest, report)


def test_nobody_reads_through_another_s_index(victim: tuple[Place, bytes]) -> None:
    """A blob that only another writer's index lists doesn't count: a snapshot is read with its own indexes alone."""
    place, honest = victim
    hand = place.another()
    meta: list[Blob] = []
    root = hand.tree({"small": TREE["small"]}, [], meta)
    rogue = hand.announce(root, [hand.index([hand.pack(*meta)])])
    report = place.check()
    assert list(report.files()) == [(rogue.hex(), "small")]
    assert "no index of the snapshot lists it" in report.touched[0].losses[0].why
    assert spared(place, honest, report)


def test_packs_are_bounded(victim: tuple[Place, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack larger than any is told and not read."""
    place, honest = victim
    monkeypatch.setitem(layout._LARGEST, "packs", 5000)
    rubbish = bytes(6000)
    name = layout.pack_name(cipher.digest(rubbish))
    place.store.create(name, [rubbish])
    report = place.check()
    assert [(one.object, one.why) for one in report.problems] == [(name, "is larger than any object of its kind")]
    assert name not in place.store.read_names
    assert spared(place, honest, report)
