"""The journal as a file: CSV that no spreadsheet runs, or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from core.audit.models import Event
from core.journal.telling import Teller
from core.web.export import plain_cell

COLUMNS = (
    "id", "at", "actor_id", "actor", "action", "sentence", "outcome", "object_type", "object_id",
    "reason", "details", "channel", "request_id", "address", "sealed",
)  # fmt: skip

PAGE = 1000
"""Events whose names are read at once."""


def records(events: Iterable[Event], teller: Teller) -> Iterator[dict[str, Any]]:
    """Every event with all it says and the names that the reader may see, a page of them at a time."""
    rest = iter(events)
    while page := list(islice(rest, PAGE)):
        teller.learn(page)
        for event in page:
            yield {
                "id": event.pk,
                "at": event.at.isoformat(),
                "actor_id": str(event.actor_id or ""),
                "actor": teller.who(event),
                "action": event.action,
                "sentence": teller.sentence(event),
                "outcome": event.outcome,
                "object_type": event.object_type,
                "object_id": event.object_id,
                "reason": event.reason,
                "details": event.details,
                "channel": event.channel,
                "request_id": event.request_id,
                "address": event.address or "",
                "sealed": teller.is_sealed(event),
            }


def as_json(events: Iterable[Event], teller: Teller) -> Iterator[str]:
    for record in records(events, teller):
        yield json.dumps(record, ensure_ascii=False) + "\n"


def as_csv(events: Iterable[Event], teller: Teller) -> Iterator[str]:
    """With a BOM and semicolons, as French spreadsheets expect."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + writer.writerow(COLUMNS)
    for record in records(events, teller):
        record["details"] = json.dumps(record["details"], ensure_ascii=False)
        yield writer.writerow([plain_cell(record[column]) for column in COLUMNS])


def blocks(lines: Iterator[str]) -> Iterator[bytes]:
    """The lines as they are sent, as many at once as are made at once."""
    while block := "".join(islice(lines, PAGE)):
        yield block.encode()


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line
