"""Prunes beside saves and beside each other: whoever comes when, what a snapshot needs is there."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from backup.engine.errors import Damaged
from backup.engine.format import layout, packs
from backup.engine.format.acts import Clear, Said
from backup.engine.history import say
from backup.engine.keeping import forget
from backup.engine.keeping.deleting import Deletion
from backup.engine.keeping.ground import digest, survey
from backup.engine.keeping.judging import Economy
from backup.engine.keeping.planning import make_plan
from backup.engine.keeping.prune import GRACE
from backup.engine.keeping.reach import reach
from tests.backup.keeping.conftest import EVERYTHING_IN_ONE, Depot


@pytest.fixture(autouse=True)
def small_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs that are full at 64 KiB."""
    monkeypatch.setattr(packs, "TARGET", 64 << 10)


def once(depot: Depot, at: str, prefix: str, then: Callable[[], object]) -> None:
    """The first time a call of this kind comes, something else happens before it."""

    def before(what: str, name: str) -> None:
        if what == at and name.startswith(prefix):
            depot.store.before = lambda _what, _name: None
            then()

    depot.store.before = before


def rest(depot: Depot) -> None:
    for _ in range(3):
        depot.wait(8)
        assert depot.prune().problems == ()


def half_forgotten(depot: Depot) -> dict[str, bytes]:
    """Files of a snapshot that is about to go, a tenth of which another one keeps: the writer knows all of them."""
    files = {str(number): depot.noise(4000) for number in range(40)}
    first = depot.save(files)
    depot.save({name: data for name, data in files.items() if int(name) % 10 == 0})
    depot.forget(first)
    depot.pictures.pop(first.snapshot)
    depot.wait(8)
    return files


def test_a_save_that_began_before_and_ends_after(depot: Depot) -> None:
    """Packs are condemned between a writer's last look and its snapshot: what it announced is whole all the same."""
    files = half_forgotten(depot)
    once(depot, "create", "snapshots/", depot.prune)
    saved = depot.save(files)
    assert saved.sequence == 4
    announced = next(one for one in depot.opened(depot.reader).snapshots() if one.head.sequence == 3)
    depot.pictures[announced.id] = depot.pictures[saved.snapshot]
    depot.forget(saved)
    depot.pictures.pop(saved.snapshot)
    done = depot.prune()
    assert done.rewritten.spared
    depot.check()
    rest(depot)
    depot.check()


def test_a_save_that_hears_of_it_in_time(depot: Depot) -> None:
    """Packs are condemned before a writer's last look: it announces one snapshot, which needs none of them."""
    files = half_forgotten(depot)
    once(depot, "create", "packs/", depot.prune)
    saved = depot.save(files | {"new": depot.noise(100)})
    assert saved.sequence == 3
    assert not depot.prune().rewritten.spared
    rest(depot)
    depot.check()


def test_a_save_that_takes_longer_than_the_grace(depot: Depot) -> None:
    """As long as packs keep coming a save is under way, however long it takes: none of them is condemned."""
    begun = depot.store.time

    def slow(what: str, name: str) -> None:
        if what == "create" and name.startswith("packs/"):
            depot.wait(3)
            assert depot.prune().rewritten.condemned == set()

    depot.store.before = slow
    saved = depot.save({str(number): depot.noise(600_000) for number in range(6)})
    depot.store.before = lambda _what, _name: None
    assert depot.store.time - begun > 2 * GRACE
    assert saved.sequence == 1
    assert saved.effort.fresh < 3_700_000
    rest(depot)
    depot.check()


def test_a_writer_that_slept_before_its_last_look(depot: Depot) -> None:
    """A writer that sleeps for longer than the grace in the middle of a save finds its packs gone, and stores anew."""
    files = half_forgotten(depot)

    def sleep() -> None:
        depot.prune()
        depot.wait(8)
        assert depot.prune().packs.count

    once(depot, "create", "packs/", sleep)
    depot.save(files | {"new": depot.noise(100)})
    depot.check()
    rest(depot)
    depot.check()


def test_a_writer_that_slept_after_its_last_look(depot: Depot) -> None:
    """A snapshot announced too late is damaged: a whole one follows, and nothing of its writer goes meanwhile.

    That is the one gap there is (FORMAT.md, section 12): the writer itself closes it.
    """
    files = half_forgotten(depot)

    def sleep() -> None:
        depot.prune()
        depot.wait(8)
        assert depot.prune().packs.count

    once(depot, "create", "snapshots/", sleep)
    saved = depot.save(files)
    assert saved.sequence == 4
    depot.check()
    depot.wait(8)
    done = depot.prune()
    assert done.problems
    assert done.rewritten.condemned == set()
    broken = next(one for one in depot.opened(depot.reader).snapshots() if one.head.sequence == 3)
    forget.forget(depot.as_pruner, [broken], now=depot.clock())
    depot.wait(8)
    assert depot.prune().problems == ()
    rest(depot)
    depot.check()


def test_indexes_that_are_replaced_while_a_snapshot_is_announced(depot: Depot) -> None:
    """A snapshot that names indexes which were just replaced is whole at once: what nobody needed is listed on."""
    files = half_forgotten(depot)
    once(depot, "create", "snapshots/", depot.prune)
    saved = depot.save(files)
    announced = next(one for one in depot.opened(depot.reader).snapshots() if one.head.sequence == 3)
    assert depot.as_pruner.history().instead(announced.indexes) != announced.indexes
    depot.pictures[announced.id] = depot.pictures.pop(saved.snapshot)
    depot.check()
    depot.forget(saved)
    depot.prune()
    rest(depot)
    depot.check()


def test_two_pruners_at_once(depot: Depot) -> None:
    """Two pruners that write the same packs anew lose nothing; what is there twice goes later."""
    half_forgotten(depot)
    once(depot, "create", "acts/", depot.prune)
    depot.prune()
    depot.check()
    rest(depot)
    rest(depot)
    depot.check()
    assert depot.store.size < 40_000


def test_two_pruners_that_want_different_things(depot: Depot) -> None:
    """One writes anew what the other leaves: the snapshot is read with what both put in place."""
    half_forgotten(depot)
    once(depot, "create", "acts/", lambda: depot.prune(economy=Economy(max_rewrite=0)))
    depot.prune()
    depot.check()
    once(depot, "create", "index/", lambda: depot.prune(economy=Economy(max_rewrite=0)))
    depot.save({"other": depot.noise(70_000)})
    depot.prune()
    rest(depot)
    depot.check()


def test_a_pruner_that_slept_before_it_deleted(depot: Depot) -> None:
    """A pruner that wakes up more than a day after it looked deletes nothing."""
    files = half_forgotten(depot)
    depot.prune()
    depot.wait(8)
    ground = survey(depot.as_pruner, grace=GRACE)
    plan = make_plan(ground, reach(ground), Economy())
    assert plan.packs
    saved = depot.save(files)
    late = Deletion(ground)
    assert late.packs(plan.packs).count == len(plan.packs)
    depot.check(saved.snapshot)
    depot.wait(2)
    assert Deletion(ground).packs(plan.packs).count == 0


def test_a_snapshot_that_comes_while_a_pruner_deletes(depot: Depot) -> None:
    """A snapshot that names an old index, announced after a pruner looked, keeps what that index lists."""
    files = half_forgotten(depot)

    def slow() -> None:
        depot.prune()
        depot.wait(8)
        ground = survey(depot.as_pruner, grace=GRACE)
        waiting.append((ground, make_plan(ground, reach(ground), Economy())))

    waiting: list = []
    once(depot, "create", "snapshots/", slow)
    depot.save(files)
    ((ground, plan),) = waiting
    assert plan.packs
    deletion = Deletion(ground)
    assert deletion.packs(plan.packs).count == 0
    assert deletion.indexes(plan.indexes).count == 0
    depot.prune()
    for snapshot in depot.opened(depot.reader).snapshots():
        depot.read(snapshot.id)


@pytest.mark.parametrize("word", ["hold", "recall"])
def test_what_is_said_while_a_pruner_deletes(depot: Depot, word: str) -> None:
    """A snapshot that is held or recalled after a pruner looked isn't deleted."""
    first = depot.save({"a": depot.noise(5000)})
    depot.save({"b": depot.noise(5000)})
    depot.forget(first)
    depot.wait(8)
    ground = survey(depot.as_pruner, grace=GRACE)
    plan = make_plan(ground, reach(ground), Economy())
    assert plan.snapshots
    getattr(forget, word)(depot.as_pruner, [depot.snapshot(first.snapshot)], now=depot.clock())
    assert Deletion(ground).snapshots(plan.snapshots).count == 0
    depot.check()


def test_a_repair_meanwhile(depot: Depot) -> None:
    """A pack that a verifier condemned, having read it, is never spared, and stays as long as it is all there is."""
    files = {"a": depot.noise(5000)}
    saved = depot.save(files)
    verifier = depot.opened(depot.verifier)
    bad = depot.packs()
    clear = Clear(condemned=frozenset(map(digest, bad)))
    say(depot.store, verifier.config, verifier.key, verifier.history(), clear, Said(time=1))
    for _ in range(3):
        depot.wait(8)
        done = depot.prune()
        assert (done.rewritten.spared, done.packs.count) == (set(), 0)
    depot.check()
    again = depot.save(files | {"b": b"b"})
    assert again.effort.fresh > 5000
    depot.forget(saved)
    rest(depot)
    assert depot.packs().isdisjoint(bad)
    depot.check(again.snapshot)


def test_a_copy_made_because_another_is_rotten_stays(depot: Depot) -> None:
    """Of a blob stored twice the copy that is condemned keeps no room from the other, which later snapshots need."""
    files = {str(number): depot.noise(3000) for number in range(4)}
    first = depot.save(files)
    rotten = {name for name in depot.packs() if depot.store.objects[name][0][4:5] == layout.DATA_PACK}
    verifier = depot.opened(depot.verifier)
    clear = Clear(condemned=frozenset(map(digest, rotten)))
    say(depot.store, verifier.config, verifier.key, verifier.history(), clear, Said(time=1))
    second = depot.save(files)
    for _ in range(3):
        depot.wait(8)
        depot.prune()
    for name in rotten:
        depot.store.objects[name] = bytes(len(depot.store.objects[name][0])), 1
    depot.check(second.snapshot)
    with pytest.raises(Damaged):
        depot.check(first.snapshot)


@pytest.mark.parametrize("saying", ["recall", "hold"])
def test_a_snapshot_called_back_while_packs_go(depot: Depot, saying: str) -> None:
    """A pruner at work hears that a snapshot is to stay after all, and lets be what it needs."""
    saved = depot.save({str(number): depot.noise(4000) for number in range(40)})
    depot.forget(saved)
    depot.wait(8)
    depot.prune()
    depot.wait(8)
    ground = survey(depot.as_pruner, grace=GRACE)
    plan = make_plan(ground, reach(ground), Economy())
    assert plan.packs
    assert plan.indexes
    minutes = itertools.count(0, 61)
    deletion = Deletion(ground, clock=lambda: next(minutes))
    assert deletion.still_due(plan.packs) == plan.packs
    said = {"recall": (forget.recall, depot.pruner), "hold": (forget.hold, depot.lister)}
    say_so, key = said[saying]
    say_so(depot.opened(key), [depot.snapshot(saved.snapshot)], now=1)
    assert deletion.indexes(plan.indexes).count == 0
    assert deletion.packs(plan.packs).count == 0
    depot.check()


def test_a_pruner_without_room_beside_another(depot: Depot) -> None:
    """What a pruner wrote before its store was full stays where another one may have taken it over meanwhile."""
    files = {str(number): depot.noise(4000) for number in range(40)}
    gone = [depot.save({name: data for name, data in files.items() if int(name) < 20}), depot.save(files)]
    depot.save({name: data for name, data in files.items() if int(name) % 4 == 0})
    depot.forget(*gone)
    for one in gone:
        depot.pictures.pop(one.snapshot)
    depot.wait(8)
    others = []

    def full() -> None:
        before = depot.packs()
        assert depot.prune().rewritten.packs == 2
        others.append(before == depot.packs())
        depot.store.room = 0

    once(depot, "create", "index/", full)
    assert depot.prune().rewritten.is_full
    assert others == [True]
    depot.store.room = EVERYTHING_IN_ONE
    depot.check()
    rest(depot)
    depot.check()
