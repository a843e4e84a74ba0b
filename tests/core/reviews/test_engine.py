"""Who judges what, when who is reminded, and the paper: plain values in, plain values out."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from core.reviews.engine.assignment import share
from core.reviews.engine.paper import Paper, pdf
from core.reviews.engine.reminding import next_day

DUE = date(2026, 12, 20)


@pytest.mark.parametrize(
    ("owners", "tiers", "judges"),
    [
        ({1: "a", 2: "b"}, [["c"]], {1: "c", 2: "c"}),
        ({1: "c", 2: "b"}, [["c"], ["c", "d"]], {1: "d", 2: "c"}),
        ({1: "x", 2: "y", 3: "z"}, [["c", "d"]], {1: "c", 2: "d", 3: "c"}),
        ({1: "c"}, [["c"]], {1: "c"}),
        ({1: "c"}, [[], []], {1: None}),
    ],
)
def test_accesses_are_shared(owners: dict[int, str], tiers: list[list[str]], judges: dict[int, str | None]) -> None:
    """The first people judge, evenly; one's own access goes to somebody else where there is somebody."""
    assert share(owners, tiers) == judges


@pytest.mark.parametrize(
    ("after", "day"),
    [
        (date(2026, 11, 1), date(2026, 12, 13)),
        (date(2026, 12, 13), date(2026, 12, 19)),
        (date(2026, 12, 19), DUE),
        (DUE, date(2026, 12, 27)),
        (date(2027, 1, 1), date(2027, 1, 3)),
    ],
)
def test_days_of_reminders(after: date, day: date) -> None:
    """People are told a week and a day before, on the day, and then each week."""
    assert next_day(DUE, after) == day


def test_the_paper() -> None:
    """It is PDF/A-2a, the same bytes for the same values, and takes what looks like markup as text."""
    paper = Paper(
        "fr", "Revue #panic() $x$", [("Portée", "*CHU*")], ["Qui", "Quoi"], [1, 2], [["É", "#let"]], "Fin", "Page"
    )
    made = pdf(paper, datetime(2026, 11, 29, 12, tzinfo=UTC))
    assert made.startswith(b"%PDF-1.7")
    assert re.search(rb"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>", made)
    assert made == pdf(paper, datetime(2026, 11, 29, 12, tzinfo=UTC))
