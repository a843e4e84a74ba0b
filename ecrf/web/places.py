"""From an address to what it names, if the reader may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest

from core import access
from core.access.models import Project
from ecrf import queries, rights
from ecrf.engine import Sheet
from ecrf.models import Draft, Entry, Form, Subject

if TYPE_CHECKING:
    from core.access.scope import Actor


def project_of(actor: Actor, slug: str) -> Project:
    found: Project = access.fetch(Project.objects.all(), actor, slug=slug)
    return found


def form_of(actor: Actor, project: Project, key: str) -> Form:
    found: Form = access.fetch(queries.forms_of(actor, project), actor, key=key)
    return found


def draft_of(request: HttpRequest, project: Project, pk: UUID) -> Draft:
    drafts = Draft.objects.filter(project=project).select_related(
        "form__current", "author", "project", "updated_by", "base"
    )
    found: Draft = access.fetch(drafts, request.user, pk=pk)
    return found


def sheet_of(request: HttpRequest, form: Form) -> Sheet:
    """The sheet that an address names: ``?event=…&of=…&instance=…``. 404 for one that the study doesn't have."""
    asked = request.GET
    instance = asked.get("instance", "1")
    if not (instance.isascii() and instance.isdecimal() and len(instance) < 6):
        raise Http404
    sheet = Sheet(asked.get("event", "")[:100], asked.get("of", "")[:100], int(instance))
    definition = form.published.loaded
    if not sheet.event and definition.events:
        sheet = Sheet(next(iter(definition.events)), sheet.page, sheet.instance)
    if sheet.instance < 1 or not definition.has_sheet(sheet):
        raise Http404
    return sheet


def record_of(
    request: HttpRequest, project: str, subject: UUID, form: str
) -> tuple[Subject, Form, Sheet, Entry | None]:
    """A subject, a form, the sheet that the address names, and what was entered there if anything was."""
    actor = request.user
    place = project_of(actor, project)
    who: Subject = access.fetch(queries.subjects_of(actor, place), actor, pk=subject)
    what = form_of(actor, place, form)
    sheet = sheet_of(request, what)
    if sheet.page and not rights.of(actor, what, who.site).reads(sheet.page):
        raise Http404
    entry = (
        Entry.objects.filter(
            subject=who, form=what, event=sheet.event, page=sheet.page, instance=sheet.instance, removed_at=None
        )
        .select_related("updated_by", "version", "locked_by")
        .defer("version__definition")
        .first()
    )
    if entry is not None:
        entry.subject, entry.form = who, what
    return who, what, sheet, entry


def entry_of(actor: Actor, project: str, pk: UUID) -> Entry:
    """A record by its key."""
    related = ("subject__project", "subject__site", "form__current", "form__project", "version")
    rows = Entry.objects.filter(subject__project=project_of(actor, project)).select_related(*related)
    rows = rows.defer("form__current__definition", "version__definition")
    found: Entry = access.fetch(rows, actor, pk=pk)
    return found


def address_of(entry: Entry, page: str = "", item: str = "", **more: str) -> str:
    """Where a place of a record is filled in: its page, the field in the fragment."""
    asked = {name: value for name, value in {"page": page, **more}.items() if value}
    address = entry.get_absolute_url()
    address += f"{'&' if '?' in address else '?'}{urlencode(asked)}" if asked else ""
    return f"{address}#item-{item}" if item else address
