"""Prunes that break off, stores that are full, stores that lost something."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from backup.engine.errors import Full, Unreachable
from backup.engine.format import acts, chain, layout, packs
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.keeping import forget
from backup.engine.keeping.ground import Unsound, digest
from backup.engine.keeping.prune import Pruned
from backup.engine.reading.catalogue import Catalogue
from tests.backup.keeping.conftest import Depot


@pytest.fixture(autouse=True)
def small_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs that are full at 32 KiB."""
    monkeypatch.setattr(packs, "TARGET", 32 << 10)


def three_parts(depot: Depot) -> list[bytes]:
    """A snapshot and packs to be deleted, packs to be condemned, packs to be joined: the ids of what stays."""
    gone = depot.save({"gone": depot.noise(50_000)})
    depot.save({"x": b"x"})
    depot.forget(gone)
    depot.wait(8)
    depot.prune()
    files: dict[str, bytes] = {}
    for part in range(3):
        files |= {f"{part}-{number}": depot.noise(2000) for number in range(20)}
        first = depot.save(files)
        depot.forget(first)
    depot.save({name: data for name, data in files.items() if name.endswith(("-1", "-2", "-3"))})
    depot.save({name: data for name, data in files.items() if name.endswith(("-4", "-5"))}, label="mail")
    depot.wait(8)
    return [one.id for one in depot.opened(depot.reader).snapshots()]


@dataclass
class Failing:
    """Fails at call number `at`, or right after it."""

    depot: Depot
    at: int
    count: int = 0

    def __call__(self, _what: str, _name: str) -> None:
        self.count += 1
        if self.count == self.at:
            raise Unreachable("the cable was pulled")


@pytest.mark.parametrize("when", ["before", "after"])
def test_interrupted_at_every_call(depot: Depot, when: str) -> None:
    """Whichever call to the store a prune breaks off at, every snapshot is whole, and the next prune goes on."""
    staying = three_parts(depot)
    objects, time = dict(depot.store.objects), depot.store.time
    whole = depot.prune()
    assert whole.packs.count
    assert whole.rewritten.packs > 2
    written = whole.rewritten.size
    seen: list[dict[str, tuple[bytes, int]]] = []
    for number in range(1, 1000):
        depot.store.objects, depot.store.time = dict(objects), time
        failing = Failing(depot, number)
        setattr(depot.store, when, failing)
        try:
            depot.prune()
        except Unreachable:
            pass
        else:
            break
        finally:
            setattr(depot.store, when, lambda _what, _name: None)
        if seen and depot.store.objects.keys() == seen[-1].keys():
            continue  # only asked since then
        seen.append(dict(depot.store.objects))
        depot.check(*staying)
        before = depot.packs()
        done = depot.prune()
        assert done.problems == ()
        fresh = sum(len(depot.store.objects[name][0]) for name in depot.packs() - before)
        kept = sum(len(depot.store.objects[name][0]) for name in before - objects.keys())
        assert fresh + kept <= written * 1.3, "what was written before the break was written again"
        depot.check(*staying)
    assert len(seen) > 8
    for _ in range(3):
        depot.wait(8)
        depot.prune()
    depot.check(*staying)
    assert depot.store.size < sum(len(data) for data, _ in objects.values()) / 2


def test_what_an_interrupted_prune_left_and_nobody_uses_goes(depot: Depot) -> None:
    """New packs and indexes that the next run has no use for are condemned like any other, and go."""
    staying = three_parts(depot)
    depot.store.before = lambda what, name: _pull(what, name, "acts/")
    with pytest.raises(Unreachable):
        depot.prune()
    depot.store.before = lambda _what, _name: None
    left = depot.packs()
    forget.forget(depot.as_pruner, [depot.snapshot(one) for one in staying], now=depot.clock())
    for _ in range(4):
        depot.wait(8)
        depot.prune()
    assert left
    assert depot.packs() == set()
    assert depot.store.names("index") == set()


def _pull(what: str, name: str, prefix: str) -> None:
    if what == "create" and name.startswith(prefix):
        raise Unreachable(name)


# Full


def test_a_full_store(depot: Depot) -> None:
    """With no byte free, what is due goes first, the rest is condemned, and what needs room is put off and told."""
    staying = three_parts(depot)
    depot.store.room = depot.store.size
    done = depot.prune()
    assert done.packs.count
    assert depot.store.size <= depot.store.room
    depot.check(*staying)
    for _ in range(4):
        depot.wait(8)
        done = depot.prune()
    assert not done.rewritten.is_full
    depot.check(*staying)
    assert depot.store.size < depot.store.room / 2


def test_a_full_store_where_nothing_is_due(depot: Depot) -> None:
    """With no byte free and little due, what nothing needs is condemned all the same; nothing else is left behind."""
    files = {str(number): depot.noise(4000) for number in range(40)}
    first = depot.save(files)
    own = depot.save({"other": depot.noise(20_000)})
    last = depot.save({name: data for name, data in files.items() if int(name) % 10 == 0})
    depot.forget(first, own)
    depot.wait(8)
    depot.store.room = 0
    before = set(depot.store.objects)
    done = depot.prune()
    assert done.rewritten.is_full
    assert done.rewritten.put_off
    assert done.rewritten.condemned
    assert {name.partition("/")[0] for name in depot.store.objects.keys() - before} == {"acts"}
    depot.check(last.snapshot)
    depot.wait(8)
    assert depot.prune().packs.count == len(done.rewritten.condemned)
    depot.check(last.snapshot)


def test_a_store_without_any_reserve(depot: Depot) -> None:
    """Where not even the act fits, what is due has gone before that is told."""
    three_parts(depot)
    before = depot.packs()
    depot.store.room, depot.store.reserve = 0, 0
    with pytest.raises(Full):
        depot.prune()
    assert depot.packs() < before


# Damage


def run_on(depot: Depot, **options: object) -> Pruned:
    for _ in range(3):
        done = depot.prune(**options)
        depot.wait(8)
    return done


@pytest.mark.parametrize("what", ["pack", "index", "snapshot", "cut pack", "changed index"])
def test_damage_comes_first(depot: Depot, what: str) -> None:
    """Nothing goes of a writer whose things are damaged; those of others go. (restic: PruneWithDamagedRepository)"""
    own: dict[bytes, set[str]] = {}
    for writer in (depot.writer, depot.other):
        before = depot.packs()
        depot.forget(depot.save({"gone": depot.noise(3000)}, writer=writer))
        unneeded = depot.packs()
        last = depot.save({str(number): depot.noise(3000) for number in range(6)}, writer=writer)
        own[last.snapshot] = depot.packs() - before
        needed = depot.packs() - unneeded
        if writer is depot.writer:
            mine, name = last.snapshot, min(needed)
    depot.wait(8)
    if "index" in what:
        name = layout.index_name(depot.snapshot(mine).indexes[0])
    elif what == "snapshot":
        name = depot.snapshot(mine).name
    data, at = depot.store.objects.pop(name)
    if what not in ("pack", "index"):
        depot.store.objects[name] = data[:-1], at
    done = run_on(depot)
    assert done.problems
    gone = set().union(*own.values()) - depot.packs() - {name}
    assert gone, "what nothing needs of the other writer goes"
    assert gone.isdisjoint(own[mine])
    depot.check(last.snapshot)
    depot.store.objects[name] = data, at
    assert run_on(depot).problems == ()
    depot.check(mine, last.snapshot)
    assert own[mine] - depot.packs()


def test_damage_of_a_writer_that_relies_on_others(depot: Depot) -> None:
    """Where an index is gone that may list another writer's blobs, nothing of anybody goes."""
    files = {str(number): depot.noise(3000) for number in range(6)}
    first = depot.save(files)
    verifier = depot.opened(depot.verifier)
    verifier.publish(layout.EVERYBODY, Catalogue(verifier, depot.snapshot(first.snapshot)).packs())
    second = depot.save(files, writer=depot.other)
    depot.save({"x": b"x"})
    depot.forget(first)
    depot.wait(8)
    name = layout.index_name(depot.snapshot(second.snapshot).indexes[0])
    lost = depot.store.objects.pop(name)
    before = depot.packs()
    assert run_on(depot).problems
    assert depot.packs() == before
    depot.store.objects[name] = lost
    assert run_on(depot).problems == ()
    depot.check(second.snapshot)


def test_a_snapshot_that_is_missed(depot: Depot) -> None:
    """A gap in a writer's row that no act explains stops its pruning; written off, it stops it no more."""
    first, second, third = (depot.save({str(number): depot.noise(3000)}) for number in range(3))
    depot.forget(first)
    depot.wait(8)
    del depot.store.objects[depot.snapshot(second.snapshot).name]
    before = depot.packs()
    assert "is gone" in run_on(depot).problems[0]
    assert depot.packs() == before
    forget.write_off(depot.as_pruner, depot.writer.key_id, 2, now=depot.clock())
    assert run_on(depot).problems == ()
    assert depot.packs() < before
    depot.check(third.snapshot)


def test_a_snapshot_that_cant_be_read_is_written_off(depot: Depot) -> None:
    """A damaged snapshot that was written off is deleted, and what only it may have needed goes."""
    first, second = (depot.save({str(number): depot.noise(3000)}) for number in range(2))
    name = depot.snapshot(first.snapshot).name
    data, at = depot.store.objects[name]
    depot.store.objects[name] = data[:-1] + b"?", at
    depot.wait(8)
    assert run_on(depot).problems
    forget.write_off(depot.as_pruner, depot.writer.key_id, 1, now=depot.clock())
    depot.wait(8)
    assert run_on(depot).problems == ()
    assert name not in depot.store.objects
    depot.check(second.snapshot)


def test_rubbish_under_a_high_number(depot: Depot) -> None:
    """Rubbish that somebody put into a writer's row stops its pruning until it is written off; then it is deleted."""
    first, second = (depot.save({str(number): depot.noise(3000)}) for number in range(2))
    name = layout.snapshot_name(depot.writer.key_id, 2**63)
    depot.store.create(name, [b"rubbish"])
    depot.forget(first)
    depot.wait(8)
    assert run_on(depot).problems
    forget.write_off(depot.as_pruner, depot.writer.key_id, 2**63, now=depot.clock())
    depot.wait(8)
    run_on(depot)
    assert run_on(depot).problems == ()
    assert name not in depot.store.objects
    depot.check(second.snapshot)


def test_despite(depot: Depot) -> None:
    """Whoever names a damaged object has it count for nothing."""
    first, second = (depot.save({str(number): depot.noise(3000)}) for number in range(2))
    name = depot.snapshot(first.snapshot).name
    depot.store.objects[name] = b"rubbish", depot.store.time
    depot.wait(8)
    assert run_on(depot, despite=[name]).problems == ()
    depot.check(second.snapshot)


def test_a_badge_that_is_missed(depot: Depot) -> None:
    """Where a writer's badge is gone, its snapshots can't be believed, and nothing of it goes."""
    saved = depot.save({"a": depot.noise(3000)})
    depot.wait(30)
    badge = depot.store.objects.pop(layout.badge_name(depot.writer.key_id))
    before = depot.packs()
    assert run_on(depot).problems
    assert depot.packs() == before
    depot.store.objects[layout.badge_name(depot.writer.key_id)] = badge
    depot.check(saved.snapshot)


def test_what_a_revoked_key_says_hinders_nothing(depot: Depot) -> None:
    """Snapshots after the last that counts of a revoked writer neither keep anything nor stop a prune."""
    first, _ = (depot.save({str(number): depot.noise(3000)}) for number in range(2))
    depot.opened(depot.master).revoke(depot.writer.key_id, last=1, now=depot.clock())
    before = depot.packs()
    depot.wait(8)
    assert run_on(depot).problems == ()
    assert depot.packs() < before
    depot.check(first.snapshot)


# A store that takes something back


def acts_of(depot: Depot) -> list[str]:
    return sorted(depot.store.names(f"acts/{depot.pruner.key_id.hex()}"))


def test_the_newest_act_is_taken_back(depot: Depot) -> None:
    """A store that loses the newest act of a pruner loses no snapshot: the next prune says it again."""
    staying = three_parts(depot)
    depot.prune()
    newest = acts_of(depot)[-1]
    act = depot.store.objects.pop(newest)
    depot.check(*staying)
    assert depot.prune().rewritten.condemned
    depot.check(*staying)
    assert depot.store.objects[newest] != act
    for _ in range(3):
        depot.wait(8)
        depot.prune()
    depot.check(*staying)


def test_an_act_is_taken_back_when_it_is_too_late(depot: Depot) -> None:
    """Where the act is lost that tells what took the place of indexes that have gone, everything that is left stays."""
    staying = three_parts(depot)
    depot.prune()
    act = acts_of(depot)[-1]
    depot.wait(8)
    depot.prune()
    lost = depot.store.objects.pop(act)
    before = depot.packs()
    if acts_of(depot)[-1:] > [act]:
        with pytest.raises(Unsound):
            depot.prune()
    else:
        assert depot.prune().problems
    assert depot.packs() == before
    depot.store.objects[act] = lost
    depot.check(*staying)


def test_an_act_in_the_middle_is_taken_back(depot: Depot) -> None:
    """A gap among acts stops every prune, for what is missed may have held or recalled something."""
    first = depot.save({"a": depot.noise(3000)})
    depot.save({"b": depot.noise(3000)})
    depot.forget(first)
    forget.hold(depot.as_pruner, [depot.snapshot(first.snapshot)], now=depot.clock())
    forget.tag(depot.as_pruner, [depot.snapshot(first.snapshot)], ["x"], now=depot.clock())
    held = acts_of(depot)[1]
    del depot.store.objects[held]
    depot.wait(8)
    with pytest.raises(Unsound, match="is gone"):
        depot.prune()
    name = depot.snapshot(first.snapshot).name
    run_on(depot, despite=[held])
    assert name not in depot.store.objects


def test_overstepping_acts_stop_a_prune(depot: Depot) -> None:
    """Where somebody says what he may not, people look first; once his key is revoked, it hinders nothing more."""
    depot.save({"a": depot.noise(3000)})
    repository, pretender = depot.opened(depot.lister), replace(depot.lister, role=Role.PRUNER)
    clear = Clear(condemned=frozenset(map(digest, depot.packs())))
    act = acts.write(repository.config, pretender, 1, chain.FIRST, clear, Said(time=1))
    depot.store.create(layout.act_name(depot.lister.key_id, 1), [act])
    with pytest.raises(Unsound, match="lister"):
        depot.prune()
    depot.opened(depot.master).revoke(depot.lister.key_id, last=0, now=depot.clock())
    depot.prune()
    depot.check()
