"""Give back the room of what nothing needs any more, beside saves and checks: two steps with a grace between them.

What nothing needs is condemned; what was condemned for longer than the grace, and still isn't needed, is deleted. A
writer who relies on a condemned pack hears of it before he announces his snapshot (FORMAT.md, section 12).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from backup.engine.errors import Full
from backup.engine.format.keys import Role
from backup.engine.keeping.deleting import Deleted, Deletion
from backup.engine.keeping.ground import DAY, survey
from backup.engine.keeping.judging import Economy
from backup.engine.keeping.planning import Plan, make_plan
from backup.engine.keeping.reach import reach
from backup.engine.keeping.rewriting import Rewriter, Rewritten
from backup.engine.repository import Repository
from backup.engine.stores.base import Listed

GRACE = 7 * DAY
SHORTEST = DAY
"""A grace shorter than the longest save loses what that save relies on."""


@dataclass(frozen=True)
class Size:
    """What the snapshots of one writer and source that stay take in the store."""

    writer: bytes
    source: str
    total: int
    alone: int
    """What of it no other source of the writer needs."""


@dataclass(frozen=True)
class Pruned:
    """What a run did, or would do."""

    snapshots: Deleted
    indexes: Deleted
    packs: Deleted
    manifests: Deleted
    rewritten: Rewritten
    later: tuple[tuple[int, int], ...]
    """From which time on, by the store's clock, how many bytes can be given back by a later run."""
    waste: int
    """Bytes that nothing needs, in packs that are needed: left because it isn't worth more."""
    sizes: tuple[Size, ...]
    problems: tuple[str, ...]
    """What was found damaged: nothing of its writer went. Run a check, and mend it."""

    @property
    def reclaimed(self) -> int:
        return self.snapshots.size + self.indexes.size + self.packs.size + self.manifests.size


def prune(
    repository: Repository,
    *,
    now: Callable[[], int],
    grace: int = GRACE,
    forced: bool = False,
    economy: Economy | None = None,
    dry_run: bool = False,
    despite: Collection[str] = (),
    why: str = "",
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Pruned:
    """Delete what is due, condemn what nothing needs, write anew what is mostly waste. For a pruner or the master.

    `now` is the clock of who asks, for the record: what counts is the store's. A grace shorter than a day has to be
    `forced`. `progress` may raise to stop; so may anything else: the next run goes on from there. Raises Unsound.
    """
    repository.key.require(Role.PRUNER, Role.MASTER)
    if grace < SHORTEST and not forced:
        raise ValueError("the grace is at least a day: a save that takes longer would lose what it relies on")
    ground = survey(repository, grace=grace, despite=despite)
    found = reach(ground, lambda done, total: progress("reading trees", done, total))
    plan = make_plan(ground, found, economy or Economy())
    if dry_run:
        due = (plan.snapshots, plan.indexes, plan.packs, plan.manifests)
        return _told(plan, _as_if_written(plan), *map(_as_if_deleted, due))
    deletion = Deletion(ground)
    plan.packs = deletion.still_due(plan.packs)
    rewriter = Rewriter(plan, now, why)
    snapshots, indexes = deletion.snapshots(plan.snapshots), deletion.indexes(plan.indexes)
    manifests = deletion.manifests(plan.manifests)
    try:
        rewriter.begin()
        packs = deletion.packs(plan.packs)
    except Full:  # not even for a word: then what is due goes first
        packs = deletion.packs(plan.packs)
        rewriter.begin()
    rewriter.rewrite(progress)
    return _told(plan, rewriter.done, snapshots, indexes, packs, manifests)


def _told(
    plan: Plan, rewritten: Rewritten, snapshots: Deleted, indexes: Deleted, packs: Deleted, manifests: Deleted
) -> Pruned:
    ground, condemned = plan.ground, plan.ground.history.condemned
    later: dict[int, int] = {}
    for name in sorted(plan.waiting.keys() | rewritten.condemned):
        when = condemned.get(name, ground.now) + ground.grace
        later[when] = later.get(when, 0) + ground.packs[name].size
    damage = [problem for writer in sorted(ground.damage) for problem in ground.damage[writer]]
    return Pruned(
        snapshots=snapshots,
        indexes=indexes,
        packs=packs,
        manifests=manifests,
        rewritten=rewritten,
        later=tuple(sorted(later.items())),
        waste=plan.waste - rewritten.waste,
        sizes=tuple(_sizes(plan)),
        problems=(*damage, *rewritten.problems),
    )


def _sizes(plan: Plan) -> Iterator[Size]:
    found: dict[tuple[bytes, str], list[int]] = {}
    for (writer, sources), size in plan.reach.sizes.items():
        for source in sources:
            row = found.setdefault((writer, source), [0, 0])
            row[0] += size
            row[1] += size if len(sources) == 1 else 0
    return (Size(writer, source, total, alone) for (writer, source), (total, alone) in sorted(found.items()))


def _as_if_deleted(due: Sequence[Listed]) -> Deleted:
    return Deleted(len(due), sum(one.size for one in due))


def _as_if_written(plan: Plan) -> Rewritten:
    chosen = plan.rewriting
    return Rewritten(
        packs=len(chosen.packs),
        size=chosen.size,
        put_off=chosen.put_off,
        waste=sum(pack.waste for pack in chosen.packs),
        condemned=plan.condemned | {pack.name for pack in chosen.packs},
        spared=plan.spared,
    )
