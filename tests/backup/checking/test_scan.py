"""A scan vouches for what it has read, condemns what is damaged, and keeps what is needed from deletion."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from backup.engine.checking.check import check
from backup.engine.checking.heal import heal
from backup.engine.checking.record import Record
from backup.engine.checking.repair import repair_packs
from backup.engine.checking.sample import EVERYTHING, Daily, Sample
from backup.engine.checking.scan import Scanned, scan
from backup.engine.checking.survey import survey
from backup.engine.errors import Denied, KeyRefused
from backup.engine.format import blobs, layout, packs
from backup.engine.format.keys import Role
from backup.engine.format.snapshots import Snapshot
from backup.engine.keeping.prune import prune
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.restoring.restore import restore
from tests.backup.checking.conftest import TREE, Place
from tests.backup.checking.hand import Blob, Hand
from tests.backup.checking.memory import LockingStore
from tests.backup.conftest import Vault, picture


def scanned(place: Place, sample: Sample = EVERYTHING, role: Role = Role.VERIFIER, **options: object) -> Scanned:
    return scan(place.open(role), sample, clock=place.clock, **options)  # type: ignore[arg-type]


def vouched(place: Place, hand: Hand) -> set[bytes]:
    """The ids that a writer may rely on."""
    repository = Repository.open(place.store, hand.repository.key)
    packs = [pack for _, one in repository.manifests(repository.badges()) for pack in one.packs]
    return {id_ for pack in packs for id_ in blobs.ids(pack.entries)}


def stored(*hands: Hand) -> set[bytes]:
    return {id_ for hand in hands for pack in hand.packs for id_ in blobs.ids(pack.entries)}


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.MASTER])
def test_writers_rely_on_what_was_read(place: Place, role: Role) -> None:
    """After a scan each writer may rely on every blob of any other; a second scan has nothing to add."""
    hand, other = place.hand(), place.another()
    hand.save(TREE)
    other.save(TREE | {"own": b"something of its own"})
    result = scanned(place, role=role)
    assert result.vouched == len(stored(hand, other))
    assert vouched(place, hand) == vouched(place, other) == stored(hand, other)
    assert scanned(place, role=role).vouched == 0
    hand.save({"later": b"one more"})
    assert scanned(place, role=role).vouched == 2
    assert place.check(role=role).sound


def test_alone_writers_learn_of_their_own(new_vault: object) -> None:
    """In an isolated repository each writer is told of its own blobs and of nobody else's."""
    place = Place(isolated=True)
    hand, other = place.hand(), place.another()
    hand.save(TREE)
    other.save(TREE)
    assert scanned(place).vouched == len(stored(hand)) + len(stored(other))
    assert vouched(place, hand) == stored(hand)
    assert vouched(place, other) == stored(other)
    assert place.check(role=Role.VERIFIER).sound


def test_a_sample_vouches_for_a_sample(place: Place) -> None:
    """Only what was read is vouched for; with the days everything is."""
    hand = place.hand()
    for number in range(6):
        hand.save({"file": b"%d" % number})
    counts = [scanned(place, Daily(3, today)).vouched for today in range(3)]
    assert sum(counts) == len(stored(hand)) == 12
    assert max(counts) < 12


def test_what_a_record_holds_is_vouched_for(place: Place, tmp_path: Path) -> None:
    """A scan that was stopped after reading vouches, when it goes on, for what it read before."""
    hand = place.hand()
    hand.save(TREE)
    with Record(tmp_path / "record", max_age=100, now=1) as record:
        place.check(record=record)
        result = scanned(place, record=record)
    assert (result.report.packs_read, result.vouched) == (0, len(stored(hand)))


def test_rubbish_is_never_vouched_for(place: Place) -> None:
    """Rubbish under a known id, a pack that rots and packs that nobody lists are kept out of manifests."""
    hand, thief = place.hand(), place.another()
    hand.save(TREE)
    poison = thief.pack(Blob(b"rubbish!!", id=hand.identify(b"known later")), Blob(b"good"))
    thief.announce(b"", [thief.index([poison])])
    thief.pack(Blob(b"listed nowhere"))
    result = scanned(place)
    assert result.condemned == (layout.pack_name(poison.name),)
    assert vouched(place, hand) == stored(hand)


def test_damage_is_condemned_once(place: Place) -> None:
    """A damaged pack is condemned for writers to store its blobs anew, and no second act says so again."""
    hand = place.hand()
    hand.save(TREE)
    scanned(place)
    name = layout.pack_name(hand.packs[0].name)
    raw = place.store.objects[name]
    place.store.objects[name] = raw[:200] + bytes([raw[200] ^ 1]) + raw[201:]
    result = scanned(place)
    assert result.condemned == (name,)
    assert not result.report.sound
    assert list(place.open().history().condemned) == [hand.packs[0].name]
    assert scanned(place).condemned == ()
    assert len(place.store.below("acts")) == 1


def test_what_was_vouched_for_and_rots_is_vouched_for_again(place: Place) -> None:
    """A blob whose vouched copy is gone is vouched for at its new place."""
    hand = place.hand()
    hand.save({"file": b"content"})
    scanned(place)
    first = hand.packs[0]
    del place.store.objects[layout.pack_name(first.name)]
    second = hand.pack(Blob(b"content"), Blob(b"more"))
    hand.announce(b"", [hand.index([second])])
    assert scanned(place).vouched == 2


@pytest.mark.parametrize("role", [Role.WRITER, Role.READER, Role.LISTER, Role.PRUNER])
def test_who_may_scan(place: Place, role: Role) -> None:
    """Only who reads contents and may vouch scans."""
    with pytest.raises(KeyRefused):
        scanned(place, role=role)


def test_locks_are_extended() -> None:
    """Everything a restore of a kept snapshot reads is locked for the time asked, and nothing else."""
    place = Place(store=LockingStore())
    hand = place.hand()
    hand.save(TREE)
    unused = hand.pack(Blob(b"unused"))
    result = scanned(place, protect=10**6)
    needed = {name for name in place.store.objects if not name.startswith("manifests")} - {
        layout.pack_name(unused.name)
    }
    assert place.store.locks.keys() == needed
    assert result.locked == len(needed)
    with pytest.raises(Denied):
        place.store.delete(place.store.below("snapshots")[0])
    before = dict(place.store.locks)
    scanned(place, protect=1)
    assert place.store.locks == before
    scanned(place, protect=2 * 10**6)
    assert all(until > before[name] for name, until in place.store.locks.items())
    scanned(place)


def test_a_store_that_refuses_a_lock_is_told() -> None:
    """A lock that the store refuses is named, and the others are made."""

    class Grudging(LockingStore):
        def lock_until(self, name: str, until: int) -> None:
            if name.startswith("keys"):
                raise Denied("not these")
            super().lock_until(name, until)

    place = Place(store=Grudging())
    place.hand().save(TREE)
    result = scanned(place, protect=100)
    assert len(result.unlocked) == len(place.store.below("keys"))
    assert result.locked == len(place.store.locks) > 3


def test_a_store_without_locks_is_scanned_all_the_same(place: Place) -> None:
    """Where nothing can be locked, nothing is said to be."""
    place.hand().save(TREE)
    assert scanned(place, protect=100).locked == 0


def test_self_healing(vault: Vault) -> None:
    """Damage, a scan, the next save, a heal: what anybody still has is whole again in every snapshot."""
    chance = random.Random(4)
    for number in range(30):
        (vault.source / f"file {number}").write_bytes(chance.randbytes(3000))
    (vault.source / "large").write_bytes(chance.randbytes(3 << 20))
    vault.save()
    (vault.source / "file 1").write_bytes(b"changed")
    vault.save()
    was = picture(vault.source)
    for path in vault.objects("packs"):
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
    verifier = vault.opened(vault.verifier)
    found = scan(verifier, EVERYTHING, clock=vault.clock)
    assert len(found.condemned) == len(vault.objects("packs"))
    assert len(found.report.touched) == 2
    vault.save()
    mended = heal(survey(verifier, EVERYTHING), clock=vault.clock)
    assert len(mended.whole) >= 2
    assert {loss.path for one in mended.lost for loss in one.losses} <= {"file 1", "/"}
    target, restored = vault.restore()
    assert (restored.problems, picture(target)) == ((), was)
    again = check(verifier, EVERYTHING, clock=vault.clock)
    assert {path for _, path in again.files()} == {loss.path for one in mended.lost for loss in one.losses}


def test_damage_to_its_end(vault: Vault) -> None:
    """Scan, save, heal, copy out, prune: at the end the damaged packs are gone and every snapshot is whole."""
    chance = random.Random(7)
    for number in range(12):
        (vault.source / f"file {number}").write_bytes(chance.randbytes(4000))
    vault.save()
    (vault.source / "file 1").write_bytes(b"changed")
    vault.save()
    first, second = (restored(vault, snapshot) for snapshot in vault.as_reader().snapshots())
    data = [path for path in vault.objects("packs") if path.read_bytes()[4:5] == layout.DATA_PACK]
    largest = max(data, key=lambda path: path.stat().st_size)
    raw = bytearray(largest.read_bytes())
    raw[packs.START] ^= 1
    largest.write_bytes(raw)
    verifier, pruner = vault.opened(vault.verifier), vault.opened(vault.pruner)
    assert len(scan(verifier, EVERYTHING, clock=vault.clock).condemned) == 1
    vault.save()
    heal(survey(verifier, EVERYTHING), clock=vault.clock)
    assert repair_packs(survey(verifier, EVERYTHING), clock=vault.clock).blobs >= 11
    for _ in range(3):
        prune(pruner, now=vault.clock, grace=0, forced=True)
    assert not largest.exists()
    report = check(verifier, EVERYTHING, clock=vault.clock)
    assert (report.problems, report.waiting) == ((), 0)
    lost = {path for _, path in report.files()}
    assert lost <= {"file 1"}, "the one content that is nowhere any more"
    after = [restored(vault, snapshot) for snapshot in vault.as_reader().snapshots()]
    assert after[1:] == [second, second]
    gone = {f"/{one}".encode() for one in lost}
    assert after[0] == {path: content for path, content in first.items() if path not in gone}


def restored(vault: Vault, snapshot: Snapshot) -> dict[bytes, object]:
    """What of a snapshot can be restored."""
    target = vault.base / f"restored-{next(vault._targets)}"
    restore(Catalogue(vault.as_reader(), snapshot), target)
    return {path: content for path, (_, _, content) in picture(target).items()}


def test_a_second_writer_sends_nothing_twice(vault: Vault) -> None:
    """After a scan a second machine with the same files sends trees and little else."""
    (vault.source / "large").write_bytes(random.Random(1).randbytes(2 << 20))
    vault.save()
    scan(vault.opened(vault.verifier), EVERYTHING, clock=vault.clock)
    other = vault.derive(Role.WRITER)
    saved = vault.save(state="other", writer=other)
    assert saved.effort.added < 10_000
    assert check(vault.opened(vault.verifier), EVERYTHING, clock=vault.clock).sound
