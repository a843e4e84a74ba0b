"""The privacy report of a set: what must not be in it, how near it comes to texts that were there before, its variety.

>>> audit = Audit(Seeds(()), Catalogue(starter().products))
>>> for case, entry in zip(documents, ledger): audit.see(case, entry)
>>> audit.report()["passed"]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from prescriptions.engine.identifying import KINDS, suspicions
from prescriptions.engine.synthetic import identifiers, letterheads, people
from prescriptions.engine.synthetic.catalogue import Catalogue
from prescriptions.engine.synthetic.privacy.diversity import Diversity
from prescriptions.engine.synthetic.privacy.overlap import Seeds, words
from prescriptions.engine.synthetic.profiles import PROFILES

Json = dict[str, Any]
Found = Iterator[str]
EXAMPLES = 5
MOST_COPIED = 0.5
"""Of a document's runs of eight words; formulas of the forms alone stay far below."""
NAMES = frozenset({*people.SURNAMES, *people.FEMALE, *people.MALE})
STREET = re.compile(rf"\d{{1,2}} (?:{'|'.join(people.STREETS)})")
CLOSED: dict[str, Callable[[str], object]] = {
    "patient.name": NAMES.__contains__,
    "prescriber.name": NAMES.__contains__,
    "prescriber.street": STREET.fullmatch,
    "prescriber.town": people.TOWNS.__contains__,
    "prescriber.city": {town.split(" ", 1)[1].title() for town in people.TOWNS}.__contains__,
    "prescriber.place": {*people.HOSPITALS, *people.HOMES}.__contains__,
}
"""What a span of this path may say."""
PATTERNS = (
    *letterheads.wordings(),
    *(said for one in PROFILES.values() for said in (*one.specialties, *one.titles)),
)
FIXED = frozenset(
    word
    for pattern in PATTERNS
    for text in (pattern.replace("{e}", ""), pattern.replace("{e}", "e"))
    for word in re.findall(r"\w+", re.sub(r"{\w+}", "", text))
) | {"Mme", "M", "Enfant"}
"""Words of the templates, which stand about the values."""
LENGTHS = (9, 11)
"""Digits of a FINESS and of an RPPS number."""
DIGITS = re.compile(r"(?<![\d.,])\d(?:[ .]?\d)*(?![\d.,]?\d)")
NOT_APPLICABLE = ("canaries", "membership", "distance")
"""Tests of what a model remembers: nothing here was trained, and no real text was read."""


@dataclass
class Check:
    """What was looked at so many times, and how often it wasn't as it must be; ids of the first documents."""

    looked: int = 0
    found: int = 0
    examples: list[str] = field(default_factory=list)


class Audit:
    """Takes documents as they leave (the lines of `documents.jsonl` and `ledger.jsonl`), one after the other."""

    def __init__(self, seeds: Seeds, catalogue: Catalogue) -> None:
        self.checks = {key: Check() for key in (*CHECKS, COPIED)}
        self._seeds, self._diversity = seeds, Diversity(catalogue)
        self._copied: list[float] = []
        self._nearest: list[float] = []

    def see(self, case: Json, ledger: Json) -> None:
        """One document with its entry in the ledger."""
        found = words(case["text"])
        self._copied.append(self._seeds.copied(found))
        self._nearest.append(self._seeds.nearest(found))
        self._diversity.see(case, ledger, found)
        wrong = {key: sum(1 for _fault in check(case, ledger)) for key, check in CHECKS.items()}
        for key, count in {**wrong, COPIED: int(self._copied[-1] > MOST_COPIED)}.items():
            check = self.checks[key]
            check.looked += 1
            check.found += count
            if count and len(check.examples) < EXAMPLES:
                check.examples.append(case["id"])

    def report(self) -> Json:
        """`passed` where nothing was found that must not be there."""
        checks = [
            {"key": key, "passed": not one.found, "looked": one.looked, "found": one.found, "examples": one.examples}
            for key, one in self.checks.items()
        ]
        return {
            "passed": all(check["passed"] for check in checks),
            "checks": checks,
            "overlap": {"seeds": len(self._seeds), "copied": spread(self._copied), "nearest": spread(self._nearest)},
            "diversity": self._diversity.report(),
            "not_applicable": list(NOT_APPLICABLE),
        }


def spread(values: list[float]) -> Json:
    """Middle, the value that 99 of 100 stay below, and the highest."""
    ordered = sorted(values) or [0.0]
    at = [ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 99)]
    return {"median": round(at[0], 4), "p99": round(at[1], 4), "most": round(ordered[-1], 4)}


def unledgered(case: Json, ledger: Json) -> Found:
    """Values whose source isn't told."""
    told = Counter(field["path"] for field in ledger["fields"] if field.get("source"))
    yield from (Counter(span["path"] for span in case["spans"]) - told).elements()
    if not (ledger.get("seed") and "index" in ledger):
        yield "seed"
    if ledger.get("id") != case["id"] or len(ledger["products"]) != len(case["expected"]["medications"]):
        yield "products"


def valid_numbers(case: Json, ledger: Json) -> Found:
    """RPPS, FINESS and social security numbers that could be somebody's."""
    for run in DIGITS.findall(case["text"]):
        digits = re.sub(r"\D", "", run)
        if len(digits) in LENGTHS and identifiers.luhn(digits):
            yield run
    for match in KINDS["nir"].finditer(case["text"]):
        if identifiers.nir_holds(match[0]):
            yield match[0]


def open_names(case: Json, ledger: Json) -> Found:
    """Names and addresses that are in no closed list."""
    for span in case["spans"]:
        allowed = CLOSED.get(span["path"])
        if allowed and not allowed(span["text"]):
            yield span["text"]


def ringing_phones(case: Json, ledger: Json) -> Found:
    """Telephone numbers outside the ranges that are kept for fiction."""
    for match in KINDS["phone"].finditer(case["text"]):
        number = re.sub(r"\D", "", match[0]).removeprefix("00").removeprefix("33")
        if not identifiers.fictional(f"0{number.removeprefix('0')}"):
            yield match[0]


def unexplained(case: Json, ledger: Json) -> Found:
    """What looks as if it told who somebody is, and isn't a fictitious value that the ledger knows."""
    for found in suspicions(case["text"]):
        left = list(case["text"][found.start : found.end])
        for span in case["spans"]:
            if span["start"] < found.end and found.start < span["end"]:
                at = slice(max(span["start"] - found.start, 0), span["end"] - found.start)
                left[at] = " " * len(left[at])
        if set(re.findall(r"\w+", "".join(left))) - FIXED:
            yield case["text"][found.start : found.end]


CHECKS: dict[str, Callable[[Json, Json], Found]] = {
    "ledger": unledgered,
    "identifiers": valid_numbers,
    "names": open_names,
    "phones": ringing_phones,
    "scan": unexplained,
}
COPIED = "copied"
