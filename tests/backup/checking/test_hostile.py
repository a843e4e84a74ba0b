"""What a thief of a writer's key, or of another, can't do: each try is found, and harms nobody's files but its own."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backup.engine.checking import walk
from backup.engine.checking.report import Kind, Report
from backup.engine.checking.sample import EVERYTHING
from backup.engine.checking.scan import scan
from backup.engine.errors import BackupError
from backup.engine.format import acts, blobs, chain, cipher, index, keys, layout, snapshots
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts, Effort, Taken
from tests.backup.checking.conftest import TREE, Place
from tests.backup.checking.hand import Blob, Hand
from tests.backup.checking.lies import LIES, NODE, TREES, lie, lying


@pytest.fixture
def victim(place: Place) -> tuple[Place, bytes]:
    """A repository with an honest snapshot: its id."""
    return place, place.hand().save(TREE)


def told(report: Report, why: str) -> bool:
    return any(why in one.why for one in report.problems)


def spared(place: Place, honest: bytes, report: Report) -> bool:
    """Whether the honest snapshot is untouched and restores."""
    return honest.hex() in report.whole and len(place.restorable(honest)) == 5


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


def read_index(place: Place) -> list[Written]:
    """What the only index lists."""
    [name] = place.store.below("index")
    return index.read(place.store.read(name), bytes.fromhex(name.rpartition("/")[2]), place.keys[Role.READER])


def test_a_snapshot_for_another_writer(victim: tuple[Place, bytes]) -> None:
    """A writer can't put a snapshot into another's row, neither signed by itself nor with the other's name."""
    place, honest = victim
    thief = place.another()
    target = place.keys[Role.WRITER].key_id
    raw = written(thief, 2)
    place.store.create(layout.snapshot_name(target, 2), [raw])
    report = place.check()
    assert told(report, "the signature is wrong")
    assert spared(place, honest, report)


def written(hand: Hand, sequence: int, previous: bytes = chain.FIRST, **changes: Any) -> bytes:
    taken = Taken("hand", "", (), (), 1, 2, b"", 0, (), Counts(), Effort(), {})
    return snapshots.write(hand.repository.config, hand.repository.key, sequence, previous, replace(taken, **changes))


def test_a_key_that_wasn_t_let_in(victim: tuple[Place, bytes]) -> None:
    """A key that its thief signed the badge of himself counts for nothing."""
    place, honest = victim
    master = keys.master(bytes(32), place.keys[Role.MASTER].repository)
    key = keys.derive(master, Role.WRITER, label="", created=1)
    assert key.badge is not None
    place.store.create(layout.badge_name(key.key_id), [key.badge.raw])
    Hand(replace(place.open(Role.WRITER), key=key)).announce(b"", [])
    report = place.check()
    assert [one.kind for one in report.problems] == [Kind.BADGE, Kind.SNAPSHOT]
    assert spared(place, honest, report)


@pytest.mark.parametrize("role", [Role.READER, Role.LISTER, Role.VERIFIER, Role.PRUNER])
def test_only_writers_save(victim: tuple[Place, bytes], role: Role) -> None:
    """A snapshot signed with a key that may not save isn't one, though the master let the key in."""
    place, honest = victim
    key = place.keys[role]
    writer = replace(place.open(role), key=replace(key, role=Role.WRITER))
    Hand(writer).announce(b"", [])
    report = place.check()
    assert [(one.kind, one.why) for one in report.problems] == [(Kind.SNAPSHOT, "signed by a key that may not save")]
    assert spared(place, honest, report)


def test_a_snapshot_of_a_revoked_key(victim: tuple[Place, bytes]) -> None:
    """What a key signs after it was revoked is found with every key and with none; what it signed before stays."""
    place, honest = victim
    hand = place.hand()
    hand.sequence, hand.previous = 1, honest
    place.open(Role.MASTER).revoke(hand.repository.key.key_id, last=1, now=9)
    hand.save({"late": b"after"})
    for report in (place.check(), place.check(role=Role.LISTER), place.check(role=Role.WRITER)):
        assert [(one.kind, one.why) for one in report.problems] == [(Kind.SNAPSHOT, "signed by a key that was revoked")]
    assert spared(place, honest, place.check())


def test_a_row_that_forks(victim: tuple[Place, bytes]) -> None:
    """A thief of a writer's key who goes on from nothing is found by the row that doesn't fit."""
    place, _honest = victim
    thief = place.hand()
    place.store.create(layout.snapshot_name(thief.repository.key.key_id, 2), [written(thief, 2)])
    assert told(place.check(), "doesn't follow the snapshot before it")


@pytest.mark.parametrize("number", [1 << 40, (1 << 64) - 1])
@pytest.mark.parametrize("folder", ["snapshots", "acts"])
def test_a_number_out_of_the_blue(victim: tuple[Place, bytes], folder: str, number: int) -> None:
    """Rubbish under an immense number costs neither time nor memory, with each key."""
    place, honest = victim
    place.store.create(f"{folder}/{place.keys[Role.WRITER].key_id.hex()}/{number:016x}", [b"rubbish"])
    started = time.monotonic()
    report = place.check()
    assert place.check(role=Role.WRITER).problems
    assert time.monotonic() - started < 5
    assert 1 <= len(report.problems) <= 2
    assert spared(place, honest, report)


def test_a_number_that_a_writer_signs(victim: tuple[Place, bytes]) -> None:
    """A writer that skips numbers is told in one line, however many they are."""
    place, honest = victim
    hand = place.another()
    hand.sequence = (1 << 63) - 2
    hand.announce(b"", [])
    [problem] = place.check().problems
    assert problem.why == f"is gone, and {(1 << 63) - 3} after it: later snapshots of its writer are there"
    assert spared(place, honest, place.check())


def test_a_label_of_a_gigabyte(victim: tuple[Place, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot, act or badge larger than any is refused before it is read."""
    place, honest = victim
    hand = place.another()
    monkeypatch.setitem(layout._LARGEST, "snapshots", 2000)
    place.store.create(layout.snapshot_name(hand.repository.key.key_id, 1), [written(hand, 1, source="s" * 3000)])
    for folder, name in (("acts", layout.act_name(bytes(16), 1)), ("keys", layout.badge_name(bytes(16)))):
        monkeypatch.setitem(layout._LARGEST, folder, 2000)
        place.store.create(name, [bytes(3000)])
    place.store.read_names.clear()
    report = place.check()
    assert sum(one.why == "is larger than any object of its kind" for one in report.problems) == 3
    assert not [name for name in place.store.read_names if len(place.store.objects[name]) == 3000]
    assert spared(place, honest, report)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"source": 5},
        {"indexes": b"x" * 32},
        {"indexes": [b"short"]},
        {"indexes": ["text"]},
        {"paths": ["text"]},
        {"tags": [b"bytes"]},
        {"p": "deep"},
        {"root": None},
        {"finished": "late"},
        {"notes": {"a": 1}},
        {"files": 1.5},
    ],
)
def test_a_snapshot_whose_body_is_none(victim: tuple[Place, bytes], body: Any) -> None:
    """A snapshot that no honest program writes is one problem and stops nothing."""
    place, honest = victim
    hand = place.another()
    config, key = hand.repository.config, hand.repository.key
    sound = dict.fromkeys(("started", "finished", *Counts.__dataclass_fields__, *Effort.__dataclass_fields__), 0)
    sound |= {"source": "", "host": "", "paths": [], "tags": [], "root": b"", "indexes": [], "notes": {}}  # type: ignore[dict-item]
    whole = sound | body if isinstance(body, dict) else body
    head = chain.write_head(config, key, layout.SNAPSHOT, 1, chain.FIRST)
    sealed = cipher.seal(config.suite, config.epoch.log, "snapshot", head, cipher.pack(whole))
    place.store.create(layout.snapshot_name(key.key_id, 1), [key.signed(head + sealed)])
    report = place.check()
    assert [(one.kind, one.why) for one in report.problems] == [(Kind.SNAPSHOT, "its body is none that a writer makes")]
    assert spared(place, honest, report)


@pytest.mark.parametrize(
    ("role", "audience", "why"),
    [
        (Role.WRITER, "everybody", "signed by a writer key"),
        (Role.READER, "everybody", "signed by a reader key"),
        (Role.PRUNER, "everybody", "signed by a pruner key"),
        (Role.WRITER, "writer", "signed by a writer key"),
        (Role.LISTER, "writer", "signed by a lister key"),
        (Role.VERIFIER, "nobody", "is for a writer that the master didn't let in"),
        (Role.VERIFIER, "reader", "is for a writer that the master didn't let in"),
    ],
)
def test_a_manifest_by_who_may_not(victim: tuple[Place, bytes], role: Role, audience: str, why: str) -> None:
    """A manifest by a key that may not vouch, or for somebody who isn't there, is found with each key."""
    place, honest = victim
    to = {
        "everybody": layout.EVERYBODY,
        "nobody": b"n" * 16,
        "writer": place.keys[Role.WRITER].key_id,
        "reader": place.keys[Role.READER].key_id,
    }[audience]
    key = place.keys[role]
    speaker = replace(key, shared={**place.keys[Role.WRITER].shared})
    replace(place.open(role), key=speaker).publish(to, read_index(place))
    for reader in (Role.VERIFIER, Role.READER, Role.LISTER):
        report = place.check(role=reader)
        assert [one.kind for one in report.problems] == [Kind.MANIFEST]
        assert told(report, why)
    assert spared(place, honest, place.check())


def test_a_manifest_for_everybody_where_each_is_alone() -> None:
    """In an isolated repository nothing is for everybody."""
    place = Place(isolated=True)
    verifier = place.open(Role.VERIFIER)
    replace(verifier, config=replace(verifier.config, isolated=False)).publish(layout.EVERYBODY, [])
    assert told(place.check(role=Role.VERIFIER), "is for everybody in a repository where each writer is alone")


def test_a_manifest_of_a_revoked_key(victim: tuple[Place, bytes]) -> None:
    """What a verifier vouched for before it was revoked is no problem, what it says later is."""
    place, _ = victim
    verifier = place.open(Role.VERIFIER)
    verifier.publish(layout.EVERYBODY, read_index(place))
    place.open(Role.MASTER).revoke(verifier.key.key_id, last=0, now=place.store.now())
    assert place.check().sound
    verifier.publish(layout.EVERYBODY, [])
    assert told(place.check(), "signed by a key that was revoked")


@pytest.mark.parametrize(
    ("role", "said", "why"),
    [
        (Role.WRITER, Said(why="hello"), "signed by a key that may not act"),
        (Role.LISTER, Said(tag=((bytes(32), ("t",)),)), "says what a lister key may not: tag"),
        (Role.READER, Said(forget=((bytes(16), 1, bytes(32)),)), "says what a reader key may not: forget"),
        (Role.VERIFIER, Said(forget=((bytes(16), 1, bytes(32)),)), "says what a verifier key may not: forget"),
    ],
)
def test_an_act_by_who_may_not(victim: tuple[Place, bytes], role: Role, said: Said, why: str) -> None:
    """An act by a writer, or one that says what its key may not, is told and counts for nothing."""
    place, honest = victim
    key = place.keys[role]
    raw = acts.write(place.open(role).config, replace(key, role=Role.MASTER), 1, chain.FIRST, Clear(), said)
    place.store.create(layout.act_name(key.key_id, 1), [raw])
    report = place.check()
    assert [(one.kind, one.why) for one in report.problems] == [(Kind.ACT, why)]
    assert spared(place, honest, report)


def test_objects_of_another_repository(victim: tuple[Place, bytes]) -> None:
    """Objects brought over from another repository, even of the same seed, are told as foreign (borg: swap)."""
    place, honest = victim
    other = Place()
    other.hand().save({"x": b"other"})
    other.open(Role.VERIFIER).publish(layout.EVERYBODY, [])
    for name, raw in other.store.objects.items():
        if not name.startswith("config"):
            place.store.create(name, [raw])
    report = place.check()
    foreign = [one for one in report.problems if one.why == "belongs to another repository"]
    assert {one.kind for one in foreign} == {Kind.BADGE, Kind.INDEX, Kind.PACK, Kind.MANIFEST}
    assert told(report, "the master didn't let in")
    assert spared(place, honest, report)


def test_a_repository_in_another_s_place(victim: tuple[Place, bytes]) -> None:
    """A whole repository exchanged for another doesn't open with the keys of the first (borg: swap detection)."""
    place, _ = victim
    place.store.objects = Place().store.objects
    with pytest.raises(BackupError, match="another repository"):
        place.check()


def test_a_pack_in_the_wrong_folder(victim: tuple[Place, bytes]) -> None:
    """A name that the layout allows and that no object ever has is told."""
    place, honest = victim
    name = place.store.below("packs")[0]
    wrong = f"packs/{'00' if name[6:8] != '00' else '01'}/{name.rpartition('/')[2]}"
    place.store.create(wrong, [place.store.objects[name]])
    place.store.create(layout.config_name(0), [b"zero"])
    report = place.check()
    assert told(report, "stands in a folder that isn't its own")
    assert told(report, "no config has this number")
    assert spared(place, honest, report)


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


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_in_any_place(victim: tuple[Place, bytes], data: st.DataObject) -> None:
    """Whatever bytes stand under whatever name, no check fails in another way than by saying so."""
    place, _ = victim
    whole = dict(place.store.objects)
    name = data.draw(st.sampled_from(sorted(whole)))
    head = whole[name][: layout.SIZE] if data.draw(st.booleans()) else b""
    raw = head + data.draw(st.binary(max_size=200))
    place.store.objects[name] = raw
    for role in (Role.VERIFIER, Role.PRUNER, Role.WRITER):
        try:
            assert raw == whole[name] or place.check(role=role).problems
        except BackupError:
            assert name.startswith("config")
    place.store.objects = whole


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
