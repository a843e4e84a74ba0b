"""What a pruner would do now: what goes at once, what is to go after the grace, what is written anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from backup.engine.keeping.ground import Ground, digest, judged_bad
from backup.engine.keeping.judging import Economy, Pack, Rewriting, choose
from backup.engine.keeping.manifests import outdated
from backup.engine.keeping.reach import NOBODY, Reach
from backup.engine.stores.base import Listed


@dataclass
class Plan:
    ground: Ground
    reach: Reach
    snapshots: list[Listed] = field(default_factory=list)
    """Forgotten for longer than the grace: they go now. So do the indexes and packs that follow."""
    indexes: list[Listed] = field(default_factory=list)
    packs: list[Listed] = field(default_factory=list)
    manifests: list[Listed] = field(default_factory=list)
    """They list only packs that have gone."""
    condemned: set[bytes] = field(default_factory=set)
    """Packs that nothing needs, from now on to go."""
    leaving: set[bytes] = field(default_factory=set)
    """Indexes that nothing needs, from now on to go."""
    spared: set[bytes] = field(default_factory=set)
    """Condemned packs that are needed after all."""
    waiting: dict[bytes, int] = field(default_factory=dict)
    """Packs condemned before whose grace isn't over, and since when."""
    rewriting: Rewriting = field(default_factory=Rewriting)
    waste: int = 0
    """Bytes that nothing needs in packs that are needed, if nothing is written anew."""


def make_plan(ground: Ground, found: Reach, economy: Economy) -> Plan:
    plan = Plan(ground, found, list(ground.overdue()), manifests=list(outdated(ground)))
    judged = judged_bad(ground.history)
    unneeded: list[Listed] = []
    for name, one in ground.packs.items():
        if not found.is_free(name, ground):
            continue
        since, is_needed = ground.history.condemned.get(name), name in found.uses
        if since is None:
            unneeded += [] if is_needed else [one]
        elif is_needed:
            # What a verifier condemned is damaged: it stays where it is all there is, but nobody is to rely on it.
            plan.spared |= {name} - judged
        elif ground.is_over(since):
            plan.packs.append(one)
        else:
            plan.waiting[name] = since
    plan.condemned = {digest(one.name) for one in _abandoned(ground, unneeded)}
    if not ground.damage:
        _judge_indexes(plan)
    candidates = list(_candidates(plan))
    plan.waste = sum(pack.waste for pack in candidates)
    plan.rewriting = choose(candidates, economy)
    return plan


def _abandoned(ground: Ground, unneeded: list[Listed]) -> list[Listed]:
    """The packs before the first gap, looking back from now, that is longer than the grace.

    A save may take longer than that, and its packs are listed at its end; as long as they keep coming it is under way.
    """
    edge = ground.now
    ordered = sorted(unneeded, key=lambda one: one.received, reverse=True)
    for place, one in enumerate(ordered):
        if one.received < edge - ground.grace:
            return ordered[place:]
        edge = one.received
    return []


def _judge_indexes(plan: Plan) -> None:
    ground, found = plan.ground, plan.reach
    for name, one in ground.indexes.items():
        since = ground.history.leaving.get(name)
        if name in found.lists:
            continue
        if since is None:
            plan.leaving |= {name} if ground.is_old(one) else set()
        elif ground.is_over(since):
            plan.indexes.append(one)


def _candidates(plan: Plan) -> Iterator[Pack]:
    """Packs that are needed and may be written anew: nobody is just storing them, and nothing is wrong with them."""
    ground, found = plan.ground, plan.reach
    for name, use in found.uses.items():
        one = ground.packs[name]
        pack = Pack(name, use.kind, found.owners.get(name, NOBODY), one.size, use.size, len(use.places), one.received)
        is_one_on_another = pack.used > pack.size  # somebody lists what overlaps: it would only grow
        is_settled = ground.is_old(one) and name not in ground.history.condemned
        if is_settled and found.is_free(name, ground) and not is_one_on_another:
            yield pack
