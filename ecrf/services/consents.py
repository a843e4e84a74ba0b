"""Consents: archived as they were read and answered, withdrawn, asked for again; and what needs one."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages, permissions
from ecrf.engine import Sheet, consenting
from ecrf.engine.paper.consent import Signed, consent_pdf
from ecrf.engine.paper.press import Unset
from ecrf.models import Consent, Entry, Form, Fragment, Level, Lock, Source, Subject
from ecrf.models.forms import reader_language
from ecrf.services.people import account
from ecrf.services.pictures import pictures

if TYPE_CHECKING:
    from core.access.scope import Actor

logger = logging.getLogger(__name__)

NOT_IN_PERSON = frozenset({Source.IMPORT, Source.RULE})
"""Ways of saving by which nobody reads a sheet: they archive no consent."""


def present(subject: Subject, form: Form, page: str) -> Consent | None:
    """The last consent of a subject on a page, also where it was refused or withdrawn."""
    rows = Consent.objects.filter(subject=subject, form=form, page=page, superseded_by=None)
    return rows.filter(entry__removed_at=None).first()


def lacking(subject: Subject, form: Form, definition: engine.Definition, sheet: Sheet) -> str:
    """What is done at a sheet without the consent that it needs: ``refuse``, ``warn``, ``correct``; empty with one.

    After a withdrawal what was entered may be corrected, and nothing be added.
    """
    event = definition.events.get(sheet.event)
    needs = event.spec.get("requires_consent") if event else None
    if needs is None:
        return ""
    found = present(subject, form, needs["page"])
    if found is not None and found.is_valid:
        return ""
    if needs.get("without") == "warn":
        return "warn"
    return "correct" if found is not None and found.is_given else "refuse"


def check(
    subject: Subject,
    form: Form,
    definition: engine.Definition,
    sheet: Sheet,
    stored: Mapping[str, Any],
    values: Mapping[str, Any],
) -> list[Fault]:
    """What a save may not add where a consent was withdrawn. Raises Conflict where there never was one."""
    state = lacking(subject, form, definition, sheet)
    if state == "refuse":
        raise Conflict(_("Nothing is entered here before the subject has consented."), "consent")
    if state != "correct":
        return []
    added = [key for key, value in values.items() if is_empty(stored.get(key)) and not is_empty(value)]
    return [Fault(key, "no_consent", messages.words("no_consent", {})) for key in added]


def is_empty(value: Any) -> bool:
    return value in (None, "", [])


def after_save(
    actor: Actor, entry: Entry, state: engine.Evaluated, fragment: Fragment, completed: Collection[str]
) -> None:
    """Archive the consents among the pages that this save completes, and lock those pages."""
    definition = entry.version.loaded
    if fragment.source in NOT_IN_PERSON:
        return
    for page in definition.pages_of(entry.event, entry.page):
        if "consent" in page.spec and page.key in completed and entry.pages[page.key]["complete"]:
            archive(actor, entry, state, fragment, page.key)


def archive(actor: Actor, entry: Entry, state: engine.Evaluated, fragment: Fragment, page: str) -> Consent:
    """The PDF of what was read and answered, kept encrypted; the consent before it is replaced."""
    subject, definition = entry.subject, entry.version.loaded
    consent = definition.page(page).spec["consent"]
    language = consenting.language_of(consent, definition.languages, reader_language())
    at = timezone.localtime(fragment.created_at)
    signed = Signed(
        definition=definition,
        page=page,
        language=language,
        study=subject.project.name,
        form_version=entry.version.number,
        subject=subject.number,
        site=subject.site.name,
        values=entry.values,
        visible=state.visible,
        at=at,
        revision=entry.revision,
        record_digest=fragment.digest,
        present="" if fragment.source == Source.PARTICIPANT else str(fragment.author),
        files=pictures(subject, entry.form, definition, entry.values),
    )
    try:
        content = consent_pdf(signed)
    except Unset as error:
        logger.error("The document of a consent can't be set: %s", error)
        text = _("The document of the consent can’t be made, so nothing was saved. Tell the administrators.")
        raise Conflict(text, "document") from error
    name = f"{subject.number}-{page}-{entry.revision}.pdf"
    stored = files.store(actor, subject.project, [content], name=name, media_type="application/pdf", kind="consent")
    made = Consent(
        id=uuid.uuid4(),
        subject=subject,
        form=entry.form,
        entry=entry,
        page=page,
        version=consent["version"],
        language=language,
        revision=entry.revision,
        is_given=consenting.is_given(consent, entry.values),
        signed_at=at,
        obtained_by=None if fragment.source == Source.PARTICIPANT else fragment.author,
        sheet=consenting.digest(consent, language),
        digest=hashlib.sha256(content).hexdigest(),
        file=stored,
    )
    former = Consent.objects.select_for_update().filter(subject=subject, form=entry.form, page=page, superseded_by=None)
    former.update(superseded_by=made.pk)  # first: two that are present at once are refused
    made.save(force_insert=True)
    hold(entry, page, fragment)
    told: dict[str, Any] = {"form": entry.form.key, "page": page, "sheet": made.version, "language": language}
    audit.record(actor, "ecrf.consent_given" if made.is_given else "ecrf.consent_refused", made, **told)
    return made


def hold(entry: Entry, page: str, fragment: Fragment) -> None:
    """Nothing of the page changes any more."""
    subject = entry.subject
    Lock.objects.get_or_create(
        project=subject.project,
        level=Level.PAGE,
        subject=subject,
        entry=entry,
        page=page,
        event="",
        item="",
        released_at=None,
        defaults={
            "starts_at": fragment.created_at,
            "by": fragment.author or subject.included_by,
            "reason": _("Consent archived"),
        },
    )


@transaction.atomic
def withdraw_consent(actor: Actor, consent: Consent, reason: str) -> Consent:
    """Record that the participant takes his consent back; what was entered stays."""
    subject = consent.subject
    access.require(actor, permissions.CONSENTS, subject.project, site=subject.site, obj=consent)
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say how and why the consent was withdrawn."))])
    held = locked(consent)
    if held.state != Consent.State.VALID:
        raise Conflict(_("Only a consent that is valid can be withdrawn."), "not_valid")
    held.withdrawn_at, held.withdrawn_by = timezone.now(), account(actor)
    held.withdrawal_reason = reason.strip()[:2000]
    held.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    audit.record(actor, "ecrf.consent_withdrawn", held, form=held.form.key, page=held.page, sheet=held.version)
    return held


def locked(consent: Consent) -> Consent:
    rows = Consent.objects.select_for_update(of=("self",))
    return rows.select_related("subject__project", "subject__site", "form__current", "entry").get(pk=consent.pk)


def open_consent(actor: Actor, consent: Consent) -> files.StoredFile:
    """The archived PDF, for who may have it; each reading is in the journal."""
    subject = consent.subject
    access.require(actor, permissions.CONSENTS, subject.project, site=subject.site, obj=consent)
    audit.record(actor, "ecrf.consent_read", consent, form=consent.form.key, page=consent.page, sheet=consent.version)
    return consent.file
