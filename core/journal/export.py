"""The journal as a file: CSV that no spreadsheet runs, JSON lines, syslog messages, FHIR resources."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.audit.models import Event
from core.journal.engine import fhir, syslog
from core.journal.telling import Teller
from core.web.export import plain_cell

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Records = Iterator[dict[str, Any]]

COLUMNS = (
    "id", "at", "actor_id", "actor", "action", "sentence", "outcome", "project_id", "object_type", "object_id",
    "reason", "details", "channel", "request_id", "address", "sealed",
)  # fmt: skip

PAGE = 1000
"""Events whose names are read at once."""


def records(events: Iterable[Event], teller: Teller) -> Records:
    """Every event with all it says and the names that the reader may see, a page of them at a time."""
    rest = iter(events)
    while page := list(islice(rest, PAGE)):
        teller.learn(page)
        for event in page:
            yield record(event, teller)


def record(event: Event, teller: Teller) -> dict[str, Any]:
    return {
        "id": event.pk,
        "at": event.at.isoformat(),
        "actor_id": str(event.actor_id or ""),
        "actor": teller.who(event),
        "action": event.action,
        "did": teller.did(event),
        "sentence": teller.sentence(event),
        "outcome": event.outcome,
        "project_id": str(event.project_id or ""),
        "object_type": event.object_type,
        "object_id": event.object_id,
        "reason": event.reason,
        "details": event.details,
        "channel": event.channel,
        "request_id": event.request_id,
        "address": event.address or "",
        "sealed": teller.is_sealed(event),
    }


def as_json(found: Records) -> Iterator[str]:
    for each in found:
        yield json.dumps({key: each[key] for key in COLUMNS}, ensure_ascii=False) + "\n"


def as_csv(found: Records) -> Iterator[str]:
    """With a BOM and semicolons, as French spreadsheets expect."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + writer.writerow(COLUMNS)
    for each in found:
        each["details"] = json.dumps(each["details"], ensure_ascii=False)
        yield writer.writerow([plain_cell(each[column]) for column in COLUMNS])


def as_syslog(found: Records) -> Iterator[str]:
    """One message a line."""
    host = host_name()
    for each in found:
        yield syslog.message(each, host).decode() + "\n"


def as_fhir(found: Records) -> Iterator[str]:
    """One resource a line."""
    for each in found:
        yield fhir.line(each, settings.PUBLIC_URL)


def host_name() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "-"


@dataclass(frozen=True)
class Format:
    key: str
    label: _StrPromise | str
    suffix: str
    media_type: str
    render: Callable[[Records], Iterator[str]]


FORMATS = {
    each.key: each
    for each in (
        Format("csv", _("CSV, for spreadsheets"), "csv", "text/csv; charset=utf-8", as_csv),
        Format("json", _("JSON lines"), "jsonl", "application/x-ndjson", as_json),
        Format("syslog", _("Syslog messages (RFC 5424)"), "log", "text/plain; charset=utf-8", as_syslog),
        Format("fhir", _("FHIR R4 AuditEvent"), "ndjson", "application/fhir+ndjson", as_fhir),
    )
}


def blocks(lines: Iterator[str]) -> Iterator[bytes]:
    """The lines as they are sent, as many at once as are made at once."""
    while block := "".join(islice(lines, PAGE)):
        yield block.encode()


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line
