"""What is left of a form and its records when something of persons may not leave."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.exchange.records import Change, Code, Record
from ecrf.engine.exports.coded import tell
from ecrf.engine.exports.leaving import Leaving, Level, definition_without, shifted, weeks
from tests.ecrf.engine.exports.books import FORM, RECORDS, item

WEEK = timedelta(weeks=1)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("date", "2026-12-28", "2027-01-04"),
        ("date", "9999-12-31", None),
        ("datetime", "2026-01-05T23:30", "2026-01-12T23:30"),
        ("partial_date", "2026-05-25", "2026-06-01"),
        ("partial_date", "2026-05", "2026-05"),
        ("partial_date", "2026", "2026"),
        ("date", "soon", None),
    ],
)
def test_dates_move(kind: str, before: str, after: str | None) -> None:
    """Days move by whole weeks; what is known in part stays known in part; what can't move is left out."""
    assert shifted(kind, before, WEEK) == after


def test_months_move() -> None:
    """A month without a day moves from its middle."""
    assert shifted("partial_date", "2026-05", timedelta(weeks=-9)) == "2026-03"
    assert shifted("partial_date", "2026", timedelta(weeks=26)) == "2026"


def test_weeks() -> None:
    """Each secret moves by 1 to 26 weeks, forward or back, and never by none."""
    found = {weeks(f"{number:064x}") for number in range(1000)}
    assert found == {*range(-26, 0), *range(1, 27)}


def form(**more: Any) -> engine.Definition:
    data = deepcopy(FORM)
    first = data["pages"][0]["groups"][0]["items"]
    first.append(item("name", "text", identifier=True) | more)
    first.append(item("initial", "text", calc=["var", "name"]))
    data["pages"][0]["groups"][1]["items"][0]["key"] = "medicine"
    return engine.load(data)


def test_identifiers_leave_nothing() -> None:
    """Without identifiers, neither the item is in the form nor what is computed from it is explained by it."""
    whole = form()
    kept = frozenset(key for key, one in whole.items.items() if not one.spec.get("identifier"))
    found = definition_without(whole, kept)
    assert "name" not in found.items
    assert found.items["initial"].calc is None
    assert found.items["hidden"].condition is not None
    assert definition_without(whole, frozenset(whole.items)) is whole


def test_pages_that_are_gone() -> None:
    """A page without items is gone, from the events too."""
    data = deepcopy(FORM)
    data["events"] = [
        {"key": "visit_1", "title": {"en": "Visit"}, "pages": ["visit", "adverse"], "date": "born"},
    ]
    found = definition_without(engine.load(data), frozenset({"term"}))
    assert [page.key for page in found.pages] == ["adverse"]
    assert found.data["events"][0]["pages"] == ["adverse"]
    assert "date" not in found.data["events"][0]


def test_deidentified_record() -> None:
    """No text, no comment, no names of staff; dates, moments and the history moved alike."""
    held = Leaving(engine.load(FORM), {"visit": "deidentified", "adverse": "deidentified"}, WEEK, "P-1")
    record = held.of(RECORDS[0])
    assert record is not None
    assert record.subject == "P-1"
    assert "note" not in record.values
    assert record.values["born"] == "1981-02-10"
    assert record.values["drugs"] == [{"dose": "500", "form": "po"}, {}]
    assert record.saved_at.startswith("2026-01-12")
    assert record.audit[0] == Change("age", "44", "", "BRO", "2026-01-12T10:00:00+00:00")
    other = held.of(RECORDS[1])
    assert other is not None
    assert other.notes["age"] == {"status": "lost"}


def test_one_page_is_forbidden() -> None:
    """Of a page that may not leave there is no value, no note, no change and no state."""
    held = Leaving(engine.load(FORM), {"visit": "none", "adverse": "full"})
    record = held.of(RECORDS[0])
    assert record is not None
    assert (record.values, record.notes, record.audit, record.pages) == ({}, {}, [], {})
    nothing = Leaving(engine.load(FORM), {"visit": "none", "adverse": "none"})
    assert nothing.of(RECORDS[2]) is None
    assert isinstance(held.of(RECORDS[2]), Record)


@pytest.mark.parametrize(
    ("level", "identifies", "kept"),
    [
        ("full", True, True),
        ("coded", True, False),
        ("deidentified", True, False),
        ("deidentified", False, True),
        ("none", False, False),
    ],
)
def test_codes_leave_by_level(level: Level, identifies: bool, kept: bool) -> None:
    """A code leaves where its text does, and without it unless the text tells who somebody is or the page stays."""
    data = deepcopy(FORM)
    more = {"identifier": True} if identifies else {}
    data["pages"][0]["groups"][0]["items"].append(item("sign", "text", **more))
    definition = engine.load(data)
    record = Record("A-1", values={"sign": "Chute"}, codes={"sign": Code("signs", "1", "K1", "Bleu")})
    levels: dict[str, Level] = dict.fromkeys((page.key for page in definition.pages), "full")
    left = Leaving(definition, {**levels, definition.items["sign"].page: level}).of(record)
    assert ("sign" in left.codes if left else False) == kept


def test_rows_stay_for_their_codes() -> None:
    """Rows of which only texts are known are there for what they were coded as."""
    whole = engine.load(FORM)
    (group,) = whole.groups
    text = next(one for one in whole.items.values() if one.repeat == group and one.kind == "text")
    code = {f"{group}[1].{text.key}": Code("signs", "1", "K1", "Bleu")}
    record = Record("A-1", values={group: [{text.key: "un"}, {text.key: "deux"}]}, codes=code)
    left = Leaving(whole, dict.fromkeys((page.key for page in whole.pages), "deidentified")).of(record)
    assert left is not None
    assert left.values == {group: [{}, {}]}
    tell(left, {text.key: {"code": "sign__code"}})
    assert left.values == {group: [{}, {"sign__code": "K1"}]}
