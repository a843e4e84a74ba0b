"""Saying which snapshots are to go, which are to stay, and taking it back."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from backup.engine.errors import KeyRefused, Missing
from backup.engine.keeping import forget
from backup.engine.keeping.forget import Ambiguous, Selection, select
from backup.engine.keeping.ground import DAY
from backup.engine.keeping.retention import GroupEmptied, Policy, PolicyEmpty
from tests.backup.keeping.conftest import Depot


def days(depot: Depot, count: int, **options: object) -> list[bytes]:
    """One snapshot a day."""
    saved = []
    for number in range(count):
        saved.append(depot.save({"a": str(number).encode()}, **options).snapshot)
        depot.wait(1)
    return saved


def test_a_plan_says_nothing(depot: Depot) -> None:
    """A plan tells what would go and why the rest stays; nothing is said before it is applied, and then by one act."""
    ids = days(depot, 5)
    before = dict(depot.store.objects)
    plan = forget.plan(depot.as_pruner, Policy(daily=2), zone=ZoneInfo("Europe/Paris"))
    assert depot.store.objects == before
    assert [one.fact.id for one in plan.forgotten] == ids[2::-1]
    assert [one.reasons for one in plan.kept] == [("daily 1",), ("daily 2",)]
    forget.apply(depot.as_pruner, plan, now=depot.clock(), why="policy")
    assert len(depot.store.objects) == len(before) + 1
    assert [one.id for one in depot.opened(depot.lister).snapshots()] == ids[3:]
    assert depot.as_pruner.history().acts[-1].said.why == "policy"
    again = forget.plan(depot.as_pruner, Policy(daily=2))
    assert again.forgotten == []
    forget.apply(depot.as_pruner, again, now=depot.clock())
    assert len(depot.store.objects) == len(before) + 1


def test_forgotten_and_recalled(depot: Depot) -> None:
    """What was forgotten is found among what was, and is there again once recalled."""
    first, second, _ = days(depot, 3)
    forget.forget(depot.as_pruner, select(depot.as_pruner, Selection(ids=(first.hex()[:8],))), now=1)
    assert [one.id for one in select(depot.as_pruner, forgotten=True)] == [first]
    forget.recall(depot.as_pruner, select(depot.as_pruner, forgotten=True), now=1)
    assert [one.id for one in select(depot.as_pruner)][:2] == [first, second]
    assert select(depot.as_pruner, forgotten=True) == []


def test_selections(depot: Depot) -> None:
    """Snapshots are chosen by the beginning of an id, by source, host, tag and writer; all that is given must fit."""
    docs = depot.save({"a": b"1"}, tags=["good", "big"]).snapshot
    mail = depot.save({"a": b"2"}, label="mail", tags=["good"]).snapshot
    other = depot.save({"a": b"3"}, writer=depot.other).snapshot
    host = depot.snapshot(docs).host

    def chosen(**options: object) -> list[bytes]:
        return [one.id for one in select(depot.as_pruner, Selection(**options))]

    assert chosen() == [docs, mail, other]
    assert chosen(ids=(docs.hex()[:10], other.hex())) == [docs, other]
    assert chosen(sources=("docs",)) == [docs, other]
    assert chosen(hosts=(host,)) == [docs, mail, other]
    assert chosen(hosts=("elsewhere",)) == []
    assert chosen(tags=("big",)) == [docs]
    assert chosen(tags=("good",), sources=("mail",)) == [mail]
    assert chosen(writers=(depot.other.key_id,)) == [other]
    with pytest.raises(Missing):
        chosen(ids=("ff" * 32,))
    with pytest.raises(Ambiguous):
        chosen(ids=("",))


def test_tags_are_those_said_last(depot: Depot) -> None:
    """Tags given later take the place of a snapshot's own, for selecting and for keeping."""
    first, _ = days(depot, 2, tags=["old"])
    forget.tag(depot.as_pruner, [depot.snapshot(first)], ["new"], now=1)
    assert [one.id for one in select(depot.as_pruner, Selection(tags=("new",)))] == [first]
    plan = forget.plan(depot.as_pruner, Policy(last=1, tags=(frozenset({"new"}),)))
    assert {reason for one in plan.kept for reason in one.reasons} == {"tag new", "last 1"}


def test_held_snapshots_arent_forgotten(depot: Depot) -> None:
    """A held snapshot stays whatever a policy or a person says, until it is released."""
    first, _ = days(depot, 2)
    snapshot = depot.snapshot(first)
    forget.hold(depot.opened(depot.reader), [snapshot], now=1)
    assert forget.plan(depot.as_pruner, Policy(last=1)).forgotten == []
    forget.forget(depot.as_pruner, [snapshot], now=1)
    assert len(select(depot.as_pruner)) == 2
    forget.release(depot.as_pruner, [snapshot], now=1)
    assert len(select(depot.as_pruner)) == 1


@pytest.mark.parametrize(
    ("word", "may"),
    [
        ("forget", "pruner"),
        ("recall", "pruner"),
        ("release", "pruner"),
        ("hold", "reader lister verifier pruner"),
    ],
)
def test_who_may_say_what(depot: Depot, word: str, may: str) -> None:
    """Pruners and the master keep; whoever reads may have a snapshot held; writers say nothing."""
    snapshot = [depot.snapshot(days(depot, 1)[0])]
    for role in ("writer", "reader", "lister", "verifier", "pruner", "master"):
        repository = depot.opened(getattr(depot, role))
        if role == "master" or role in may.split():
            getattr(forget, word)(repository, snapshot, now=1)
        else:
            with pytest.raises(KeyRefused):
                getattr(forget, word)(repository, snapshot, now=1)


def test_the_safety_net(depot: Depot) -> None:
    """Nothing is forgotten by an empty policy, nor a whole group unasked (restic: ForgetSafetyNet)."""
    days(depot, 2)
    with pytest.raises(PolicyEmpty):
        forget.plan(depot.as_pruner, Policy())
    invalid = Policy(tags=(frozenset({"invalid"}),))
    with pytest.raises(GroupEmptied):
        forget.plan(depot.as_pruner, invalid)
    plan = forget.plan(depot.as_pruner, invalid, selection=Selection(sources=("docs",)), empty_groups=True)
    assert len(plan.forgotten) == 2
    assert depot.store.names("acts") == set()


def test_a_writer_whose_clock_lies(depot: Depot) -> None:
    """Snapshots dated into the future, or into the past, make nothing of the good ones go, and stay to be seen."""
    good = days(depot, 5)
    clock = depot.clock
    for lie in (400 * DAY, -400 * DAY, -401 * DAY):
        depot.clock = lambda lie=lie: clock() + lie  # type: ignore[method-assign]
        for _ in range(5):
            depot.save({"a": depot.noise(10)})
    depot.clock = clock  # type: ignore[method-assign]
    plan = forget.plan(depot.as_pruner, Policy(daily=3))
    assert [one.fact.id for one in plan.forgotten] == good[1::-1]
    doubtful = [one for one in plan.kept if "doubtful" in one.reasons[0]]
    assert len(doubtful) == 15


def test_another_writer_that_floods(depot: Depot) -> None:
    """A hundred snapshots of another writer, under the same names, make none of the first one's go."""
    good = days(depot, 4)
    for number in range(30):
        depot.save({"a": str(number).encode()}, writer=depot.other)
    plan = forget.plan(depot.as_pruner, Policy(last=2, daily=3))
    assert {one.fact.id for one in plan.kept} >= set(good[1:])


def test_damaged_snapshots_are_neither_counted_nor_forgotten(depot: Depot) -> None:
    """A snapshot that can't be read takes nobody's place; the plan names it."""
    ids = days(depot, 4)
    name = depot.snapshot(ids[3]).name
    depot.store.objects[name] = depot.store.objects[name][0][:-1], 1
    plan = forget.plan(depot.as_pruner, Policy(last=2))
    assert [one.fact.id for one in plan.kept] == [ids[2], ids[1]]
    assert [one.name for one in plan.problems] == [name]


def test_an_act_is_taken_back_by_the_store(depot: Depot) -> None:
    """A store that loses the newest act makes what was forgotten be there again; whoever knows the act can tell."""
    first, _ = days(depot, 2)
    forget.forget(depot.as_pruner, [depot.snapshot(first)], now=1)
    depot.store.objects.pop(max(depot.store.names("acts")))
    assert len(select(depot.as_pruner)) == 2
    depot.wait(30)
    depot.prune()
    depot.check()
