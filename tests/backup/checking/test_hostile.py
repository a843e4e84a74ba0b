"""What a thief of a writer's key, or of another, can't do: each try is found, and harms nobody's files but its own."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backup.engine.checking.report import Kind
from backup.engine.errors import BackupError
from backup.engine.format import acts, chain, cipher, keys, layout, snapshots
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.format.snapshots import Counts, Effort, Taken
from tests.backup.checking.conftest import Place, read_index, spared, told
from tests.backup.checking.hand import Hand


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
