"""What is lost for good is taken out of a snapshot, so that the rest is one that is whole."""

from __future__ import annotations

from typing import Any

import pytest

from backup.engine.checking.rewrite import Rewrites, rewrite_snapshots
from backup.engine.checking.sample import EVERYTHING
from backup.engine.checking.survey import survey
from backup.engine.errors import KeyRefused
from backup.engine.format import blobs, cipher, layout
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts, Snapshot
from tests.backup.checking.conftest import TREE, Place
from tests.backup.checking.hand import Blob, Hand


def rewrite(place: Place, **options: bool) -> Rewrites:
    return rewrite_snapshots(survey(place.open(Role.MASTER), EVERYTHING), clock=place.clock, **options)


def lose(place: Place, hand: Hand, *contents: bytes, type_: int = blobs.DATA) -> None:
    """Change a byte of these blobs wherever they are."""
    ids = {hand.identify(content, type_) for content in contents}
    for pack in hand.packs:
        name = layout.pack_name(pack.name)
        raw = bytearray(place.store.objects[name])
        for entry in blobs.entries(pack.entries, name):
            if entry.id in ids:
                raw[entry.offset] ^= 1
        place.store.objects[name] = bytes(raw)


def lose_kind(place: Place, hand: Hand, kind: bytes) -> None:
    for pack in hand.packs:
        if pack.kind == kind:
            del place.store.objects[layout.pack_name(pack.name)]


def by_id(place: Place) -> dict[str, Snapshot]:
    return {one.id.hex(): one for one in place.open().snapshots()}


def contents(place: Place, snapshot: str) -> dict[str, bytes]:
    return {path: content for (one, path), content in place.restorable().items() if one == snapshot}


@pytest.mark.parametrize("isolated", [False, True])
def test_lost_data(isolated: bool) -> None:
    """A snapshot that lost contents is made anew without those files and is whole (RepairSnapshotsWithLostData)."""
    place = Place(isolated=isolated)
    hand = place.hand()
    id_ = hand.save(TREE, source="home")
    before = contents(place, id_.hex())
    lose(place, hand, TREE["small"], TREE["large"][1])
    done = rewrite(place)
    [one] = done.rewrites
    assert [loss.path for loss in one.lost.losses] == ["large", "small"]
    assert one.counts == Counts(files=3, directories=3, bytes=len(TREE["folder"]["note"]) + 6)
    assert contents(place, one.instead) == {path: before[path] for path in ("empty", "folder/note", "folder/deep/leaf")}
    new = by_id(place)[one.instead]
    assert (new.source, new.tags, new.notes, new.counts) == ("home", ("repaired",), {"repaired": id_.hex()}, one.counts)
    assert place.open().badges()[new.head.author].label == "repaired"
    assert one.instead in place.check().whole


@pytest.mark.parametrize("isolated", [False, True])
def test_a_lost_tree(isolated: bool) -> None:
    """A directory that can't be read is empty in the new snapshot (RepairSnapshotsWithLostTree)."""
    place = Place(isolated=isolated)
    hand = place.hand()
    hand.save(TREE)
    meta: list[Blob] = []
    hand.tree(TREE["folder"]["deep"], [], meta)
    lose(place, hand, meta[0].content, type_=blobs.TREE)
    [one] = rewrite(place).rewrites
    assert [loss.path for loss in one.lost.losses] == ["folder/deep/"]
    assert contents(place, one.instead).keys() == {"empty", "folder/note", "large", "small"}
    assert one.counts.directories == 3
    assert one.instead in place.check().whole


@pytest.mark.parametrize("isolated", [False, True])
def test_a_lost_root(isolated: bool) -> None:
    """Of a snapshot without its root nothing is left: no new one is made, and it isn't forgotten (…LostRootTree)."""
    place = Place(isolated=isolated)
    hand = place.hand()
    id_ = hand.save(TREE)
    lose_kind(place, hand, layout.META_PACK)
    done = rewrite(place, forget=True)
    [one] = done.rewrites
    assert (one.instead, one.counts.files, done.forgotten) == ("", 0, ())
    assert [loss.path for loss in one.lost.losses] == ["/"]
    assert by_id(place).keys() == {id_.hex()}


def test_one_tree_of_a_large_directory(place: Place) -> None:
    """A directory of several trees loses the names of the one that is gone and keeps the others."""
    hand = place.hand()
    nodes = [{"n": b"%d" % number, "t": "f", "m": 0o600, "mt": 0, "s": 0, "c": b""} for number in range(3)]
    parts = [Blob(cipher.pack([node]), blobs.TREE) for node in nodes]
    root = b"".join(hand.identify(part.content, blobs.TREE) for part in parts)
    hand.announce(root, [hand.index([hand.pack(*parts)])])
    lose(place, hand, parts[1].content, type_=blobs.TREE)
    [one] = rewrite(place).rewrites
    assert contents(place, one.instead).keys() == {"0", "2"}


def test_a_file_with_a_wrong_hash(place: Place) -> None:
    """A file that isn't what its hash says is left out as well."""
    hand = place.hand()
    pieces = [b"one", b"two"]
    node = {"t": "f", "s": 6, "c": b"".join(map(hand.identify, pieces)), "h": bytes(32)}
    meta: list[Blob] = []
    root = hand.tree({"wrong": node, "right": {"t": "f", "s": 0, "c": b""}}, [], meta)
    hand.announce(root, [hand.index([hand.pack(*map(Blob, pieces)), hand.pack(*meta)])])
    [one] = rewrite(place).rewrites
    assert contents(place, one.instead).keys() == {"right"}
    assert one.instead in place.check().whole


@pytest.mark.parametrize("isolated", [False, True])
def test_long_files_and_many_snapshots(isolated: bool) -> None:
    """Each damaged snapshot has a new one, also where a file's ids go through lists; the whole ones stay alone."""
    place = Place(isolated=isolated)
    hand = place.hand()
    pieces = [b"%d" % number for number in range(1500)]
    lists = [Blob(b"".join(map(hand.identify, pieces[at : at + 1024])), blobs.LIST) for at in (0, 1024)]
    whole = b"".join(pieces)
    node: dict[str, Any] = {"t": "f", "s": len(whole), "p": 1, "h": cipher.digest(whole)}
    node["c"] = b"".join(hand.identify(one.content, blobs.LIST) for one in lists)
    meta: list[Blob] = []
    root = hand.tree({"long": node, "short": TREE["small"], "other": b"other"}, [], meta)
    packs: list[Written] = [hand.pack(*map(Blob, pieces)), hand.pack(Blob(TREE["small"]), Blob(b"other"))]
    packs.append(hand.pack(*meta, *lists))
    hand.announce(root, [hand.index(packs)])
    hand.save({"sound": b"sound"})
    hand.announce(root, [hand.index(packs)])
    lose(place, hand, TREE["small"])
    done = rewrite(place, forget=True)
    assert len(done.rewrites) == len(done.forgotten) == 2
    kept = by_id(place)
    assert len(kept) == 3
    for one in done.rewrites:
        assert contents(place, one.instead) == {"long": whole, "other": b"other"}
    assert place.check().touched == ()


def test_forgotten_only_if_asked(place: Place) -> None:
    """The original stays beside the new one unless it is to be forgotten."""
    hand = place.hand()
    id_ = hand.save(TREE)
    lose(place, hand, TREE["small"])
    assert rewrite(place).forgotten == ()
    assert len(by_id(place)) == 2
    assert rewrite(place, forget=True).forgotten == (id_.hex(),)
    assert id_.hex() not in by_id(place)


def test_a_dry_run(place: Place) -> None:
    """A dry run tells what would be lost and writes nothing."""
    hand = place.hand()
    hand.save(TREE)
    lose(place, hand, TREE["small"])
    whole = dict(place.store.objects)
    done = rewrite(place, forget=True, dry_run=True)
    assert (done.dry_run, [loss.path for loss in done.rewrites[0].lost.losses]) == (True, ["small"])
    assert place.store.objects == whole
    assert rewrite(place).rewrites[0].lost == done.rewrites[0].lost


def test_nothing_lost(place: Place) -> None:
    """Where nothing is lost no snapshot is made and no writer is let in."""
    place.hand().save(TREE)
    whole = dict(place.store.objects)
    assert rewrite(place).rewrites == ()
    assert place.store.objects == whole


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.READER, Role.PRUNER])
def test_only_the_master(place: Place, role: Role) -> None:
    """A snapshot is made anew only by who can let a writer in."""
    with pytest.raises(KeyRefused):
        rewrite_snapshots(survey(place.open(role), EVERYTHING), clock=place.clock)
