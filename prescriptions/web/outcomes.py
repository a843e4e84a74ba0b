"""One case of a run as a person compares it: field by field, what was expected and what was read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from prescriptions import engine
from prescriptions.engine import wording
from prescriptions.web.figures import FIELDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Json = dict[str, Any]
KNOWN = frozenset({"name", "strength", "form", "atc", "dosage", "dispense", "substitution", "ald"})
SHOWN = ("name", "atc", "strength", "form", "dose", "timing", "duration", "need", "limit", "route", "remark", "supply",
         "daily")  # fmt: skip


@dataclass(frozen=True)
class Piece:
    text: str
    differs: bool


@dataclass(frozen=True)
class Row:
    """One field; `is_silent` where it is wrong and the reader was sure of it."""

    label: _StrPromise | str
    expected: list[Piece]
    got: list[Piece]
    wrong: bool
    confidence: float | None
    is_silent: bool


@dataclass(frozen=True)
class Compared:
    name: str
    rows: list[Row]
    joint: list[_StrPromise | str]
    missing: bool
    spurious: bool
    factor: int
    confidence: float


def compared(line: Json, threshold: float) -> Compared:
    """A judged line of an outcome's JSON, ready to be shown."""
    expected, got, wrong = line["expected"], line["got"], set(line["wrong"])
    rows = []
    for field in SHOWN:
        wanted, found = (said(field, one) if one else "" for one in (expected, got))
        if not wanted and not found:
            continue
        ours, theirs = pieces(wanted, found) if field in wrong else ([Piece(wanted, False)], [Piece(found, False)])
        sure = line["sure"].get(field)
        silent = field in wrong and got is not None and (sure if sure is not None else line["confidence"]) >= threshold
        rows.append(Row(FIELDS[field], ours, theirs, field in wrong, sure, silent))
    named = [FIELDS.get(field, field) for field in line["wrong"] if field not in SHOWN]
    return Compared(
        name=(expected or got or {}).get("name") or "",
        rows=rows,
        joint=named,
        missing=got is None,
        spurious=expected is None,
        factor=line["factor"],
        confidence=line["confidence"],
    )


def said(field: str, medication: Json) -> str:
    """A field in French words, as ordonnances are; as JSON where the case holds what our words can't say."""
    if field in ("name", "form", "atc"):
        return str(medication.get(field) or "")
    if field == "daily":
        return " ; ".join(_daily(medication.get("dailyDose") or {}))
    try:
        read = engine.decode(engine.Medication, {key: value for key, value in medication.items() if key in KNOWN})
    except (ValueError, KeyError):
        named = medication.get({"strength": "strength", "supply": "dispense"}.get(field, "dosage"))
        return json.dumps(named, ensure_ascii=False) if named else ""
    if field == "strength":
        return wording.strengths(read.strength)
    if field == "supply":
        return wording.supply(read.dispense, read.substitution, read.ald)
    told = [WORDS[field](dosage) for dosage in read.dosage]
    return " ; ".join(text for text in told if text)


WORDS: dict[str, Callable[[engine.Dosage], str]] = {
    "dose": lambda dosage: wording.amount(dosage.dose) or wording.rate(dosage),
    "timing": lambda dosage: wording.rhythm(dosage.timing),
    "duration": lambda dosage: wording.length(dosage.timing.bounds if dosage.timing else None),
    "need": wording.need,
    "limit": wording.limits,
    "route": wording.route,
    "remark": lambda dosage: " ; ".join(dosage.additional),
}


def _daily(daily: Json) -> Iterator[str]:
    for key, (low, high) in daily.items():
        unit = key.partition("|")[2]
        named = None if unit == "None" else unit
        yield wording.amount(
            engine.Quantity(value=low, unit=named) if low == high else engine.Quantity(low=low, high=high, unit=named)
        )


def pieces(expected: str, got: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut into words that they share and words that differ."""
    ours, theirs = expected.split(" "), got.split(" ")
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, start, end, first, last in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if end > start:
            left.append(Piece(" ".join(ours[start:end]), kind != "equal"))
        if last > first:
            right.append(Piece(" ".join(theirs[first:last]), kind != "equal"))
    return left, right
