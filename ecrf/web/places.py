"""From an address to what it names, if the reader may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from core import access
from core.access.models import Project
from ecrf import queries
from ecrf.models import Entry, Form, Subject

if TYPE_CHECKING:
    from core.access.scope import Actor


def project_of(actor: Actor, slug: str) -> Project:
    found: Project = access.fetch(Project.objects.all(), actor, slug=slug)
    return found


def form_of(actor: Actor, project: Project, key: str) -> Form:
    found: Form = access.fetch(queries.forms_of(actor, project), actor, key=key)
    return found


def record_of(actor: Actor, project: str, subject: UUID, form: str) -> tuple[Subject, Form, Entry | None]:
    """A subject, a form, and what was entered if anything was."""
    place = project_of(actor, project)
    who: Subject = access.fetch(queries.subjects_of(actor, place), actor, pk=subject)
    what = form_of(actor, place, form)
    entry = Entry.objects.filter(subject=who, form=what).select_related("updated_by", "version", "locked_by").first()
    if entry is not None:
        entry.subject, entry.form = who, what
    return who, what, entry


def entry_of(actor: Actor, project: str, pk: UUID) -> Entry:
    """A record by its key."""
    related = ("subject__project", "subject__site", "form__current", "form__project", "version")
    rows = Entry.objects.filter(subject__project=project_of(actor, project)).select_related(*related)
    found: Entry = access.fetch(rows, actor, pk=pk)
    return found


def address_of(entry: Entry, page: str = "", item: str = "", **more: str) -> str:
    """Where a place of a record is filled in: its page, the field in the fragment."""
    asked = {name: value for name, value in {"page": page, **more}.items() if value}
    address = entry.get_absolute_url()
    address += f"{'&' if '?' in address else '?'}{urlencode(asked)}" if asked else ""
    return f"{address}#item-{item}" if item else address


def tabs(project: Project, current: str, forms: Any = None) -> list[tuple[Any, str, bool, int | None]]:
    """The faces of the tool: subjects, forms, and the work on what was entered."""
    from django.urls import reverse
    from django.utils.translation import gettext as _

    return [
        (_("Subjects"), reverse("ecrf:home", args=[project.slug]), current == "subjects", None),
        (_("Forms"), reverse("ecrf:forms", args=[project.slug]), current == "forms", None),
        (_("Queries"), reverse("ecrf:query_list", args=[project.slug]), current == "queries", None),
        (_("Verification"), reverse("ecrf:verification", args=[project.slug]), current == "verification", None),
        (_("Data quality"), reverse("ecrf:quality", args=[project.slug]), current == "quality", None),
    ]
