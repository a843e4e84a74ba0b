"""Errors that must never reach a patient, as a table and as what one line says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from prescriptions.engine.grammar.build import DAYS_IN, times_a_day
from prescriptions.engine.safety import amounts
from prescriptions.engine.safety.alert import DANGER, WARNING, Alert
from prescriptions.engine.schema import Dosage, Line, Medication, Timing

LETTER_U = re.compile(r"\d\s?[uU](?![A-Za-zé])")
"""`10U` was read as `100`: units are written out."""
PATCH_DAYS = 3.0
FENTANYL = "N02AB03"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `never_events.tsv`; both codes stand for all that begin with them."""

    name: str
    atc: str
    other: str
    level: str
    limit: str


def _rows(file: str) -> Iterator[list[str]]:
    text = resources.files("prescriptions.engine.safety").joinpath(file).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    return tuple(Rule(*row) for row in _rows("never_events.tsv"))


@lru_cache(maxsize=1)
def components() -> dict[str, frozenset[str]]:
    """Association -> codes of its substances."""
    return {atc: frozenset(codes.split()) for atc, codes in _rows("components.tsv")}


@lru_cache(maxsize=2048)
def _rules_of(atc: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules() if atc.startswith(rule.atc) and rule.name in LINE_RULES)


def check_line(line: Line) -> Iterator[Alert]:
    """The rules that one line can break."""
    medication = line.medication
    atc = medication.atc or ""
    for rule in _rules_of(atc):
        yield from LINE_RULES[rule.name](rule, line)
    if medication.atc == FENTANYL:
        yield from _patches(medication)


def _weekly(rule: Rule, line: Line) -> Iterator[Alert]:
    """More days than one in seven: only where a rhythm is written, and for the strength that is taken weekly."""
    medication = line.medication
    if rule.other and [one.value for one in medication.strength[:1]] != [float(rule.other)]:
        return
    for place, one in enumerate(medication.dosage):
        share = _days(one.timing)
        if share is not None and share * float(rule.limit) > 1.01:
            facts: dict[str, float | str] = {"days": round(share * 7, 2), "limit": float(rule.limit)}
            yield Alert("not_weekly", f"dosage.{place}.timing", rule.level, facts)


def _days(timing: Timing | None) -> float | None:
    """The share of days with an administration; None when the text doesn't say, or says a single dose."""
    if timing is None:
        return None
    if timing.day_of_week:
        return len(timing.day_of_week) / 7
    if timing.frequency and timing.period:
        return min(1.0, timing.frequency / (timing.period * DAYS_IN[timing.period_unit or "d"]))
    if timing.when or timing.time_of_day:
        return 1.0
    return None


def _unit(rule: Rule, line: Line) -> Iterator[Alert]:
    """Insulin is counted in units, written out."""
    for place, one in enumerate(line.medication.dosage):
        if one.dose is None or one.dose.unit == rule.limit:
            continue
        if one.dose.unit is None or one.dose.unit not in amounts.COUNTED:
            facts: dict[str, float | str] = {"dose_unit": one.dose.unit or "", "unit": rule.limit}
            yield Alert("not_in_units", f"dosage.{place}.dose", rule.level, facts)
    if found := LETTER_U.search(line.text):
        yield Alert("letter_u", "dosage.0.dose", WARNING, {"text": found.group()})


def _direct(rule: Rule, line: Line) -> Iterator[Alert]:
    for place, one in enumerate(line.medication.dosage):
        if one.route == "intraveineuse" and one.method == "directe":
            yield Alert("never_direct", f"dosage.{place}.route", rule.level)


def _total(rule: Rule, line: Line) -> Iterator[Alert]:
    """Colchicine: the dose of the first days goes on."""
    held = amounts.content(line.medication.strength, None)
    for place, one in enumerate(line.medication.dosage):
        a_day = _dose_a_day(one, held)
        if a_day is None or a_day <= float(rule.limit) * 1.01:
            continue
        bounds = one.timing.bounds if one.timing else None
        days = (bounds.value or bounds.high or 0) * DAYS_IN[bounds.unit or "d"] if bounds else None
        if days is None or days > float(rule.other):
            facts: dict[str, float | str] = {"computed": round(a_day, 4), "limit": float(rule.limit),
                                             "days": float(rule.other)}  # fmt: skip
            yield Alert("goes_on", f"dosage.{place}.dose", rule.level, facts)


def _dose_a_day(one: Dosage, held: amounts.Content | None) -> float | None:
    times = times_a_day(one.timing)
    if one.dose is None or times is None or (ends := amounts.ends(one.dose)) is None:
        return None
    mass = amounts.substance(ends[1], one.dose.unit, held, "mg")
    return None if mass is None else mass * times[1]


LINE_RULES = {"weekly": _weekly, "unit": _unit, "direct": _direct, "total": _total}


def _patches(medication: Medication) -> Iterator[Alert]:
    """An opioid patch works three days: several at once, or a new one earlier, add up."""
    for place, one in enumerate(medication.dosage):
        if one.dose is None or one.dose.unit not in ("patch", "dispositif transdermique"):
            continue
        ends = amounts.ends(one.dose)
        if ends and ends[1] > 1:
            yield Alert("patches_stacked", f"dosage.{place}.dose", DANGER, {"patches": ends[1]})
        share = _days(one.timing)
        if share is not None and share * PATCH_DAYS > 1.01:
            yield Alert("patch_too_early", f"dosage.{place}.timing", DANGER, {"days": PATCH_DAYS})
