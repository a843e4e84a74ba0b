"""Where snapshots were lost, the trees that they named have snapshots again."""

from __future__ import annotations

import pytest

from backup.engine.checking.recover import Recovered, recover
from backup.engine.checking.sample import NOTHING
from backup.engine.checking.survey import survey
from backup.engine.errors import KeyRefused
from backup.engine.format import blobs, cipher, layout
from backup.engine.format.keys import Role
from tests.backup.checking.conftest import TREE, Place
from tests.backup.checking.hand import Blob


def recovered(place: Place, **options: bool) -> tuple[Recovered, ...]:
    return recover(survey(place.open(Role.MASTER), NOTHING), clock=place.clock, **options)


def lose(place: Place, *folders: str) -> None:
    for folder in folders:
        for name in place.store.below(folder):
            del place.store.objects[name]


def files(place: Place) -> set[tuple[tuple[str, bytes], ...]]:
    """The contents of each snapshot, whichever it is."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for (snapshot, path), content in place.restorable().items():
        found.setdefault(snapshot, []).append((path, content))
    return {tuple(sorted(one)) for one in found.values()}


@pytest.mark.parametrize("isolated", [False, True])
def test_no_snapshot_is_left(isolated: bool) -> None:
    """Without one snapshot and one index left, every tree that was saved has a snapshot again, with all its files."""
    place = Place(isolated=isolated)
    place.hand().save(TREE)
    hand = place.another()
    hand.save(TREE | {"small": b"changed"})
    hand.save({"another": b"tree"})
    before = files(place)
    assert len(before) == 3
    lose(place, "snapshots", "index")
    made = recovered(place)
    assert len(made) == 3
    assert all(one.lost == () for one in made)
    assert files(place) == before
    snapshots = place.open().snapshots()
    assert {(one.source, one.tags) for one in snapshots} == {("recovered", ("recovered",))}
    assert {one.counts.files for one in snapshots} == {5, 1}
    assert place.check().sound


def test_one_too_few(place: Place) -> None:
    """Only what no snapshot names is recovered, forgotten snapshots aside; a second time nothing is."""
    hand = place.hand()
    hand.save(TREE)
    hand.save({"lost": b"lost"})
    before = files(place)
    del place.store.objects[place.store.below("snapshots")[1]]
    [one] = recovered(place)
    assert (one.counts.files, one.newest) == (1, 1)
    assert files(place) == before
    assert recovered(place) == ()


def test_what_is_lost_is_left_out(place: Place) -> None:
    """Of a recovered tree what can't be had is named and left out, so that its snapshot is whole."""
    hand = place.hand()
    hand.save(TREE)
    [data] = [pack for pack in hand.packs if pack.kind == layout.DATA_PACK]
    del place.store.objects[layout.pack_name(data.name)]
    lose(place, "snapshots")
    [one] = recovered(place)
    assert {loss.path for loss in one.lost} == {"folder/deep/leaf", "folder/note", "large", "small"}
    assert one.snapshot in place.check().whole


@pytest.mark.parametrize("isolated", [False, True])
def test_a_root_behind_lists(isolated: bool) -> None:
    """A directory so large that lists name its trees is one snapshot; a list of a file's pieces is none."""
    place = Place(isolated=isolated)
    hand = place.hand()
    nodes = [{"n": b"%d" % number, "t": "f", "m": 0o600, "mt": number, "s": 0, "c": b""} for number in range(3)]
    parts = [Blob(cipher.pack([node]), blobs.TREE) for node in nodes]
    root = Blob(b"".join(hand.identify(part.content, blobs.TREE) for part in parts), blobs.LIST)
    of_a_file = Blob(hand.identify(b"piece"), blobs.LIST)
    hand.pack(*parts, root, of_a_file)
    [one] = recovered(place)
    assert (one.counts.files, one.newest) == (3, 2)
    [snapshot] = place.open().snapshots()
    assert snapshot.depth == (0 if isolated else 1)
    assert place.check().sound


def test_damaged_trees_hinder_nothing(place: Place) -> None:
    """A tree that doesn't open is passed over, and what it named is found by itself."""
    hand = place.hand()
    hand.save({"folder": {"file": b"content"}})
    [meta] = [pack for pack in hand.packs if pack.kind == layout.META_PACK]
    name = layout.pack_name(meta.name)
    entry = list(blobs.entries(meta.entries, name))[-1]
    raw = bytearray(place.store.objects[name])
    raw[entry.offset] ^= 1
    place.store.objects[name] = bytes(raw)
    lose(place, "snapshots")
    [one] = recovered(place)
    assert {path for _, path in place.restorable()} == {"file"}
    assert one.counts.files == 1


def test_a_dry_run(place: Place) -> None:
    """A dry run tells what would be recovered and writes nothing."""
    place.hand().save(TREE)
    lose(place, "snapshots")
    whole = dict(place.store.objects)
    [one] = recovered(place, dry_run=True)
    assert one.counts.files == 5
    assert place.store.objects == whole


def test_nothing_to_recover(place: Place) -> None:
    """Where every tree has its snapshot, nothing is written and nobody is let in."""
    place.hand().save(TREE)
    whole = dict(place.store.objects)
    assert recovered(place) == ()
    assert place.store.objects == whole


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.PRUNER])
def test_only_the_master(place: Place, role: Role) -> None:
    """A snapshot is recovered only by who can let a writer in."""
    with pytest.raises(KeyRefused):
        recover(survey(place.open(role), NOTHING), clock=place.clock)
