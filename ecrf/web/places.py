"""From an address to what it names, if the reader may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from core import access
from core.access.models import Project
from ecrf import queries
from ecrf.models import Draft, Entry, Form, Subject

if TYPE_CHECKING:
    from django.http import HttpRequest

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


def record_of(actor: Actor, project: str, subject: UUID, form: str) -> tuple[Subject, Form, Entry | None]:
    """A subject, a form, and what was entered if anything was."""
    place = project_of(actor, project)
    who: Subject = access.fetch(queries.subjects_of(actor, place), actor, pk=subject)
    what = form_of(actor, place, form)
    entry = Entry.objects.filter(subject=who, form=what).select_related("updated_by", "version", "locked_by").first()
    if entry is not None:
        entry.subject, entry.form = who, what
    return who, what, entry


def tabs(project: Project, current: str, forms: Any = None) -> list[tuple[Any, str, bool, int | None]]:
    """The two faces of the tool: subjects and forms."""
    from django.urls import reverse
    from django.utils.translation import gettext as _

    return [
        (_("Subjects"), reverse("ecrf:home", args=[project.slug]), current == "subjects", None),
        (_("Forms"), reverse("ecrf:forms", args=[project.slug]), current == "forms", None),
    ]
