"""Ask a participant again: the page of his consent is emptied and open, the former consent holds until he answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions
from ecrf.models import Consent, Entry, Form, Level, Source
from ecrf.services import doors, locks, script_failures
from ecrf.services.consents import locked
from ecrf.services.entries import keep

if TYPE_CHECKING:
    from core.access.scope import Actor


@script_failures.told
@transaction.atomic
def ask_again(actor: Actor, consent: Consent, reason: str) -> Entry:
    """Let the page of a consent be answered anew, in the version of the sheet that is published now."""
    subject = consent.subject
    access.require(actor, permissions.CONSENTS, subject.project, site=subject.site, obj=consent)
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why it is asked for again."))])
    held = locked(consent)
    if held.superseded_by_id is not None:
        raise Conflict(_("A later consent took the place of this one: ask again from there."), "superseded")
    definition = held.form.published.loaded
    if "consent" not in next((page.spec for page in definition.pages if page.key == held.page), {}):
        raise Conflict(_("This version of the form has no such consent any more."), "gone")
    keys = keys_asked(held.form, held.page)
    values = {key: None for key in keys if held.entry.values.get(key) not in (None, [])}
    complete = {held.page: False}
    with doors.acting_for(actor, subject, held.form, held.entry.sheet, values, {}, complete):
        return emptied(actor, held, values, complete, reason)


def keys_asked(form: Form, page: str) -> list[str]:
    """What the questions of the page, and its rows, are kept under."""
    found = form.published.loaded.page(page)
    asked = [item.key for item in found.items if item.is_input and not item.repeat and not item.spec.get("readonly")]
    return [*asked, *(group.repeat for group in found.groups if group.repeat)]


def emptied(actor: Actor, held: Consent, values: dict[str, Any], complete: dict[str, bool], reason: str) -> Entry:
    entry = held.entry
    for lock in locks.active().filter(level=Level.PAGE, entry=entry, page=held.page):
        locks.let_go(actor, lock, reason.strip()[:500])
    keep(
        actor,
        held.subject,
        held.form,
        entry.revision,
        values,
        sheet=entry.sheet,
        notes={},
        complete=complete,
        reason=reason,
        shown=None,
        draft=True,
        source=Source.WEB,
        said_at=None,
    )
    audit.record(actor, "ecrf.consent_asked_again", held, form=held.form.key, page=held.page, sheet=held.version)
    entry.refresh_from_db()
    return entry
