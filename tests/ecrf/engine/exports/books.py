"""A book that has a little of everything."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ecrf import engine
from ecrf.engine.exchange.records import Change, Record
from ecrf.engine.exports import FORMATS, Book, Options
from ecrf.engine.faults import Fault


def words(text: str) -> dict[str, str]:
    return {"en": text, "fr": f"{text} (fr)"}


def item(key: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "type": kind, "label": words(key.title()), **more}


def choices(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "label": words(f"Choice {code}")} for code in codes]


LONG = "a_very_long_name_of_a_variable_that_no_program_takes"
FORM: dict[str, Any] = {
    "format": 1,
    "title": words("Everything"),
    "languages": ["en", "fr"],
    "missing_codes": [{"code": "lost", "label": words("Lost")}],
    "pages": [
        {
            "key": "visit",
            "title": words("Visit"),
            "groups": [
                {
                    "items": [
                        item("age", "integer"),
                        item("weight", "decimal", unit="kg"),
                        item("born", "date"),
                        item("seen", "datetime"),
                        item("at", "time"),
                        item("since", "partial_date"),
                        item("sex", "choice", choices=choices("1", "2")),
                        item("blood", "choice", choices=choices("A", "B", "AB")),
                        item("signs", "choices", choices=choices("fever", "cough")),
                        item("note", "text", look="lines"),
                        item(f"{LONG}_1", "text"),
                        item(f"{LONG}_2", "text"),
                        item("hidden", "text", visible_if=["same", ["var", "sex"], ["text", "2"]]),
                    ]
                },
                {
                    "repeat": {"key": "drugs"},
                    "items": [
                        item("name", "text"),
                        item("dose", "decimal"),
                        item("form", "choice", choices=choices("po", "iv")),
                    ],
                },
            ],
        },
        {"key": "adverse", "title": words("Adverse"), "repeats": True, "groups": [{"items": [item("term", "text")]}]},
    ],
}
RECORDS = [
    Record(
        "BRO-001",
        "BRO",
        values={
            "age": "45",
            "weight": "72.5",
            "born": "1981-02-03",
            "seen": "2026-01-05T14:05",
            "at": "08:30",
            "since": "2026-05",
            "sex": "1",
            "blood": "AB",
            "signs": ["cough"],
            "note": '=HYPERLINK("http://x")\nsecond, "line" é',
            f"{LONG}_1": "x" * 300,
            "drugs": [{"name": "Amoxicilline", "dose": "500", "form": "po"}, {"name": "@x"}],
        },
        notes={"drugs[1].dose": {"status": "nd"}},
        audit=[Change("age", "44", "Ana", "BRO", "2026-01-05T10:00:00+00:00"), Change("age", "45", "Ana", "BRO")],
        pages={"visit": "complete"},
        version=2,
        saved_at="2026-01-05T13:00:00+00:00",
        created_at="2026-01-05T12:00:00+00:00",
    ),
    Record(
        "BRO-002",
        "BRO",
        values={"weight": "-3", "signs": [], "born": "1890-01-01"},
        notes={"age": {"status": "lost", "comment": "tube"}, "sex": {"status": "nsp"}, "weight": {"status": "check"}},
        pages={"visit": "incomplete"},
        version=2,
        saved_at="2026-01-06T13:00:00+00:00",
    ),
    Record(
        "BRO-002", "BRO", page="adverse", instance=2, values={"term": "Rash"}, pages={"adverse": "complete"}, version=2
    ),
]


def book(data: dict[str, Any] = FORM, records: list[Record] = RECORDS, **options: Any) -> Book:
    def again() -> Iterator[Record]:
        yield from records

    when = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    return Book(engine.load(data), again, "Study", "study-everything", when, 2, Options(**options))


def written(name: str, of: Book | None = None) -> tuple[bytes, list[Fault]]:
    out = io.BytesIO()
    losses = FORMATS[name].write(of or book(), out)
    return out.getvalue(), losses


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
