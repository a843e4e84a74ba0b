"""The privacy report: it passes on what the generator makes, and refuses what could be somebody's."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from prescriptions.engine.synthetic import records
from prescriptions.engine.synthetic.documents import Generator
from prescriptions.engine.synthetic.privacy import words
from prescriptions.engine.synthetic.privacy.audit import CHECKS, NOT_APPLICABLE, Audit
from prescriptions.engine.synthetic.privacy.overlap import Seeds
from prescriptions.engine.synthetic.profiles import MIX
from tests.prescriptions.synthetic.test_synthetic import CATALOGUE

Json = dict[str, Any]
DOCUMENTS = [(records.case(one), records.ledger(one)) for one in Generator(CATALOGUE, "7", MIX).documents(0, 120)]


def report(pairs: list[tuple[Json, Json]], seeds: tuple[str, ...] = ()) -> Json:
    audit = Audit(Seeds(seeds), CATALOGUE)
    for case, entry in pairs:
        audit.see(case, entry)
    return audit.report()


def state(found: Json) -> dict[str, bool]:
    return {check["key"]: check["passed"] for check in found["checks"]}


def test_generated() -> None:
    """What the generator makes passes every check, with each document looked at by each."""
    found = report(DOCUMENTS)
    assert found["passed"], found["checks"]
    assert {check["looked"] for check in found["checks"]} == {120}
    assert found["not_applicable"] == list(NOT_APPLICABLE)


INTRUDERS = {
    "a valid RPPS number": ("RPPS 10003456786", "identifiers"),
    "a valid FINESS number": ("FINESS 750712184", "identifiers"),
    "a valid social security number": ("2 55 08 14 168 025 38", "identifiers"),
    "one born in Corsica": ("1 84 12 2A 004 123 23", "identifiers"),
    "a telephone that may ring": ("Tél. 01 44 38 12 90", "phones"),
    "one with the code of the country": ("+33 6 12 34 56 78", "phones"),
    "a name after a title": ("Mme DURAND Jeanne", "scan"),
    "a mail address": ("jeanne.durand@example.org", "scan"),
    "a birth": ("née le 03/04/1951", "scan"),
}


@pytest.mark.parametrize("what", INTRUDERS)
def test_intruders(what: str) -> None:
    """One of 120 documents with something that could be somebody's is found, named, and the set refused."""
    text, key = INTRUDERS[what]
    pairs = copy.deepcopy(DOCUMENTS)
    pairs[40][0]["text"] += f"\n{text}"
    found = report(pairs)
    assert not found["passed"]
    assert not state(found)[key]
    check = next(one for one in found["checks"] if one["key"] == key)
    assert check["examples"] == [pairs[40][0]["id"]]


def test_open_names() -> None:
    """A name that isn't on the closed list is refused, wherever it stands."""
    pairs = copy.deepcopy(DOCUMENTS)
    span = next(one for one in pairs[3][0]["spans"] if one["path"] == "prescriber.name")
    span["text"] = "DURAND"
    assert not state(report(pairs))["names"]


@pytest.mark.parametrize("lost", ["source", "seed", "field", "product"])
def test_incomplete_ledger(lost: str) -> None:
    """A value without source, an entry without seed, a medicine without product: the set is refused."""
    pairs = copy.deepcopy(DOCUMENTS[:5])
    entry = pairs[2][1]
    match lost:
        case "source":
            entry["fields"][0]["source"] = ""
        case "seed":
            del entry["seed"]
        case "field":
            entry["fields"] = entry["fields"][1:]
        case "product":
            entry["products"] = entry["products"][1:]
    assert not state(report(pairs))["ledger"]


def test_copies() -> None:
    """A document that was there before is told as a copy; one that shares a formula of the form isn't."""
    copied = report(DOCUMENTS[:20], (DOCUMENTS[4][0]["text"],))
    assert not state(copied)["copied"]
    assert copied["overlap"]["nearest"]["most"] == 1.0
    formula = "Prescriptions relatives au traitement de l'affection de longue durée reconnue (liste ou hors liste)"
    assert state(report(DOCUMENTS, (formula,)))["copied"]


def test_diversity() -> None:
    """The same document again and again shows as no variety; coverage is a share of the weights of all products."""
    varied, same = report(DOCUMENTS)["diversity"], report([DOCUMENTS[0]] * 50)["diversity"]
    assert same["different"] == 1
    assert same["distinct"]["3"] < 0.05 < varied["distinct"]["3"]
    assert 0 < same["weight"] < varied["weight"] <= 1
    assert varied["templates"][0] <= varied["templates"][1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_words(language: str) -> None:
    """The report is a page in both languages, with each check, its verdict and the tests that don't apply."""
    pairs = copy.deepcopy(DOCUMENTS)
    pairs[0][0]["text"] += "\nRPPS 10003456786"
    text = words.markdown(report(pairs), language)
    for key in CHECKS:
        assert words.CHECKS[language][key][0] in text
    assert words.PHRASES[language]["refused"] in text
    assert pairs[0][0]["id"] in text
    for key in NOT_APPLICABLE:
        assert words.ABSENT[language][key][1] in text
