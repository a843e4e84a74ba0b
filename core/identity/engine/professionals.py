"""What a national directory says of a professional of health: his RPPS number, professions, and where he works."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RPPS = re.compile(r"\d{11}")
NATIONAL = "8"
"""Type of a national identifier that is an RPPS number: it stands before it in SubjectNameID."""


@dataclass(frozen=True)
class Practice:
    """Where somebody exercises."""

    name: str
    finess: str = ""
    siret: str = ""


@dataclass(frozen=True)
class Professional:
    rpps: str
    profession: str
    """Code of the national nomenclature (TRE_G15), for example 10 for a physician."""
    practices: tuple[Practice, ...]


def is_rpps(number: str) -> bool:
    """Whether this is an RPPS number: 11 digits, of which the last is their Luhn check digit (ISO/IEC 7812-1)."""
    return bool(RPPS.fullmatch(number)) and number.isascii() and luhn(number)


def luhn(number: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def of_pro_sante_connect(claims: Mapping[str, Any]) -> Professional | None:
    """The professional that Pro Santé Connect speaks of; None for somebody who is none (no SubjectRefPro)."""
    reference = claims.get("SubjectRefPro")
    exercises = reference.get("exercices") if isinstance(reference, Mapping) else None
    found = [each for each in exercises or () if isinstance(each, Mapping)] if isinstance(exercises, list) else []
    if not found:
        return None
    number = str(claims.get("SubjectNameID") or "")
    rpps = number[1:] if number.startswith(NATIONAL) else ""
    practices = tuple(dict.fromkeys(_practices(found)))
    return Professional(rpps if is_rpps(rpps) else "", _text(found[0], "codeProfession", 10), practices)


def _practices(exercises: list[Mapping[str, Any]]) -> Iterator[Practice]:
    for exercise in exercises:
        activities = exercise.get("activities")
        for activity in activities if isinstance(activities, list) else ():
            if isinstance(activity, Mapping):
                finess, siret = _text(activity, "numeroFinessSite", 9), _text(activity, "numeroSiretSite", 14)
                name = _text(activity, "raisonSocialeSite", 200)
                if name or finess:
                    yield Practice(name or finess, finess, siret)


def _text(record: Mapping[str, Any], key: str, longest: int) -> str:
    value = record.get(key)
    return re.sub("[\0\ud800-\udfff]", "", value)[:longest].strip() if isinstance(value, str) else ""
