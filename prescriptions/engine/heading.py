"""The head and foot of an ordonnance: who, for whom, when; and the date and weight that stand there."""

from __future__ import annotations

import re

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.rules import read_facts
from prescriptions.engine.schema import Passage
from prescriptions.engine.text import plain
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import passages

DATE = re.compile(r"(?<!\d)(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})(?!\d)")
WRITTEN = re.compile(rf"(?<!\d)(\d{{1,2}})(?:er)?\s+({'|'.join(passages.MONTHS)})\s+(\d{{4}})")
BIRTH = re.compile(r"(?:\bnee?\b|\bne\(e\)|ddn|naissance|n\(e\)e)[^\n]{0,24}$")
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


def facts(found: list[Passage]) -> tuple[str | None, float | None]:
    """(date in ISO form, patient's weight in kilograms) from the passages that are no medicines."""
    date: str | None = None
    weight: float | None = None
    for passage in found:
        if passage.kind in ("stopped", "other"):
            continue
        text = plain(passage.text)
        date = date or _date(text)
        if weight is None and passage.kind in ("patient", "header") and (match := WEIGHT.search(text)):
            value = float((match[1] or match[2]).replace(",", "."))
            weight = value if 0.3 <= value <= 350 else None
    return date, weight


def _date(text: str) -> str | None:
    for match in DATE.finditer(text):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
        if BIRTH.search(text[: match.start()]) or not (1 <= day <= 31 and 1 <= month <= 12):
            continue
        return f"{year if year > 99 else 2000 + year:04d}-{month:02d}-{day:02d}"
    for match in WRITTEN.finditer(text):
        if not BIRTH.search(text[: match.start()]) and 1 <= int(match[1]) <= 31:
            return f"{match[3]}-{passages.MONTHS[match[2]]:02d}-{int(match[1]):02d}"
    return None
