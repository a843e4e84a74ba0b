"""After damage: what can be brought back is, what can't is named, and nothing is done in a dry run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backup.engine.checking.heal import heal
from backup.engine.checking.mending import Mended
from backup.engine.checking.repair import repair_indexes, repair_packs
from backup.engine.checking.sample import EVERYTHING, NOTHING, Sample
from backup.engine.checking.survey import survey
from backup.engine.errors import KeyRefused
from backup.engine.format import blobs, cipher, layout
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from tests.backup.checking.conftest import TREE, Place
from tests.backup.checking.hand import Blob, Hand

Repair = Callable[..., Mended]


def mend(
    place: Place, repair: Repair, sample: Sample = EVERYTHING, role: Role = Role.MASTER, **options: bool
) -> Mended:
    return repair(survey(place.open(role), sample), clock=place.clock, **options)


def spoil(place: Place, pack: Written, *numbers: int) -> None:
    """Change a byte of these blobs of a pack."""
    name = layout.pack_name(pack.name)
    raw = bytearray(place.store.objects[name])
    for number, entry in enumerate(blobs.entries(pack.entries, name)):
        if number in numbers:
            raw[entry.offset] ^= 1
    place.store.objects[name] = bytes(raw)


def paths(mended: Mended) -> set[str]:
    return {loss.path for one in mended.lost for loss in one.losses}


def of_kind(hand: Hand, kind: bytes) -> list[Written]:
    return [pack for pack in hand.packs if pack.kind == kind]


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("role", [Role.MASTER, Role.VERIFIER, Role.PRUNER])
@pytest.mark.parametrize("damage", ["gone", "changed", "emptied"])
def test_an_index_is_rebuilt(isolated: bool, role: Role, damage: str) -> None:
    """A lost index is written anew from the packs' own headers; all snapshots are whole again (RebuildIndexDamage)."""
    place = Place(isolated=isolated)
    hand = place.hand()
    hand.save(TREE)
    name = place.store.below("index")[0]
    hand.save({"more": b"of it"}, keep=[bytes.fromhex(name.rpartition("/")[2])])
    place.another().save({"somebody": b"else's"})
    before = place.restorable()
    raw = place.store.objects.pop(name)
    if damage != "gone":
        place.store.objects[name] = b"" if damage == "emptied" else raw[:-1] + bytes([raw[-1] ^ 1])
    assert len(place.check().touched) == 1
    mended = mend(place, repair_indexes, NOTHING, role)
    assert (mended.lost, mended.replaced, len(mended.whole)) == ((), (name,), 3)
    assert place.restorable() == before
    report = place.check()
    assert (report.sound, report.waiting) == (True, 0 if damage == "gone" else 1)


def test_all_indexes_are_rebuilt(place: Place) -> None:
    """Also where every index is lost at once, nothing is."""
    hand = place.hand()
    for number in range(4):
        hand.save(TREE | {"number": b"%d" % number})
    before = place.restorable()
    for name in place.store.below("index"):
        del place.store.objects[name]
    mended = mend(place, repair_indexes)
    assert (mended.lost, len(mended.replaced)) == ((), 4)
    assert place.restorable() == before
    assert place.check().sound


def test_rubbish_doesn_t_get_in_the_way_of_an_index(place: Place) -> None:
    """Packs that another writer left under the ids of known blobs don't stand in for the right ones."""
    hand = place.hand()
    hand.save(TREE)
    thief = place.another()
    content = TREE["small"]
    for number in range(8):  # by their names they come before the right one or after it
        thief.pack(Blob(b"%d" % number * len(content), id=hand.identify(content), length=len(content)))
    before = place.restorable()
    del place.store.objects[place.store.below("index")[0]]
    mend(place, repair_indexes, NOTHING)
    assert place.restorable() == before


def test_an_index_without_its_packs(place: Place) -> None:
    """What an index listed and no pack holds any more is named as lost; the rest is back."""
    hand = place.hand()
    hand.save(TREE)
    for pack in of_kind(hand, layout.DATA_PACK):
        del place.store.objects[layout.pack_name(pack.name)]
    del place.store.objects[place.store.below("index")[0]]
    mended = mend(place, repair_indexes)
    assert paths(mended) == {"folder/note", "folder/deep/leaf", "large", "small"}
    assert {path for _, path in place.restorable()} == {"empty"}


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("role", [Role.MASTER, Role.VERIFIER])
def test_sound_blobs_are_copied_out(isolated: bool, role: Role) -> None:
    """Of a damaged pack each sound blob is copied as it is; only files of the others are lost (RepairBrokenPack)."""
    place = Place(isolated=isolated)
    hand = place.hand()
    hand.save(TREE)
    [data] = of_kind(hand, layout.DATA_PACK)
    spoil(place, data, 0)
    touched = place.check()
    mended = mend(place, repair_packs, role=role)
    assert (mended.blobs, len(mended.packs)) == (4, 1)
    assert mended.condemned == (layout.pack_name(data.name),)
    assert paths(mended) == {path for _, path in touched.files()}
    del place.store.objects[layout.pack_name(data.name)]  # as the pruner will
    assert {path for _, path in place.restorable()} == {"empty", *(set(names(TREE)) - paths(mended))}
    report = place.check()
    assert {path for _, path in report.files()} == paths(mended)
    new = place.store.objects[mended.packs[0]]
    entry = next(blobs.entries(data.entries, ""))
    assert entry.id not in new, "ids stay in sealed headers"


def names(tree: dict[str, object], prefix: str = "") -> list[str]:
    """Every file of a tree."""
    found = []
    for name, what in tree.items():
        found += names(what, f"{prefix}{name}/") if isinstance(what, dict) else [prefix + name]
    return found


def test_damage_that_hits_no_blob(place: Place) -> None:
    """A pack whose padding or header rots gives all its blobs to a new one, and nothing is lost."""
    hand = place.hand()
    hand.save(TREE)
    before = place.restorable()
    for pack in hand.packs:
        name = layout.pack_name(pack.name)
        raw = place.store.objects[name]
        place.store.objects[name] = raw[:-6] + bytes([raw[-6] ^ 1]) + raw[-5:]
    mended = mend(place, repair_packs)
    assert (mended.lost, len(mended.packs)) == ((), 2)
    for name in mended.condemned:
        del place.store.objects[name]
    assert place.restorable() == before
    assert place.check().sound


def test_a_cut_pack_gives_what_is_left(place: Place) -> None:
    """Of a pack that lost its end the blobs before that come back: the index still says where they are."""
    hand = place.hand()
    hand.save(TREE)
    [data] = of_kind(hand, layout.DATA_PACK)
    name = layout.pack_name(data.name)
    entries = list(blobs.entries(data.entries, name))
    place.store.objects[name] = place.store.objects[name][: entries[3].offset]
    assert len(list(place.check().files())) == 4
    mended = mend(place, repair_packs)
    assert mended.blobs == 3
    assert len(paths(mended)) < 4
    assert {path for _, path in place.restorable()} == set(names(TREE)) - paths(mended)


def test_a_pack_without_its_keys(place: Place) -> None:
    """A pack whose sealed keys are damaged gives nothing back: it is condemned and its files are named."""
    hand = place.hand()
    hand.save(TREE)
    [data] = of_kind(hand, layout.DATA_PACK)
    name = layout.pack_name(data.name)
    place.store.objects[name] = place.store.objects[name][:24] + bytes(200) + place.store.objects[name][224:]
    mended = mend(place, repair_packs)
    assert (mended.blobs, mended.packs, mended.condemned) == (0, (), (name,))
    assert paths(mended) == set(names(TREE)) - {"empty"}


def test_a_later_save_heals_older_snapshots(place: Place) -> None:
    """Blobs that were stored anew are given to the older snapshots that lost them (BackupSelfHealing)."""
    hand = place.hand()
    hand.save(TREE)
    before = place.restorable()
    for pack in list(hand.packs):
        del place.store.objects[layout.pack_name(pack.name)]
    assert place.restorable() == {}
    hand.save(TREE)
    mended = mend(place, heal, role=Role.VERIFIER)
    assert (mended.lost, len(mended.whole)) == ((), 2)
    assert mended.blobs
    after = place.restorable()
    assert {key: after[key] for key in before} == before
    assert place.check().sound


def test_healing_takes_what_no_index_lists(place: Place) -> None:
    """A blob that only a stopped save stored again heals as well."""
    hand = place.hand()
    hand.save(TREE)
    [data] = of_kind(hand, layout.DATA_PACK)
    spoil(place, data, 0, 1, 2, 3, 4)
    hand.pack(*(Blob(content) for content in (TREE["small"], *TREE["large"])))
    mended = mend(place, heal)
    assert paths(mended) == {"folder/note", "folder/deep/leaf"}
    assert {path for _, path in place.restorable()} == {"empty", "small", "large"}


def test_healing_takes_no_rubbish(place: Place) -> None:
    """Rubbish that a thief stored under the id of a lost blob heals nothing; the right blob does, wherever it is."""
    hand = place.hand()
    hand.save(TREE)
    [data] = of_kind(hand, layout.DATA_PACK)
    spoil(place, data, 0, 1, 2, 3, 4)
    content = TREE["small"]
    place.another().pack(*(Blob(b"x" * len(content), id=hand.identify(content)) for _ in range(1)))
    assert mend(place, heal).blobs == 0
    place.another().save({"same": content})
    mended = mend(place, heal)
    assert mended.blobs == 1
    assert "small" not in paths(mended)
    assert {path for _, path in place.restorable()} == {"empty", "small", "same"}


def test_healing_in_an_isolated_repository() -> None:
    """Where each writer has ids of its own, its snapshots heal from what it stored itself."""
    place = Place(isolated=True)
    hand, other = place.hand(), place.another()
    hand.save(TREE)
    other.save(TREE)
    [data] = of_kind(hand, layout.DATA_PACK)
    spoil(place, data, 0, 1, 2, 3, 4)
    assert mend(place, heal).blobs == 0
    hand.pack(*(Blob(content) for content in (TREE["small"], *TREE["large"])))
    assert mend(place, heal).blobs == 3
    assert sorted(path for _, path in place.restorable()) == sorted([*names(TREE), "empty", "large", "small"])


def test_a_lost_tree_heals_with_all_below(place: Place) -> None:
    """Directories come back level by level: what lies in a lost directory shows only once it is back."""
    hand = place.hand()
    hand.save(TREE)
    before = place.restorable()
    for pack in list(hand.packs):
        spoil(place, pack, *range(9))
    hand.save({"elsewhere": TREE})
    mended = mend(place, heal)
    assert mended.lost == ()
    assert before.items() <= place.restorable().items()


@pytest.mark.parametrize("repair", [repair_indexes, repair_packs, heal])
def test_a_dry_run_does_nothing(place: Place, repair: Repair) -> None:
    """A dry run tells what would be done and what would stay lost, and writes nothing."""
    hand = place.hand()
    hand.save(TREE)
    spoil(place, hand.packs[0], 0)
    hand.save({"folder": TREE["folder"]})
    if repair is repair_indexes:
        del place.store.objects[place.store.below("index")[0]]
    whole = dict(place.store.objects)
    told = mend(place, repair, dry_run=True)
    assert place.store.objects == whole
    assert told.dry_run
    done = mend(place, repair)
    assert (done.lost, done.replaced, done.condemned, done.blobs) == (
        told.lost,
        told.replaced,
        told.condemned,
        told.blobs,
    )
    assert done.replaced
    assert place.store.objects != whole


@pytest.mark.parametrize("repair", [repair_indexes, repair_packs, heal])
def test_nothing_to_repair(place: Place, repair: Repair) -> None:
    """A repair of what is sound does nothing and says nothing."""
    place.hand().save(TREE)
    whole = dict(place.store.objects)
    mended = mend(place, repair)
    assert (mended.lost, mended.indexes, mended.packs, len(mended.whole)) == ((), (), (), 1)
    assert place.store.objects == whole


@pytest.mark.parametrize("repair", [repair_indexes, repair_packs, heal])
@pytest.mark.parametrize("role", [Role.READER, Role.PRUNER])
def test_who_may_repair(place: Place, repair: Repair, role: Role) -> None:
    """A reader repairs nothing, and a pruner, who can't open data, nothing but indexes."""
    place.hand().save(TREE)
    if role is Role.PRUNER and repair is repair_indexes:
        mend(place, repair, role=role)
    else:
        with pytest.raises(KeyRefused):
            mend(place, repair, role=role)


def test_a_repair_twice(place: Place) -> None:
    """What was put in the place of an index may itself be damaged, and is repaired like the first."""
    hand = place.hand()
    hand.save(TREE)
    before = place.restorable()
    for _ in range(3):
        for name in place.store.below("index"):
            place.store.objects.pop(name)
        assert place.restorable() == {}
        assert mend(place, repair_indexes).lost == ()
        assert place.restorable() == before


def test_a_repair_leaves_no_trace_of_contents(place: Place) -> None:
    """What is copied stays encrypted under the keys it had: no copy is ever clear."""
    hand = place.hand()
    hand.save(TREE)
    [data] = of_kind(hand, layout.DATA_PACK)
    spoil(place, data, 0)
    mend(place, repair_packs)
    assert not [name for name, raw in place.store.objects.items() if b"another" in raw or b"a leaf" in raw]
    assert cipher.digest(place.store.objects[layout.pack_name(data.name)]) != data.name
