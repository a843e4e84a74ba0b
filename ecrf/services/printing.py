"""Put forms and casebooks on paper: at once, or by a job where there is much to set."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files, jobs
from core.errors import Conflict
from core.jobs.models import Job
from ecrf import permissions, printing, rights
from ecrf.engine.paper.blank import blank_form
from ecrf.engine.paper.casebook import casebook_pdf
from ecrf.engine.paper.press import Unset
from ecrf.models import Entry, Form, Fragment, Printout, Subject
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

logger = logging.getLogger(__name__)

MOST_RECORDS, MOST_CHANGES = 40, 1500
"""Up to so many records, and fragments where the history is wanted, are set while one waits."""
KEPT = timedelta(days=7)


def print_form(actor: Actor, form: Form, language: str) -> bytes:
    """The published form as the actor may know it, to be filled in by hand, in one of its languages."""
    access.require(actor, permissions.READ, form.project, obj=form)
    version = form.published
    try:
        made = blank_form(
            rights.definition_of(actor, version),
            language=language,
            study=form.project.name,
            version=version.number,
            at=timezone.localtime(version.created_at),
        )
    except Unset as error:
        raise unset(error) from error
    audit.record(actor, "ecrf.form_printed", form, version=version.number, language=language)
    return made


def unset(error: Unset) -> Conflict:
    logger.error("A paper can't be set: %s", error)
    return Conflict(_("The document can’t be made. Tell the administrators."), "document")


def is_long(subject: Subject, form: Form, *, history: bool) -> bool:
    """Whether setting the casebook takes so long that a job does it."""
    entries = Entry.objects.filter(subject=subject, form=form, removed_at=None)
    return entries.count() > MOST_RECORDS or (
        history and Fragment.objects.filter(entry__in=entries).count() > MOST_CHANGES
    )


def print_casebook(
    actor: Actor, subject: Subject, form: Form, *, language: str, identifiers: bool = False, history: bool = False
) -> bytes:
    """Everything of the subject in the form. Who the person is, only for who may export it and asks for it."""
    require(actor, subject, identifiers=identifiers)
    at = timezone.now()
    found = printing.casebook(actor, subject, form, language=language, identifiers=identifiers, history=history, at=at)
    try:
        made = casebook_pdf(found)
    except Unset as error:
        raise unset(error) from error
    told: dict[str, Any] = {
        "form": form.key,
        "identifiers": identifiers,
        "history": history,
        "records": len(found.records),
    }
    audit.record(actor, "ecrf.casebook_printed", subject, **told)
    return made


def require(actor: Actor, subject: Subject, *, identifiers: bool) -> None:
    access.require(actor, permissions.READ, subject.project, site=subject.site, obj=subject)
    if identifiers:
        access.require(actor, permissions.EXPORT, subject.project, obj=subject)


@transaction.atomic
def start_printing(
    actor: Actor, subject: Subject, form: Form, *, language: str, identifiers: bool = False, history: bool = False
) -> Job:
    """Set the casebook as a job, whose result is kept for some days."""
    require(actor, subject, identifiers=identifiers)
    audit.record(actor, "ecrf.casebook_asked", subject, form=form.key, identifiers=identifiers, history=history)
    arguments = {
        "subject_id": str(subject.pk),
        "form_id": str(form.pk),
        "language": language,
        "identifiers": identifiers,
        "history": history,
    }
    return jobs.submit(
        actor,
        "ecrf.print_casebook",
        project=subject.project,
        arguments=arguments,
        subject=subject,
        unique=" ".join(map(str, arguments.values())),
    )


def keep_printout(
    actor: Actor, subject: Subject, form: Form, content: bytes, *, identifiers: bool, history: bool
) -> Printout:
    """Keep what a job has set, for who asked for it."""
    stored = files.store(
        actor, subject.project, [content], name=file_name(subject), media_type="application/pdf", kind="printout"
    )
    return Printout.objects.create(
        subject=subject, form=form, owner=account(actor), identifiers=identifiers, history=history, file=stored
    )


def file_name(subject: Subject) -> str:
    return f"{subject.number}.pdf"


def open_printout(actor: Actor, printout: Printout) -> files.StoredFile:
    """The kept PDF, for who asked for it and may still have it."""
    require(actor, printout.subject, identifiers=printout.identifiers)
    if printout.owner_id != actor.pk:
        raise access.Refused(actor, permissions.READ, printout.subject.project, printout)
    audit.record(actor, "ecrf.casebook_downloaded", printout.subject, form=printout.form.key)
    return printout.file


def forget_printouts() -> int:
    """Erase what is older than it is kept for. Gives how many."""
    old = Printout.objects.filter(created_at__lt=timezone.now() - KEPT).select_related("file__project")
    for printout in old:
        with transaction.atomic():
            printout.delete()
            files.erase(None, printout.file, "printout")
    return len(old)
