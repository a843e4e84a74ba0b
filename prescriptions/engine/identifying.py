"""Whether a text may tell who somebody is: what is suspicious is held back and shown to a person, never mended.

This is a sieve for short lines of medicines, not a proof: it rather stops a harmless line than lets a name pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Characters [start, end) of the text, and of what kind they look: one of KINDS."""

    kind: str
    start: int
    end: int


TITLES = r"(?:M|MM|Mr|Mme|Mlle|Monsieur|Madame|Mademoiselle|Dr|Docteur|Docteure|Pr|Professeur|Professeure|Me)"
UPPER = r"[A-ZÀ-ÖØ-Þ]"
NAME = rf"{UPPER}[\w'’-]+"
MONTHS = (
    "janv(?:ier)?|f[ée]vr(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept(?:embre)?|oct(?:obre)?|"
    "nov(?:embre)?|d[ée]c(?:embre)?"
)
UNITS = "UI|U|unit[ée]s?|mg|g|ml|cp|cps|comprim[ée]s?|g[ée]l|g[ée]lules?|sachets?|gouttes?|gttes?"
"""After these, `10-8-12` is three doses."""
STREETS = "rue|avenue|av|boulevard|bd|place|chemin|impasse|all[ée]e|quai|route|cours|r[ée]sidence|lotissement|lieu-dit"
KINDS: dict[str, re.Pattern[str]] = {
    "name": re.compile(rf"\b(?:{TITLES}\b\.?|(?i:patiente?|nom|pr[ée]nom)\s*:)\s*{NAME}(?:\s+{NAME})*"),
    "birth": re.compile(r"(?i)\b(?:n[ée]e?\s+le|date\s+de\s+naissance|ddn)\b.{0,20}|\b\d{1,3}\s+ans\b"),
    "date": re.compile(
        rf"(?i)\b\d{{1,2}}[./-]\d{{1,2}}[./-](?:19|20)?\d{{2}}\b(?!\s*(?:{UNITS})\b)|\b(?:19|20)\d{{2}}-\d{{2}}-\d{{2}}\b|"
        rf"\b\d{{1,2}}(?:er)?\s+(?:{MONTHS})\.?\s+(?:19|20)\d{{2}}\b"
    ),
    "nir": re.compile(
        r"\b[12][ .-]?\d{2}[ .-]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .-]?(?:\d{2}|2[AB])"
        r"[ .-]?\d{3}[ .-]?\d{3}(?:[ .-]?\d{2})?\b"
    ),
    "phone": re.compile(r"(?:\+33|0033|\b0)\s?(?:\(0\)\s?)?[1-9](?:[ .-]?\d{2}){4}\b"),
    "mail": re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE),
    "web": re.compile(r"(?i)\b(?:https?://|www\.)\S+"),
    "address": re.compile(
        rf"(?i)\b\d{{1,4}}\s*(?:bis|ter)?,?\s+(?:{STREETS})\b\.?|\b(?:F-)?\d{{5}}\s+{UPPER}[\w'’-]{{2,}}"
    ),
    "number": re.compile(
        r"(?i)\b(?:rpps|finess|adeli|ipp|iep|nda|dossier|s[ée]cu(?:rit[ée])?)\b|\b\d{9,}\b|\b\d(?:[ .]?\d){10,}\b"
    ),
}
"""Kind -> what looks so. A number of nine digits or more is a key of something, whatever it is."""


def suspicions(text: str) -> list[Suspicion]:
    """Everything suspicious, in the order of the text."""
    return sorted(_found(text), key=lambda each: (each.start, -each.end))


def _found(text: str) -> Iterator[Suspicion]:
    for kind, pattern in KINDS.items():
        for match in pattern.finditer(text):
            yield Suspicion(kind, match.start(), match.end())


def known(text: str, names: frozenset[str]) -> list[Suspicion]:
    """Words of the text that are among `names`: those in the head of the same prescription, in small letters."""
    words = re.finditer(r"[^\W\d_]{3,}", text)
    return [Suspicion("name", word.start(), word.end()) for word in words if word.group().casefold() in names]


def names_of(text: str) -> frozenset[str]:
    """Words that are written like names in a passage about people: with a capital, in small letters."""
    return frozenset(word.casefold() for word in re.findall(rf"{UPPER}[^\W\d_]{{2,}}", text) if word not in COMMON)


COMMON = frozenset({
    "Docteur", "Docteure", "Madame", "Monsieur", "Mademoiselle", "Professeur", "Patient", "Patiente", "Ordonnance",
    "Date", "Poids", "Taille", "Service", "Cabinet", "Centre", "Hôpital", "Hospitalier", "Clinique", "Médecin",
    "Médecine", "Nom", "Prénom", "Née", "Sexe", "Age", "Fait", "Signature",
})  # fmt: skip
"""What stands with a capital in the head of an ordonnance and names nobody."""
