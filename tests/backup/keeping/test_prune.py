"""Room is given back in two steps, and nothing that a kept snapshot needs ever goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backup.engine.errors import Damaged, Denied, KeyRefused, Unreachable
from backup.engine.format import blobs, packs
from backup.engine.format.keys import Key, Role
from backup.engine.keeping import forget, rewriting
from backup.engine.keeping.ground import DAY
from backup.engine.keeping.judging import Allowance, Economy
from backup.engine.keeping.prune import prune
from backup.engine.keeping.stock import Stock
from backup.engine.reading.catalogue import Catalogue
from tests.backup.keeping.conftest import Depot


@pytest.fixture
def small_packs(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Packs that are full at 64 KiB."""
    monkeypatch.setattr(packs, "TARGET", 64 << 10)
    return packs.TARGET


def settle(depot: Depot, **options: object) -> None:
    """Prune until all that is to go has gone."""
    for _ in range(3):
        depot.wait(8)
        depot.prune(**options)


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


# Written anew


def test_packs_that_are_mostly_waste_are_written_anew(depot: Depot, small_packs: int) -> None:
    """What is needed of them lies in a new pack, every snapshot reads as before, and the room comes back."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    second = depot.save({name: data for name, data in big.items() if int(name) % 8 == 0})
    third = depot.save({name: data for name, data in big.items() if int(name) % 16 == 0})
    before = depot.store.size
    depot.forget(first)
    depot.wait(8)
    done = depot.prune()
    assert done.rewritten.packs
    assert done.waste < 4096
    depot.check(second.snapshot, third.snapshot)
    settle(depot)
    depot.check(second.snapshot, third.snapshot)
    assert depot.store.size < before / 4


def test_a_writer_finds_its_blobs_where_they_lie_now(depot: Depot, small_packs: int) -> None:
    """After packs were written anew, a save of what was held stores no content twice."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    kept = {name: data for name, data in big.items() if int(name) % 8 == 0}
    depot.save(kept)
    depot.forget(first)
    depot.wait(8)
    assert depot.prune().rewritten.packs
    assert depot.store.names("manifests")
    third = depot.save(kept | {"new": b"new"})
    assert third.effort.fresh < 4000
    settle(depot)
    depot.check(*list(depot.pictures)[1:])


def test_manifests_go_with_the_last_of_their_packs(depot: Depot, small_packs: int) -> None:
    """A manifest stays while a pack it lists does; one that lists only what has gone is deleted."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    second = depot.save({name: data for name, data in big.items() if int(name) % 8 == 0})
    depot.forget(first)
    settle(depot)
    assert depot.store.names("manifests")
    depot.save({"x": b"x"})
    depot.forget(second)
    settle(depot)
    settle(depot)
    assert not depot.store.names("manifests")


def test_rewriting_comes_to_rest(depot: Depot, small_packs: int) -> None:
    """Once everything is in order, a prune writes nothing anew and says nothing."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    depot.save({name: data for name, data in big.items() if int(name) % 8 == 0})
    for number in range(20):
        depot.wait(1)
        depot.save({"small": depot.noise(3000 + number)})
    depot.forget(first)
    for _ in range(6):
        depot.wait(8)
        depot.prune()
    before = dict(depot.store.objects)
    depot.wait(8)
    done = depot.prune()
    assert (done.rewritten.packs, done.reclaimed, depot.store.objects) == (0, 0, before)
    depot.check(*list(depot.pictures)[1:])


def test_rounds(depot: Depot, small_packs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Much is written anew round by round, each with an act of its own: what was done counts though the rest fails."""
    monkeypatch.setattr(rewriting, "_ROUND_BLOBS", 20)
    big: dict[str, bytes] = {}
    saved = []
    for part in range(6):
        big |= {f"{part}-{number}": depot.noise(4000) for number in range(30)}
        saved.append(depot.save(big))
    last = depot.save({name: data for name, data in big.items() if int(name[2:]) < 10})
    depot.forget(*saved)
    depot.wait(8)
    acts = len(depot.store.names("acts"))
    left = 3

    def before(what: str, name: str) -> None:
        nonlocal left
        left -= what == "create" and name.startswith("acts/")
        if not left:
            raise Unreachable(name)

    depot.store.before = before
    with pytest.raises(Unreachable):
        depot.prune()
    depot.store.before = lambda _what, _name: None
    assert len(depot.store.names("acts")) == acts + 2
    depot.check(last.snapshot)
    assert depot.prune().rewritten.packs
    assert depot.prune().rewritten.packs == 0
    settle(depot)
    depot.check(last.snapshot)
    assert depot.store.size < 300_000


def test_small_packs_are_joined(depot: Depot, small_packs: int) -> None:
    """Packs of many small saves are joined as soon as they fill one, with the keys of each (restic: PruneSmall)."""
    for number in range(30):
        depot.save({"a": depot.noise(3000), "b": str(number).encode()})
        depot.wait(1)
    before = depot.packs()
    settle(depot)
    data = [name for name in depot.packs() if packs.TARGET <= len(depot.store.objects[name][0]) < 2 * packs.TARGET]
    assert data
    assert len(depot.packs()) < len(before) / 1.5
    depot.check()


def test_few_small_packs_are_left_alone(depot: Depot, small_packs: int) -> None:
    """What doesn't fill a pack isn't joined, so that nothing is written again and again."""
    for _ in range(5):
        depot.save({"a": depot.noise(3000)})
    before = depot.packs()
    settle(depot)
    assert depot.packs() == before


def test_joining_can_be_declined(depot: Depot, small_packs: int) -> None:
    """Without joining, small packs stay as they are, however many."""
    for _ in range(30):
        depot.save({"a": depot.noise(3000)})
    before = depot.packs()
    settle(depot, economy=Economy(join=False))
    assert depot.packs() == before


@pytest.mark.parametrize(("allowed", "most"), [("0%", 0.02), ("50%", 0.5), ("unlimited", 99), ("8K", 0.15)])
def test_max_unused(depot: Depot, small_packs: int, allowed: str, most: float) -> None:
    """Given how much waste may stay, so much and no more of it is left, and no pack is rewritten beyond need."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    depot.save({name: data for name, data in big.items() if int(name) % 5})
    depot.forget(first)
    depot.wait(8)
    economy = Economy(max_unused=Allowance.parse(allowed), join=False)
    done = depot.prune(economy=economy)
    used = sum(size.total for size in done.sizes)
    assert done.waste <= most * used
    assert bool(done.rewritten.packs) is (allowed in ("0%", "8K"))
    settle(depot, economy=economy)
    depot.check(*list(depot.pictures)[1:])


def test_max_rewrite(depot: Depot, small_packs: int) -> None:
    """One run writes no more anew than it may; the next runs do the rest, which is told as put off."""
    big: dict[str, bytes] = {}
    saved = []
    for part in range(6):
        big |= {f"{part}-{number}": depot.noise(4000) for number in range(20)}
        saved.append(depot.save(big))
    last = depot.save({name: data for name, data in big.items() if name.endswith(("-1", "-2"))})
    depot.forget(*saved)
    depot.wait(8)
    economy = Economy(max_rewrite=20_000)
    left = []
    for _ in range(4):
        done = depot.prune(economy=economy)
        assert done.rewritten.size < 24_000
        left.append(done.rewritten.put_off)
        depot.wait(8)
    assert left == [4, 2, 0, 0]
    depot.check(last.snapshot)


def test_duplicates_go(depot: Depot) -> None:
    """Blobs stored twice, because a writer lost its memory, are kept once (restic: PruneMaxUnusedDuplicate)."""
    files = {str(number): depot.noise(2000) for number in range(10)}
    first = depot.save(files)
    before = depot.store.size
    for path in depot.state().iterdir():
        path.unlink()
    depot.save(files)
    assert depot.store.size > 1.9 * before
    depot.forget(first)
    settle(depot)
    assert depot.store.size < 1.2 * before
    depot.check(*list(depot.pictures)[1:])


def test_sizes_by_source(depot: Depot) -> None:
    """The result tells what each source takes, and what of it is its alone."""
    shared, own = depot.noise(30_000), depot.noise(10_000)
    depot.save({"a": shared, "b": own}, label="docs")
    depot.save({"a": shared}, label="mail")
    depot.save({"a": shared}, writer=depot.other, label="docs")
    sizes = {(size.writer, size.source): size for size in depot.prune().sizes}
    docs, mail = sizes[depot.writer.key_id, "docs"], sizes[depot.writer.key_id, "mail"]
    assert 40_000 < docs.total < 41_000
    assert 10_000 < docs.alone < 11_000
    assert 30_000 < mail.total < 31_000
    assert mail.alone < 1_000
    assert sizes[depot.other.key_id, "docs"].alone > 30_000


def test_a_tree_is_opened_once(depot: Depot, small_packs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many snapshots hold a directory, and whatever took the place of their indexes, it is read once."""
    files = {f"{number}/file": depot.noise(1000) for number in range(100)}
    first = depot.save(files | {f"{number}/gone": depot.noise(3000) for number in range(100)})
    for number in range(5):
        files[f"{number}/file"] = depot.noise(1000)
        depot.save(files)
        depot.wait(1)
    depot.forget(first)
    depot.wait(8)
    assert depot.prune().rewritten.packs
    for number in range(5, 10):
        files[f"{number}/file"] = depot.noise(1000)
        depot.save(files)
        depot.wait(1)
    opened = []
    open_ = Stock.open

    def counting(stock: Stock, number: int, entry: bytes) -> bytes:
        opened.append(entry[:32])
        return open_(stock, number, entry)

    monkeypatch.setattr(Stock, "open", counting)
    depot.prune()
    assert len(set(opened)) > 100
    assert len(opened) < 1.2 * len(set(opened))
    depot.check(*list(depot.pictures)[1:])


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
