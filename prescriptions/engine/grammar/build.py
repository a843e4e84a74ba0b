"""From settled drafts to the schema's dosages, with the evidence of each field; and the daily dose they amount to."""

from __future__ import annotations

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.amounts import Amount
from prescriptions.engine.grammar.draft import KIND_OF, Draft
from prescriptions.engine.grammar.settle import when_codes
from prescriptions.engine.schema import (
    Cycle,
    Daily,
    Dispense,
    Dosage,
    Evidence,
    Limit,
    Quantity,
    Rate,
    Substitution,
    Timing,
)
from prescriptions.engine.tokens import Tokens

UNTIMED, UNSAID = Timing(), Dispense()
DAYS_IN = {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}


def quantity(amount: Amount | None) -> Quantity | None:
    if amount is None:
        return None
    if amount.low == amount.high:
        return Quantity(value=amount.low, unit=amount.unit, weight_kg=amount.weight)
    return Quantity(low=amount.low, high=amount.high, unit=amount.unit, weight_kg=amount.weight)


def dosage(draft: Draft) -> Dosage:
    """The dosage that a settled draft says."""
    unit = draft.amount.unit if draft.amount else None
    per_period = next((limit for limit in draft.limits if limit.period), None)
    at_a_time = next((limit for limit in draft.limits if not limit.period), None)
    return Dosage(
        sequence=draft.sequence,
        dose=None if draft.rate else quantity(draft.amount),
        rate=Rate(*draft.rate) if draft.rate else None,
        timing=timing(draft),
        as_needed=draft.needed,
        as_needed_for=draft.reason,
        max_dose_per_period=_limit(per_period, draft) if per_period else None,
        max_dose_per_administration=(
            Quantity(value=at_a_time.amount.high, unit=at_a_time.amount.unit or unit) if at_a_time else None
        ),
        min_interval=Quantity(value=draft.gap.value, unit=draft.gap.unit) if draft.gap else None,
        route=draft.route,
        method=draft.method,
        site=draft.site,
        additional=tuple(dict.fromkeys(draft.remarks)),
    )


def _limit(limit: f.Limit, draft: Draft) -> Limit:
    each = draft.amount.high if limit.times and draft.amount else 1.0
    unit = limit.amount.unit or (draft.amount.unit if draft.amount else None)
    return Limit(round(limit.amount.high * each, 6), unit, limit.period or 1.0, limit.unit)


def timing(draft: Draft) -> Timing | None:
    codes, offset = when_codes(draft)
    frequency = draft.frequency
    bounds = None
    if draft.bounds:
        low, high, unit, _daily = draft.bounds
        bounds = Quantity(value=low, unit=unit) if low == high else Quantity(low=low, high=high, unit=unit)
    made = Timing(
        frequency=frequency.times if frequency else None,
        frequency_max=frequency.most if frequency and frequency.most != frequency.times else None,
        period=frequency.period if frequency else None,
        period_max=frequency.longest if frequency else None,
        period_unit=frequency.unit if frequency else None,
        when=codes,
        offset=offset if any(code[0] in "AP" and code != "AFT" for code in codes) else None,
        time_of_day=tuple(sorted(draft.clocks)),
        day_of_week=draft.days,
        bounds=bounds,
        count=draft.count,
        duration=draft.wear.value if draft.wear else None,
        duration_unit=draft.wear.unit if draft.wear else None,
        cycle=Cycle(*draft.cycle) if draft.cycle else None,
        cycle_days=draft.cycle_days,
    )
    return None if made == UNTIMED else made


def evidence(drafts: list[Draft], tokens: Tokens) -> list[Evidence]:
    found: list[Evidence] = []
    for place, draft in enumerate(drafts):
        seen: set[tuple[str, int, int]] = set()
        for name, fact in draft.proofs:
            field = name
            if isinstance(fact.value, f.Limit) and fact.value.period is None:
                field = "maxDosePerAdministration"
            start, end = tokens.span(fact.first, fact.last)
            if (field, start, end) in seen:
                continue
            seen.add((field, start, end))
            text = tokens.text(fact.first, fact.last)
            found.append(Evidence(f"dosage.{place}.{field}", KIND_OF[field], start, end, text, fact.sure, fact.why))
    return found


def dispensing(facts: list[f.Fact]) -> tuple[Dispense | None, Substitution | None, bool]:
    """What the facts say to the pharmacist: dispense, substitution, ALD."""
    substitution, ald = None, False
    qsp = count = repeats = renewable = length = None
    for fact in facts:
        match fact.value:
            case f.Supply(value, unit):
                qsp = Quantity(value=value, unit=unit)
            case f.Pack(value, unit):
                count = count or Quantity(value=value, unit=unit)
            case f.Renewal(allowed, times, period):
                renewable = allowed
                repeats = times if times is not None else repeats
                length = Quantity(value=period[0], unit=period[1]) if period else length
            case f.Substitution(reason):
                substitution = Substitution(False, reason)
            case f.Ald():
                ald = True
    made = Dispense(qsp=qsp, quantity=count, repeats=repeats, renewable=renewable, renew_for=length)
    return (None if made == UNSAID else made), substitution, ald


def daily_dose(dosages: tuple[Dosage, ...]) -> Daily:
    """Least and most taken on a day of treatment, for each step and unit; days of the week are averaged."""
    totals: dict[tuple[int, str | None], list[float]] = {}
    for one in dosages:
        a_day = times_a_day(one.timing)
        if one.rate or one.dose is None or a_day is None:
            continue
        low = one.dose.low if one.dose.value is None else one.dose.value
        high = one.dose.high if one.dose.value is None else one.dose.value
        if low is None or high is None:
            continue
        total = totals.setdefault((one.sequence, one.dose.unit), [0.0, 0.0])
        total[0] += low * a_day[0]
        total[1] += high * a_day[1]
    return {f"{step}|{unit}": (round(low, 4), round(high, 4)) for (step, unit), (low, high) in totals.items()}


def times_a_day(timing: Timing | None) -> tuple[float, float] | None:
    """How many administrations on an active day, least and most; None when the text doesn't say."""
    if timing is None:
        return None
    if timing.frequency and timing.period:
        unit = DAYS_IN[timing.period_unit or "d"]
        if timing.day_of_week and timing.period_unit == "wk":
            return timing.frequency / 7, timing.frequency / 7
        share = len(timing.day_of_week) / 7 if timing.day_of_week else 1.0
        return (
            share * timing.frequency / ((timing.period_max or timing.period) * unit),
            share * (timing.frequency_max or timing.frequency) / (timing.period * unit),
        )
    if timing.time_of_day:
        count = float(len(timing.time_of_day))
    elif timing.when:
        count = float(sum(3 if code in ("AC", "C", "PC") else 1 for code in timing.when))
    elif timing.day_of_week:
        count = 1.0
    else:
        return None
    if timing.day_of_week:
        count *= len(timing.day_of_week) / 7
    return count, count
