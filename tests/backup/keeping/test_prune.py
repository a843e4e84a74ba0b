"""Room is given back in two steps, and nothing that a kept snapshot needs ever goes."""

from __future__ import annotations

import pytest

from backup.engine.errors import Damaged, Denied, KeyRefused
from backup.engine.format import blobs
from backup.engine.format.keys import Key, Role
from backup.engine.keeping import forget
from backup.engine.keeping.ground import DAY
from backup.engine.keeping.prune import prune
from backup.engine.reading.catalogue import Catalogue
from tests.backup.keeping.conftest import Depot, settle

# Two steps


def test_nothing_to_do(depot: Depot) -> None:
    """Where everything is needed nothing goes, nothing is condemned, and nothing is said."""
    depot.save({"a": depot.noise(5000), "folder/b": b"text" * 1000})
    depot.wait(30)
    before = dict(depot.store.objects)
    done = depot.prune()
    assert depot.store.objects == before
    assert (done.reclaimed, done.rewritten.condemned, done.later, done.problems) == (0, set(), (), ())


def test_two_steps(depot: Depot) -> None:
    """A forgotten snapshot's own packs stay for the grace, are condemned, and go a grace later; the others stay."""
    first = depot.save({"a": depot.noise(5000)})
    only = depot.packs()
    second = depot.save({"b": depot.noise(100)})
    depot.forget(first)
    assert depot.prune().later == ()
    depot.wait(8)
    done = depot.prune()
    assert done.snapshots.count == 1
    assert len(done.rewritten.condemned) == len(only)
    assert depot.packs() > only
    assert done.later == ((depot.store.time + 7 * DAY, sum(len(depot.store.objects[name][0]) for name in only)),)
    assert depot.prune().packs.count == 0
    depot.wait(8)
    done = depot.prune()
    assert (done.packs.count, depot.packs() & only) == (len(only), set())
    depot.check(second.snapshot)
    assert depot.missing(second) == []
    depot.wait(8)
    assert depot.prune().indexes.count == 1
    depot.check(second.snapshot)


def test_until_it_is_pruned_all_can_be_taken_back(depot: Depot) -> None:
    """A forgotten snapshot is whole through its grace; recalled, it stays for good."""
    first = depot.save({"a": depot.noise(5000)})
    depot.save({"b": depot.noise(100)})
    depot.save({"b": depot.noise(100)})
    snapshot = depot.snapshot(first.snapshot)
    depot.forget(first)
    depot.wait(6)
    depot.prune()
    depot.check()
    forget.recall(depot.as_pruner, [snapshot], now=depot.clock())
    settle(depot)
    depot.check()


def test_a_snapshot_that_was_taken_in_part_cant_be_recalled(depot: Depot) -> None:
    """Who recalls a snapshot whose packs have gone is told so, and nothing is said."""
    first = depot.save({"a": depot.noise(5000)})
    depot.save({"b": depot.noise(100)})
    snapshot = depot.snapshot(first.snapshot)
    depot.forget(first)
    settle(depot)
    acts = depot.store.names("acts")
    with pytest.raises(Damaged):
        forget.recall(depot.as_pruner, [snapshot], now=depot.clock())
    assert depot.store.names("acts") == acts


def test_held_snapshots_keep_their_blobs(depot: Depot) -> None:
    """A snapshot that is held keeps all it needs, though it was forgotten long ago."""
    first = depot.save({"a": depot.noise(5000)})
    depot.save({"b": depot.noise(100)})
    depot.forget(first)
    forget.hold(depot.opened(depot.lister), [depot.snapshot(first.snapshot)], now=depot.clock())
    settle(depot)
    depot.check()


def test_the_newest_snapshot_of_a_writer_stays_as_an_object(depot: Depot) -> None:
    """Forgotten or not: its writer looks for the end of its row there. It goes once there is a newer one."""
    first = depot.save({"a": depot.noise(5000)})
    name = depot.snapshot(first.snapshot).name
    depot.forget(first)
    settle(depot)
    assert name in depot.store.objects
    assert not depot.packs()
    second = depot.save({"a": depot.noise(500)})
    assert (second.sequence, second.store_differs) == (2, False)
    settle(depot)
    assert name not in depot.store.objects
    depot.check(second.snapshot)


def test_the_grace_is_a_day_at_least(depot: Depot) -> None:
    """A shorter one is refused unless it is forced."""
    with pytest.raises(ValueError, match="a day"):
        depot.prune(grace=DAY - 1)
    depot.prune(grace=DAY)
    depot.prune(grace=0, forced=True)


def test_times_are_the_stores(depot: Depot) -> None:
    """However the clock of the machine that prunes runs, the grace is counted by the store's."""
    first = depot.save({"a": depot.noise(5000)})
    depot.save({"b": depot.noise(100)})
    depot.forget(first)
    prune(depot.as_pruner, now=lambda: depot.store.time + 400 * DAY)
    depot.check()


def test_dry_run(depot: Depot, small_packs: int) -> None:
    """A dry run tells what a run would do, and changes nothing."""
    big = {str(number): depot.noise(4000) for number in range(40)}
    first = depot.save(big)
    depot.save({name: big[name] for name in ("0", "20")})
    depot.forget(first)
    for _ in range(3):
        depot.wait(8)
        before = dict(depot.store.objects)
        told = depot.prune(dry_run=True)
        assert depot.store.objects == before
        done = depot.prune()
        assert (told.snapshots, told.indexes, told.packs) == (done.snapshots, done.indexes, done.packs)
        assert told.rewritten.condemned == done.rewritten.condemned
        assert (told.rewritten.packs, told.waste, told.sizes) == (done.rewritten.packs, done.waste, done.sizes)
        assert sum(size for _, size in told.later) == sum(size for _, size in done.later)


# Who may


@pytest.mark.parametrize("role", ["writer", "reader", "lister", "verifier"])
def test_only_pruners_and_the_master_prune(depot: Depot, role: str) -> None:
    """Every other key is refused before anything is looked at."""
    with pytest.raises(KeyRefused):
        depot.prune(getattr(depot, role))
    depot.prune(depot.master)


def test_a_pruner_never_opens_data(depot: Depot, small_packs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its key alone does the whole work, rewriting included, and opens no content of a file."""
    assert {name.split()[0] for name in depot.pruner.holder.private} == {"meta", "log"}  # type: ignore[attr-defined]
    assert set(depot.pruner.shared) == {"id meta", "share"}
    asked = []
    unseal = Key.unseal

    def watching(key: Key, part: str, *rest: object) -> bytes:
        asked.append((key.role, part))
        return unseal(key, part, *rest)  # type: ignore[arg-type]

    big = {str(number): depot.noise(4000) for number in range(40)}
    first = depot.save(big)
    second = depot.save({name: big[name] for name in ("0", "20")})
    depot.forget(first)
    monkeypatch.setattr(Key, "unseal", watching)
    settle(depot)
    assert set(asked) == {(Role.PRUNER, "meta"), (Role.PRUNER, "log")}
    monkeypatch.undo()
    depot.check(second.snapshot)
    known = Catalogue(depot.as_pruner, depot.snapshot(second.snapshot))
    (node, *_) = [node for _, node in known.walk() if node["t"] == "f"]
    with pytest.raises(KeyRefused):
        known.read(node["c"], blobs.DATA)


# Several writers


@pytest.mark.parametrize("kind", ["depot", "isolated"])
def test_writers_never_depend_on_each_others_indexes(
    kind: str, request: pytest.FixtureRequest, small_packs: int
) -> None:
    """What takes the place of a writer's indexes lists that writer's packs alone, and its manifest opens for it."""
    depot = request.getfixturevalue(kind)
    big = {str(number): depot.noise(4000) for number in range(60)}
    few = {name: data for name, data in big.items() if int(name) % 8 == 0}
    for writer in (depot.writer, depot.other):
        depot.forget(depot.save(big, writer=writer))
        depot.save(few, writer=writer)
    depot.wait(8)
    assert depot.prune().rewritten.packs
    gone = set(list(depot.pictures)[::2])
    depot.check(*(depot.pictures.keys() - gone))
    history = depot.as_pruner.history()
    mine, others = (
        {
            name
            for one in depot.opened(depot.reader).snapshots()
            if one.head.author == writer.key_id
            for name in history.instead(one.indexes)
        }
        for writer in (depot.writer, depot.other)
    )
    assert mine
    assert others
    assert mine.isdisjoint(others)
    for writer in (depot.writer, depot.other):
        again = depot.save(few, writer=writer, tags=["again"])
        assert again.effort.fresh == 0
    settle(depot)
    depot.check(*(depot.pictures.keys() - gone))


def test_what_a_verifier_vouched_for_is_kept_for_who_relies_on_it(depot: Depot, small_packs: int) -> None:
    """A writer may rely on another's blobs: they stay for it when the other's snapshots go, also when rewritten."""
    big = {str(number): depot.noise(4000) for number in range(60)}
    few = {name: data for name, data in big.items() if int(name) % 8 == 0}
    first = depot.save(big)
    verifier = depot.opened(depot.verifier)
    verifier.publish(bytes(16), Catalogue(verifier, depot.snapshot(first.snapshot)).packs())
    second = depot.save(few, writer=depot.other)
    assert second.effort.fresh < 4000
    depot.forget(first)
    settle(depot)
    depot.check(second.snapshot)
    assert depot.store.size < 100_000


# What nothing lists


def test_packs_of_saves_under_way_stay(depot: Depot) -> None:
    """A pack that no index lists is condemned only once it is older than the grace."""
    depot.save({"a": depot.noise(100)})
    before = depot.packs()
    listed = depot.store.names("index") | depot.store.names("snapshots")
    depot.wait(1)
    depot.save({"b": depot.noise(5000)})
    for name in (depot.store.names("index") | depot.store.names("snapshots")) - listed:
        del depot.store.objects[name]  # as if the save had been killed before it listed its packs
    stray = depot.packs() - before
    assert depot.prune().rewritten.condemned == set()
    depot.wait(6)
    assert depot.prune().rewritten.condemned == set()
    depot.wait(2)
    assert len(depot.prune().rewritten.condemned) == len(stray)
    depot.wait(8)
    depot.prune()
    assert depot.packs() == before


def test_what_a_killed_save_stored_serves_the_next(depot: Depot) -> None:
    """Packs that a killed save left are used by the next one, and then they are needed."""
    files = {str(number): depot.noise(4000) for number in range(10)}
    depot.store.before = lambda what, name: _stop(what, name, "create", "index/")
    with pytest.raises(InterruptedError):
        depot.save(files)
    depot.store.before = lambda _what, _name: None
    depot.wait(3)
    depot.prune()
    saved = depot.save(files)
    assert saved.effort.fresh < 4000
    settle(depot)
    depot.check(saved.snapshot)


def _stop(what: str, name: str, at: str, prefix: str) -> None:
    if what == at and name.startswith(prefix):
        raise InterruptedError


def test_locked_objects_are_passed_over(depot: Depot) -> None:
    """What the store doesn't let go yet is told, and goes another time."""
    first = depot.save({"a": depot.noise(5000)})
    depot.save({"b": depot.noise(100)})
    depot.forget(first)
    depot.wait(8)
    depot.prune()
    depot.wait(8)
    delete = depot.store.delete

    def locked(name: str) -> None:
        raise Denied(name)

    depot.store.delete = locked  # type: ignore[method-assign]
    done = depot.prune()
    assert (done.packs.count, done.packs.locked, done.reclaimed) == (0, 2, 0)
    depot.store.delete = delete  # type: ignore[method-assign]
    assert depot.prune().packs.count == 2


def test_a_held_snapshot_that_is_damaged(depot: Depot) -> None:
    """Of a held snapshot that can't be read nothing goes, though it was forgotten: it may come back from a copy."""
    held = depot.save({"a": depot.noise(5000)})
    depot.save({"b": depot.noise(5000)})
    forget.hold(depot.opened(depot.lister), [depot.snapshot(held.snapshot)], now=1)
    depot.forget(held)
    name = depot.snapshot(held.snapshot).name
    sound = depot.store.objects[name]
    depot.store.objects[name] = sound[0][:-1] + b"?", sound[1]
    for _ in range(3):
        depot.wait(8)
        depot.prune()
    depot.store.objects[name] = sound
    depot.check()
