"""What a posology means once all of it is read: doses inherited, moments joined with meals, doubts made explicit."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.amounts import Amount
from prescriptions.engine.grammar.draft import Draft, Proof
from prescriptions.engine.grammar.steps import count_days, number_steps
from prescriptions.engine.words.times import MEAL_OF_MOMENT, MOMENT_OF_MEAL
from prescriptions.engine.words.units import ACTS, MASSES, MEASURED, TAKEN

HOURS_OF_A_DAY = 24
WORN = frozenset({"patch", "emplâtre", "perfusion", "poche"})
ORDER = ("WAKE", "MORN", "NOON", "AFT", "EVE", "HS", "NIGHT")
HOURS = {"WAKE": range(4, 11), "MORN": range(4, 12), "NOON": range(11, 15), "AFT": range(13, 19),
         "EVE": range(17, 24), "HS": range(19, 24), "NIGHT": (*range(21, 24), *range(6))}  # fmt: skip


def settle(drafts: list[Draft], default_unit: str | None) -> list[Draft]:
    """The drafts made whole."""
    drafts = _absorb(drafts)
    count_days(drafts)
    number_steps(drafts)
    _inherit(drafts)
    for step in sorted({draft.sequence for draft in drafts}):
        _share([draft for draft in drafts if draft.sequence == step])
    _units(drafts, default_unit)
    drafts = [
        draft for draft in drafts if len(drafts) == 1 or not (draft.amount and draft.amount.high == 0 and draft.placed)
    ]
    last = max((draft.sequence for draft in drafts), default=1)
    whole: list[Draft] = []
    _leave_no_dose_without_time(drafts)
    _weigh_and_count(drafts)
    for draft in drafts:
        draft.alone = last == 1 and not draft.bounds
        _rhythm(draft, final=draft.sequence == last)
        whole.extend(_split_clock(draft))
    return whole


def _absorb(drafts: list[Draft]) -> list[Draft]:
    """A draft that has neither amount nor rhythm only adds to the one before it, or after it at the start."""
    kept: list[Draft] = []
    for place, draft in enumerate(drafts):
        if draft.empty:
            continue
        others = drafts[place + 1 :]
        if draft.hollow and not kept and any(not other.hollow for other in others):
            heir = next(other for other in others if not other.hollow)
            _pour(draft, heir)
        elif draft.hollow and kept and (kept[-1].sequence == draft.sequence or not draft.bounds):
            _pour(draft, kept[-1])
        else:
            kept.append(draft)
    steps = {step: place for place, step in enumerate(sorted({draft.sequence for draft in kept}), 1)}
    for draft in kept:
        draft.sequence = steps[draft.sequence]
    return kept


def _pour(source: Draft, heir: Draft) -> None:
    heir.bounds = heir.bounds or source.bounds
    heir.needed = heir.needed or source.needed
    heir.reason = heir.reason or source.reason
    heir.limits.extend(source.limits)
    heir.gap = heir.gap or source.gap
    heir.wear = heir.wear or source.wear
    heir.route, heir.site = heir.route or source.route, heir.site or source.site
    heir.method = heir.method or source.method
    heir.remarks.extend(source.remarks)
    heir.proofs.extend(source.proofs)


def _inherit(drafts: list[Draft]) -> None:
    for before, draft in pairwise(drafts):
        if draft.amount is None and draft.rate is None and before.amount is not None:
            draft.amount = before.amount
            if not _recount(draft, before.amount):
                draft.proofs.extend(
                    Proof("dose", proof.fact._replace(sure=min(proof.fact.sure, 0.8), why="same dose as before"))
                    for proof in before.proofs
                    if proof.name == "dose"
                )
        if (
            draft.sequence > before.sequence
            and not draft.timed
            and not draft.needed
            and before.timed
            and not before.count
        ):
            draft.moments, draft.meals, draft.clocks = list(before.moments), list(before.meals), list(before.clocks)
            draft.days = before.days
            draft.frequency = before.frequency
            draft.takes = before.takes
            draft.proofs.extend(
                Proof("timing", proof.fact._replace(sure=min(proof.fact.sure, 0.85), why="same moments as before"))
                for proof in before.proofs
                if proof.name == "timing"
            )
        if draft.route is None:
            draft.route, draft.site, draft.method = (
                before.route,
                before.site or draft.site,
                before.method or draft.method,
            )
            draft.proofs.extend(proof for proof in before.proofs if proof.name == "route")


def _recount(draft: Draft, before: Amount) -> bool:
    """`2 gél/j …, puis 3/j`: three units a day, and not three times the two of before."""
    frequency = draft.frequency
    if frequency is None or not frequency.counts_units or before.low == before.high == 1:
        return False
    if before.unit in TAKEN and before.unit not in ACTS:
        draft.amount = Amount(frequency.times, frequency.most, before.unit)
        draft.frequency = f.Frequency(1, 1, frequency.period, frequency.unit, said=False)
        draft.proofs.extend(Proof("dose", proof.fact) for proof in draft.proofs[:] if proof.fact.value == frequency)
    for name in ("dose", "timing"):
        _doubt(draft, name, 0.7, "units or times")
    return True


def _share(group: list[Draft]) -> None:
    """What is said once after doses of the same time holds for each of them."""
    if any(draft.alternate for draft in group):
        for draft in group:
            draft.frequency = f.Frequency(1, 1, 2, "d")
            if draft.bounds == f.Bounds(1, 1, "d"):
                draft.bounds = None  # « 1/2 cp un jour, 3/4 cp le lendemain »
    if len(group) < 2:
        return
    for name, proof_name in (("bounds", "bounds"), ("cycle", "timing"), ("route", "route"), ("gap", "minInterval")):
        holders = [draft for draft in group if getattr(draft, name)]
        if len(holders) != 1:
            continue
        for draft in group:
            if not getattr(draft, name):
                setattr(draft, name, getattr(holders[0], name))
                if name == "route":
                    draft.site, draft.method = draft.site or holders[0].site, holders[0].method
                draft.proofs.extend(proof for proof in holders[0].proofs if proof.name == proof_name)
    opening = group[0]
    if opening.meals and not any(draft.timed for draft in group[1:]) and _said_first(opening):
        for draft in group[1:]:
            draft.meals = list(opening.meals)
    last = group[-1]
    for draft in group[:-1]:
        if not draft.limits and last.limits:
            draft.limits = list(last.limits)
            draft.proofs.extend(proof for proof in last.proofs if proof.name == "maxDosePerPeriod")
        if last.days and not draft.days and (draft.moments or draft.clocks) and (last.moments or last.clocks):
            draft.days = last.days
        if not draft.meals:
            draft.meals = [meal for meal in last.meals if not meal.meals]
        if not draft.timed and last.timed and not last.placed:
            draft.frequency = draft.frequency or last.frequency


def _said_first(draft: Draft) -> bool:
    """Its time stands before its dose: `avant chaque repas : 6 UI si …, 8 UI si …`."""
    places = {name: fact.first for name, fact in reversed(draft.proofs) if name in ("timing", "dose")}
    return places.get("timing", 0) < places.get("dose", -1)


def _units(drafts: list[Draft], default_unit: str | None) -> None:
    for place, draft in enumerate(drafts):
        if draft.amount is None or draft.amount.unit is not None:
            continue
        near = [*reversed(drafts[:place]), *drafts[place + 1 :]]
        unit = next((other.amount.unit for other in near if other.amount and other.amount.unit), None)
        limit = next((limit.amount.unit for limit in draft.limits if limit.amount.unit), None)
        draft.amount = draft.amount._replace(unit=unit or default_unit or limit)


def _leave_no_dose_without_time(drafts: list[Draft]) -> None:
    """`1 cp sauf lundi 1/2 cp`: beside a dose that has its time, one that has none is doubtful."""
    for draft in drafts:
        beside = [one for one in drafts if one.sequence == draft.sequence]
        if (
            draft.amount
            and not (draft.timed or draft.needed or draft.rate)
            and any(one.timed or one is not draft for one in beside if one.amount)
        ):
            _doubt(draft, "dose", 0.6, "no time is written for this dose")


def _weigh_and_count(drafts: list[Draft]) -> None:
    """`2 g/j 1 cp matin et soir`: a dose weighed beside one that is counted may be the same dose said again."""
    for draft in drafts:
        beside = {one.amount.unit in MEASURED for one in drafts if one.sequence == draft.sequence and one.amount}
        if len(beside) > 1:
            _doubt(draft, "dose", 0.7, "the same dose may be said twice")
        if any(_is_at_once(draft, one) for one in drafts):
            _doubt(draft, "dose", 0.6, "no time is written for this dose")


TIME = ("sequence", "frequency", "moments", "meals", "clocks", "days", "cycle_days", "bounds", "reason", "remarks")


def _is_at_once(draft: Draft, other: Draft) -> bool:
    """`1 cp quadrisécable : 1/4 cp par jour`: another dose of the same step and time, by the same count."""
    if other is draft or not (draft.amount and other.amount) or draft.alternate or other.alternate:
        return False
    return all(getattr(draft, name) == getattr(other, name) for name in TIME) and draft.amount.unit == other.amount.unit


def _rhythm(draft: Draft, final: bool) -> None:
    """Frequency, takes and moments made to agree; a dose before another with no rhythm is taken once."""
    if not final and draft.amount and not draft.timed and not draft.bounds and not draft.needed and not draft.rate:
        draft.count = 1
    if draft.one_take and (draft.frequency or draft.placed):
        draft.count = None
    _not_longer_than_its_interval(draft)
    cycle = draft.cycle
    if (
        cycle
        and (cycle.on, cycle.on_unit, cycle.every_unit) == (1, "wk", "wk")
        and not (draft.frequency or draft.placed)
    ):
        draft.frequency, draft.cycle = f.Frequency(1, 1, cycle.every, "wk"), None  # « 1 injection 1 semaine sur 2 »
    if cycle and draft.days and cycle == f.Cycle(len(draft.days), "d", 1, "wk"):
        draft.cycle = None  # « 3 jours par semaine (lundi, mercredi, vendredi) »
    rare = draft.frequency is not None and draft.frequency.unit in ("d", "wk") and draft.frequency.period > 1
    if draft.first_day and (rare or draft.alone):
        draft.cycle_days, draft.first_day = (1,), False
    if draft.first_day:
        draft.bounds = (draft.bounds or f.Bounds(1, 1, "d"))._replace(daily=True)
    if draft.bounds and draft.bounds.daily and not (draft.frequency or draft.moments or draft.clocks or draft.meals):
        draft.frequency = f.Frequency(1, 1, 1, "d", said=False)
    frequency = draft.frequency
    if frequency and frequency.bare and draft.amount is None and not draft.rate and frequency.times == frequency.most:
        draft.amount = Amount(1, 1, None)
    _divide(draft)
    frequency = draft.frequency
    if (
        draft.amount
        and frequency
        and not frequency.said
        and draft.amount.unit in ACTS
        and draft.amount.high > 1
        and not draft.takes
    ):
        draft.frequency = frequency._replace(times=draft.amount.low, most=draft.amount.high, said=True)
        draft.amount = draft.amount._replace(low=1.0, high=1.0)
    for meal in draft.meals:
        if meal.times and meal.times > 1 and draft.frequency is None:
            times = meal.times + (len(draft.moments) if meal.besides else 0)
            draft.frequency = f.Frequency(times, times, 1, "d")
    of_any_meal = any(not meal.meals and not meal.besides for meal in draft.meals)
    if of_any_meal and draft.moments and not any(code in MEAL_OF_MOMENT for code in draft.moments):
        _doubt(draft, "timing", 0.6, "meals beside a moment")
    if draft.clocks and draft.frequency and draft.frequency.unit == "d" and draft.frequency.period == 1:
        draft.frequency = None
    if draft.clocks and draft.frequency and draft.frequency.unit == "h":
        every = draft.frequency.period / draft.frequency.times
        if every * len(draft.clocks) == HOURS_OF_A_DAY:
            draft.frequency = None  # « toutes les 8 h, à 8 h, 16 h et 24 h »
    worn = draft.wear is not None and draft.amount is not None and draft.amount.unit in WORN
    if worn and draft.frequency is None and not draft.placed:
        draft.frequency = f.Frequency(1, 1, 1, "d", said=False)


def _not_longer_than_its_interval(draft: Draft) -> None:
    """`toutes les 4 h pendant 24 h`: no administration lasts longer than until the next one; it is the treatment."""
    wear, frequency = draft.wear, draft.frequency
    if wear is None or frequency is None or draft.bounds or wear.unit != "h":
        return
    interval = frequency.period / frequency.times * {"h": 1.0, "d": 24.0}.get(frequency.unit, 10_000.0)
    if wear.value > interval or (wear.value == interval and (draft.amount is None or draft.amount.unit not in WORN)):
        draft.bounds, draft.wear = f.Bounds(wear.value, wear.value, "h"), None


def _divide(draft: Draft) -> None:
    """A dose for the whole day is divided among its takes: « 3 cp/j en 3 prises », « 2 cp/j matin et soir »."""
    amount, frequency = draft.amount, draft.frequency
    if amount is None:
        return
    moments = len(draft.moments) or len(draft.clocks) or sum(len(meal.meals) or 0 for meal in draft.meals)
    a_day = frequency is not None and not frequency.said and frequency.unit == "d" and frequency.period == 1
    takes = draft.takes.number if draft.takes else 0
    if takes > 1 and (a_day or frequency is None):
        draft.amount = amount._replace(low=round(amount.low / takes, 6), high=round(amount.high / takes, 6))
        draft.frequency = f.Frequency(takes, takes, 1, "d")
    elif a_day and moments > 1:
        draft.frequency = None
        by_mass = amount.unit in MASSES or (amount.unit or "").endswith("/kg")
        if by_mass or (amount.low >= moments and amount.low % moments == 0 and amount.high % moments == 0):
            draft.amount = amount._replace(low=round(amount.low / moments, 6), high=round(amount.high / moments, 6))
        _doubt(draft, "dose", 0.6, "the dose may be for the day or for each moment")
    elif a_day and amount.high > 1 and not moments and amount.unit not in ACTS and amount.unit not in MASSES:
        _doubt(draft, "dose", 0.8, "how the daily dose is shared is not said")
    elif (
        (
            frequency
            and frequency.said
            and frequency.unit == "d"
            and frequency.period == 1
            and frequency.times == frequency.most
        )
        and moments > 1
        and moments != frequency.times
    ):
        _doubt(draft, "timing", 0.4, "the number of times and the moments disagree")


def _doubt(draft: Draft, name: str, sure: float, why: str) -> None:
    draft.proofs = [
        Proof(proof.name, proof.fact._replace(sure=min(proof.fact.sure, sure), why=why))
        if proof.name == name
        else proof
        for proof in draft.proofs
    ]


def when_codes(draft: Draft) -> tuple[tuple[str, ...], int | None]:
    """The event codes of moments and meals together (MORN and before meals is ACM), and the minutes apart."""
    codes = [code for code in ORDER if code in draft.moments]
    offset = None
    for meal in draft.meals:
        offset = meal.offset if meal.offset is not None else offset
        if meal.meals:
            covered = {MOMENT_OF_MEAL[one] for one in meal.meals}
            codes = [code for code in codes if code not in covered]
            codes.extend(f"{meal.relation}{one}" for one in meal.meals if f"{meal.relation}{one}" not in codes)
        else:
            eaten = [code for code in codes if code in MEAL_OF_MOMENT]
            if eaten:
                codes = [f"{meal.relation}{MEAL_OF_MOMENT[code]}" if code in eaten else code for code in codes]
            elif not codes or meal.besides:
                codes.insert(0, meal.relation)
    return tuple(codes), offset


def _split_clock(draft: Draft) -> list[Draft]:
    """Hours and moments never stand in one timing: « le soir à 22 h » is the hour, other moments a dose apart."""
    if not draft.clocks:
        return [draft]
    covered = {code for code, hours in HOURS.items() for time in draft.clocks if int(time[:2]) in hours}
    left = [code for code in draft.moments if code not in covered]
    draft.moments, draft.meals = [], []
    if not left:
        return [draft]
    other = replace(draft, clocks=[], moments=left, proofs=list(draft.proofs), remarks=[], limits=list(draft.limits))
    return [draft, other]
