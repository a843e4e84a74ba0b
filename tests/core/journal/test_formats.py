"""The formats that other programs read: syslog (RFC 5424) and FHIR R4 AuditEvent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as limited
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core import audit, tool
from core.access.demo import World
from core.audit.models import Event
from core.journal.engine import fhir, syslog
from tests.core.journal.fhir_r4 import AUDIT_EVENT

ClientOf = Callable[[str], Client]

CHECKED = jsonschema.Draft202012Validator(AUDIT_EVENT)
EVENT: dict[str, Any] = {
    "id": 7,
    "at": "2026-11-28T20:00:00.123456+00:00",
    "actor_id": "5f1d0a8e-0000-4000-8000-000000000000",
    "actor": "Zoé",
    "action": "ecrf.entry_read",
    "did": "read an entry",
    "sentence": "Zoé read an entry",
    "outcome": "refused",
    "project_id": "",
    "object_type": "ecrf.entry",
    "object_id": "1",
    "reason": 'a "b" \\ ]c',
    "details": {"fields": 3, "names": ["a", "é"]},
    "channel": "page",
    "request_id": "r1",
    "address": "10.0.0.1",
}
SYSLOG = re.compile(
    r"<(?P<pri>\d{1,3})>1 (?P<at>\S+) (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<proc>[!-~]{1,128})"
    r" (?P<id>[!-~]{1,32}) \[(?P<sd>[!-~]{1,32})(?P<params>(?: [!-~]{1,32}=\"(?:[^\"\\\]]|\\.)*\")*)\]"
    r" \ufeff(?P<text>.*)",
    re.DOTALL,
)
"""The grammar of RFC 5424, section 6, with one structured element and UTF-8."""


def parameters(text: str) -> dict[str, str]:
    found = re.findall(r' (\S+?)="((?:[^"\\\]]|\\.)*)"', text)
    return {key: re.sub(r"\\(.)", r"\1", value) for key, value in found}


def test_a_syslog_message() -> None:
    """Priority, UTC, the action as message id, the rest as structured data with its escapes, words after a BOM."""
    raw = syslog.message(EVENT, "suite.example")
    found = SYSLOG.fullmatch(raw.decode())
    assert found
    assert (found["pri"], found["at"], found["id"]) == ("108", "2026-11-28T20:00:00.123456Z", "ecrf.entry_read")
    assert r'reason="a \"b\" \\ \]c"' in found["params"]
    told = parameters(found["params"])
    assert (told["reason"], json.loads(told["details"])) == (EVENT["reason"], EVENT["details"])
    assert found["text"] == "Zoé read an entry"
    assert syslog.frame(b"abc") == b"3 abc"


@limited(max_examples=40)
@given(
    st.text(max_size=60), st.text(max_size=60), st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=3)
)
def test_no_event_breaks_the_grammar(reason: str, action: str, details: dict[str, str]) -> None:
    """Whatever somebody types into a reason, it is one message on one line with the same value in it."""
    event = EVENT | {"reason": reason, "action": action, "details": details}
    text = syslog.message(event, "h").decode()
    found = SYSLOG.fullmatch(text)
    assert found
    assert len(text.splitlines()) == 1
    assert parameters(found["params"]).get("reason", "") == syslog.printable(reason)


def test_a_long_event_says_what_it_left_out() -> None:
    """A receiver takes 8,192 octets: details go first, then the reason, and the message names what is missing."""
    raw = syslog.message(EVENT | {"reason": "é" * 9000, "details": {"x": "y" * 9000}}, "h")
    assert len(raw) < syslog.LONGEST
    assert b'truncated="details,reason"' in raw
    assert SYSLOG.fullmatch(raw.decode())


def valid(event: dict[str, Any]) -> bool:
    CHECKED.validate(fhir.resource(event, "https://suite.example"))
    return True


def test_every_act_is_a_valid_audit_event() -> None:
    """Each action that the suite records is a resource as FHIR R4 publishes it."""
    assert all(
        valid(EVENT | {"action": action, "did": action}) for action in (*tool.audit_actions(), "unknown", "x.y_z")
    )


@pytest.mark.parametrize(
    "event",
    [
        {"actor_id": "", "actor": "The system", "address": "", "channel": "system", "request_id": ""},
        {"object_id": "", "object_type": "", "details": {}},
        {"details": {"": "x", "a": "", "b": None, "c": [], "d": True}},
        {"project_id": "p", "outcome": "failed", "reason": "   "},
    ],
)
def test_bare_events_are_valid_too(event: dict[str, Any]) -> None:
    """An event without a person, a thing, details or a reason leaves these out instead of leaving them empty."""
    assert valid(EVENT | event)


def test_the_structure_is_strict() -> None:
    """The check itself refuses what FHIR refuses."""
    good = fhir.resource(EVENT, "https://suite.example")
    for wrong in ({"agent": []}, {"recorded": "yesterday"}, {"outcome": "done"}, {"source": {}}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            CHECKED.validate(good | wrong)


@pytest.mark.parametrize(("form", "suffix"), [("csv", "csv"), ("json", "jsonl"), ("syslog", "log"), ("fhir", "ndjson")])
def test_every_page_exports_what_it_shows(
    client_of: ClientOf, world: World, acts: None, form: str, suffix: str
) -> None:
    """The file holds what the filters leave, and the export stands in the journal with its format and number."""
    client = client_of("owner")
    answer = client.get(reverse("audit:journal", args=[world.project.slug]), {"format": form, "outcome": "failed"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == (2 if form == "csv" else 1)
    assert answer["Content-Disposition"].endswith(f'.{suffix}"')
    told = Event.objects.filter(action="audit.journal_exported", outcome="done").latest("pk")
    assert (told.details["format"], told.details["events"], told.details["filters"]) == (form, 1, ["outcome"])
    if form == "fhir":
        CHECKED.validate(json.loads(lines[0]))
    if form == "syslog":
        assert SYSLOG.fullmatch(lines[0])


def test_the_export_over_rest(api_of: Callable[[str], APIClient], world: World, acts: None) -> None:
    """A program gets the same file; a format that doesn't exist is refused; what it may not read isn't in it."""
    address = reverse("api:journal:event-export")
    answer = api_of("owner").get(address, {"as": "fhir", "project": world.project.slug})
    found = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [each["subtype"][0]["code"] for each in found] == ["audit.journal_exported", "jobs.job_submitted"]
    told = Event.objects.filter(action="audit.journal_exported", channel="api").get()
    assert (told.project_id, told.details["format"], told.details["events"]) == (world.project.pk, "fhir", 2)
    assert api_of("owner").get(address, {"as": "xml"}).status_code == 422
    foreign = api_of("member").get(address, {"project": world.project.slug})
    assert b"".join(foreign.streaming_content) == b""


def test_what_one_did_oneself_is_exported_too(client_of: ClientOf, world: World, acts: None) -> None:
    """«My activity» as a file is in the journal as an export of one's own acts."""
    answer = client_of("stranger").get(reverse("audit:mine"), {"format": "json"})
    found = [json.loads(line)["actor_id"] for line in b"".join(answer.streaming_content).splitlines()]
    assert len(found) > 1
    assert set(found) == {str(world.user["stranger"].pk)}
    told = Event.objects.filter(action="audit.journal_exported", actor_id=world.user["stranger"].pk).latest("pk")
    assert (told.project_id, told.details["kind"]) == (None, "mine")


def test_a_token_reads_nobodys_whole_life(world: World) -> None:
    """What one did everywhere is for oneself at a page: a program with a token of one project doesn't get it."""
    from django.core.exceptions import PermissionDenied

    from core.access.scope import Limits
    from core.journal import services

    actor = world.user["owner"]
    actor.limits = Limits(world.project.pk, frozenset({"audit.read_journal"}))
    with pytest.raises(PermissionDenied):
        services.open_journal(actor, None, own=True)
    audit.record(actor, "audit.journal_read")
