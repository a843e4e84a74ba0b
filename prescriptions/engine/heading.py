"""The head and foot of an ordonnance: who, for whom, when; and the date and weight that stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.rules import read_facts
from prescriptions.engine.schema import Dispense, Head, Passage
from prescriptions.engine.text import plain
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import passages

DATE = re.compile(
    r"(?<![\d/.,-])(\d{1,2})(?=\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}|[/.]\d{1,2}[/.]\d\d)"
    r"\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})(?![\d/]|[.,]\d|\s*(?:ui|u|unit|cp|gel|gtt|gout|mg|ml|bouff|sach)\w*)"
)
"""In figures; a year of two only with strokes or points, since `8-6-10` is three doses."""
WRITTEN = re.compile(rf"(?<!\d)(\d{{1,2}})(?:er)?\s+({'|'.join(passages.MONTHS)})\s+(\d{{4}})")
ISO = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
BIRTH = re.compile(r"(?:\bnee?\b|\bne\(e\)|ddn|naissance|n\(e\)e)[^\n]{0,24}$")
RPPS = re.compile(r"rpps\W{0,6}(?:n[°o]\W*)?((?:\d ?){10}\d)(?!\d)")
FINESS = re.compile(r"finess\W{0,6}(?:n[°o]\W*)?((?:\d|2[ab])(?:\d ?){6,7}\d)(?!\d)")
PRESCRIBER = re.compile(
    r"\b(?:[Dd][Rr]e?|D(?:octeur|OCTEUR)|P[Rr]|Professeur)\.?[ \t]+([A-ZÀ-Ý][\w'’.-]*(?: [A-ZÀ-Ý][\w'’.-]+){0,3})"
)
WEIGHT = re.compile(
    r"(?:poids|pese|pds)\s*:?\s*(?:de\s+)?(\d{1,3}(?:[.,]\d{1,3})?)\s*kg|(?<![\d.,/])(\d{1,3}(?:[.,]\d{1,3})?)\s*kg\b"
)


def is_heading(words: set[str], tokens: Tokens, first: int, last: int) -> bool:
    """Names people or places, and says nothing of how to take anything."""
    named = words & (passages.PEOPLE | passages.PATIENT)
    text = tokens.reading.plain[tokens.list[first].start : tokens.list[last - 1].end]
    dated = DATE.search(text) is not None or WRITTEN.search(text) is not None
    if not named and not dated:
        return False
    facts = read_facts(tokens, first, last)
    telling = [fact for fact in facts if isinstance(fact.value, (f.Slots, f.Frequency, f.Clock, f.Limit)) or (
        isinstance(fact.value, f.Dose) and fact.value.amount.unit not in (None, "%"))]  # fmt: skip
    strong = named & (passages.PEOPLE - {"unite", "place", "service"}) or dated
    weak = named - {"m", "enfant", "taille", "kg", "ans", "age", "place", "unite", "service", "am", "ch"}
    return (bool(strong) and len(telling) < 2) or (bool(weak) and not telling)


def kind(words: set[str]) -> str:
    if words & (passages.PATIENT - {"m", "kg", "ans", "ne"}):
        return "patient"
    if words & passages.PEOPLE:
        return "header"
    return "patient" if words & {"m", "kg", "ne"} else "header"


def facts(found: list[Passage], dispense: Dispense | None) -> Head:
    """What the passages that are no medicines say of the whole document: date, patient, prescriber."""
    told = [passage for passage in found if passage.kind not in ("stopped", "other")]
    date = _latest(told)
    if date is None and found and found[0].kind == "other":
        date = _date(_plain(found[0]))  # « Bilan du 11/11/2026 », above everything else
    return Head(
        date=date,
        patient_weight_kg=_weight(told),
        dispense=dispense,
        patient_birth_date=next(filter(None, map(_born, map(_plain, told))), None),
        prescriber=next((match[1] for one in told if (match := PRESCRIBER.search(one.text))), None),
        prescriber_rpps=_number(told, RPPS),
        finess=_number(told, FINESS),
    )


LONG_AGO = 2
"""Years before the newest date of a head, from which on a date beside a patient's name is a birth."""
MISREAD = str.maketrans("oil|", "0111")
LIKE_A_DATE = re.compile(r"(?<![\w/.,-])[\doil|]{1,2}\s?[/.-]\s?[\doil|]{1,2}\s?[/.-]\s?[\doil|]{4}(?!\w)")


def _plain(passage: Passage) -> str:
    """Plain, with letters misread for figures put right in dates: `l2/O3/2O26`."""
    return LIKE_A_DATE.sub(lambda match: match[0].translate(MISREAD), plain(passage.text))


def _number(told: list[Passage], shape: re.Pattern[str]) -> str | None:
    for passage in told:
        if match := shape.search(_plain(passage)):
            return "".join(match[1].split()).upper()
    return None


def _weight(told: list[Passage]) -> float | None:
    for passage in told:
        if passage.kind in ("patient", "header") and (match := WEIGHT.search(_plain(passage))):
            value = float((match[1] or match[2]).replace(",", "."))
            return value if 0.3 <= value <= 350 else None
    return None


def _days(text: str) -> Iterator[tuple[int, str]]:
    """(place, ISO date) of each date in a plain text, those in figures first."""
    for match in ISO.finditer(text):
        yield match.start(), match[0]
    for match in DATE.finditer(text):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
        if 1 <= day <= 31 and 1 <= month <= 12:
            yield match.start(), f"{year if year > 99 else 2000 + year:04d}-{month:02d}-{day:02d}"
    for match in WRITTEN.finditer(text):
        if 1 <= int(match[1]) <= 31:
            yield match.start(), f"{match[3]}-{passages.MONTHS[match[2]]:02d}-{int(match[1]):02d}"


def _date(text: str) -> str | None:
    """The first date that is nobody's birth, nor one to come (`contrôle le`)."""
    return next((day for place, day in _days(text) if not BIRTH.search(text[:place])), None)


def _latest(told: list[Passage]) -> str | None:
    """The first date; but `M. ROTULE 03/10/1971` above the day of leaving is when he was born."""
    dates = [(day, passage.kind) for passage in told if (day := _date(_plain(passage)))]
    newest = max((day[:4] for day, _ in dates), default="")
    return next((day for day, kind in dates if kind != "patient" or int(newest) - int(day[:4]) < LONG_AGO), None)


def _born(text: str) -> str | None:
    """A birth date; of a year in two figures nobody knows the century."""
    for match in DATE.finditer(text):
        if len(match[3]) == 4 and BIRTH.search(text[: match.start()]):
            return next(day for place, day in _days(text) if place == match.start())
    return next((day for place, day in _days(text) if BIRTH.search(text[:place]) and not day.startswith("20")), None)
