"""Doses one after the other: which step of the treatment each belongs to."""

from __future__ import annotations

from itertools import pairwise

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.draft import Draft


def count_days(drafts: list[Draft]) -> None:
    """`le 1er jour … le 2e jour … du 3e au 5e`: a step for each; without a first day they are days of a cycle."""
    begun = False
    added = 0
    for draft in drafts:
        draft.sequence += added
        begun = begun or draft.first_day or (draft.nth_day is not None and draft.nth_day.first == 1)
        days = draft.cycle_days
        if begun and days and not draft.first_day and days == tuple(range(days[0], days[-1] + 1)) and days[0] > 1:
            draft.nth_day, draft.cycle_days = f.NthDay(days[0], days[-1]), ()
        if draft.nth_day is None:
            continue
        first, last = draft.nth_day
        if not begun:
            draft.cycle_days = tuple(range(first, last + 1))
            continue
        same_step = [one for one in drafts[: drafts.index(draft)] if one.sequence == draft.sequence]
        if any(one.first_day or one.nth_day for one in same_step if one.nth_day != draft.nth_day):
            draft.sequence += 1
            added += 1
        draft.bounds = draft.bounds or f.Bounds(last - first + 1, last - first + 1, "d")
        draft.frequency = draft.frequency or (None if draft.placed else f.Frequency(1, 1, 1, "d", said=False))


def number_steps(drafts: list[Draft]) -> None:
    """Doses one after the other though nobody wrote « puis », and the reverse: « puis » inside one day."""
    if len({draft.sequence for draft in drafts}) == 1:
        bounded = [draft for draft in drafts if draft.bounds]
        if len(bounded) > 1 and len(bounded) >= len(drafts) - 1 and not _disjoint(drafts):
            for step, draft in enumerate(drafts, 1):
                draft.sequence = step
        return
    _part_bounded(drafts)
    for before, after in pairwise(drafts):
        within_a_day = (
            after.sequence > before.sequence
            and len(before.moments) + len(before.clocks) > 0
            and len(after.moments) + len(after.clocks) > 0
            and not (
                before.bounds
                or before.count
                or before.days
                or before.first_day
                or before.frequency
                or before.cycle_days
            )
            and not (after.frequency or after.first_day)
            and _disjoint([before, after])
        )
        if within_a_day:
            for later in drafts[drafts.index(after) :]:
                later.sequence -= 1


def _part_bounded(drafts: list[Draft]) -> None:
    """`… pdt 2 j, … pdt 2 j puis … pdt 2 j`: in one step, doses that each have their own length follow each other."""
    added = 0
    for before, draft in pairwise(drafts[:1] + drafts):
        same = before is not draft and before.sequence == draft.sequence + added
        draft.sequence += added
        if same and before.bounds and draft.bounds and not _disjoint([before, draft]):
            draft.sequence += 1
            added += 1


def _disjoint(drafts: list[Draft]) -> bool:
    """Each dose has moments of its own."""
    seen: set[str] = set()
    for draft in drafts:
        own = {*draft.moments, *draft.clocks, *draft.days}
        if not own or own & seen:
            return False
        seen |= own
    return True
