"""What the page of a record says of consents: those archived of it, and the one that it lacks."""

from __future__ import annotations

from typing import Any

from ecrf import consents
from ecrf.engine import Sheet
from ecrf.models import Consent, Entry, Form, Subject
from ecrf.models.entries import sheet_url
from ecrf.services.consents import lacking


def consent_notice(subject: Subject, form: Form, sheet: Sheet, entry: Entry | None) -> dict[str, Any]:
    definition = form.published.loaded
    sheets = consents.sheets_of([form])
    if not sheets:
        return {"consents": [], "consent_lacking": ""}
    rows = Consent.objects.filter(entry=entry, superseded_by=None) if entry else Consent.objects.none()
    state = lacking(subject, form, definition, sheet)
    event = definition.events.get(sheet.event)
    needs = event.spec.get("requires_consent") if event else None
    url = consent_url(subject, form, str(needs["page"])) if state and needs else ""
    return {"consents": list(rows.select_related("subject__project")), "consent_lacking": state, "consent_url": url}


def consent_url(subject: Subject, form: Form, page: str) -> str:
    """Where the consent is given: the first event that asks it."""
    definition = form.published.loaded
    for key, event in definition.events.items():
        if page in event.pages:
            return sheet_url("entry", subject, form.key, Sheet(key), page=page)
        if page in event.copied:
            return sheet_url("entry", subject, form.key, Sheet(key, page))
    return ""
