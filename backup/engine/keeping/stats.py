"""What snapshots take: of each how much is its alone, what it added, and what comes back when something goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backup.engine.errors import Damaged
from backup.engine.format.snapshots import Snapshot
from backup.engine.keeping.ground import survey
from backup.engine.keeping.judging import Economy
from backup.engine.keeping.planning import Plan, make_plan
from backup.engine.keeping.prune import GRACE
from backup.engine.keeping.reach import reach
from backup.engine.keeping.stock import Stock
from backup.engine.keeping.tally import Tally, Usage
from backup.engine.repository import Repository


@dataclass(frozen=True)
class OfSnapshot:
    snapshot: Snapshot
    usage: Usage
    added: int
    """Bytes as they are stored that no earlier snapshot of its writer needs: its part of the growth."""


@dataclass(frozen=True)
class OfSource:
    writer: bytes
    source: str
    snapshots: int
    usage: Usage


@dataclass(frozen=True)
class Stats:
    snapshots: tuple[OfSnapshot, ...]
    """In the order in which the store received them: so `added` is the curve of growth."""
    sources: tuple[OfSource, ...]
    stored: int
    """Bytes of all packs and indexes."""
    reclaimable_now: int
    """What a prune would delete."""
    reclaimable_later: int
    """What is to go after its grace, what only forgotten snapshots need, and what rewriting would save."""
    problems: tuple[str, ...]


def stats(
    repository: Repository,
    *,
    grace: int = GRACE,
    economy: Economy | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Stats:
    """Sizes of everything that stays. With a key that opens trees: a pruner's, a reader's, a verifier's, the master's.

    Sizes of one writer's snapshots say nothing of what other writers need of the same blobs.
    """
    ground = survey(repository, grace=grace)
    plan = make_plan(ground, reach(ground), economy or Economy())
    staying = ground.staying()
    total, done = sum(map(len, staying.values())), 0
    of_snapshots: list[OfSnapshot] = []
    of_sources: list[OfSource] = []
    only_forgotten, problems = 0, []
    for writer, snapshots in staying.items():
        tally = Tally(Stock(ground, writer), ground.history)
        added: dict[bytes, int] = {}
        for snapshot in snapshots:
            progress(done, total)
            done += 1
            try:
                added[snapshot.id] = tally.take(snapshot, is_forgotten=ground.history.is_forgotten(snapshot))
            except Damaged as error:
                problems.append(f"{snapshot.name}: {error}")
        of_snapshots += [OfSnapshot(one, usage, added[one.id]) for one, usage in tally.snapshots()]
        of_sources += [OfSource(writer, source, count, usage) for source, count, usage in tally.sources()]
        only_forgotten += tally.only_forgotten()
    progress(total, total)
    return Stats(
        snapshots=tuple(sorted(of_snapshots, key=lambda one: one.snapshot.received)),
        sources=tuple(sorted(of_sources, key=lambda one: (one.writer, one.source))),
        stored=sum(one.size for one in (*ground.packs.values(), *ground.indexes.values())),
        reclaimable_now=sum(one.size for one in (*plan.snapshots, *plan.indexes, *plan.packs)),
        reclaimable_later=only_forgotten + _to_go(plan),
        problems=tuple(dict.fromkeys([*(one for found in ground.damage.values() for one in found), *problems])),
    )


def _to_go(plan: Plan) -> int:
    packs = plan.condemned | plan.waiting.keys()
    saved = sum(pack.waste for pack in plan.rewriting.packs)
    return saved + sum(plan.ground.packs[name].size for name in packs)
