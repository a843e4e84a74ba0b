"""The pages of the audit trail: of a project, of the instance, of one person, of one thing, and of oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core import access
from core.access.models import Project
from core.accounts.models import User
from core.audit import sealing
from core.audit.models import Anchor, Checkpoint
from core.errors import Conflict
from core.jobs.models import Job
from core.journal import queries, services
from core.journal.telling import Teller, kind_in_words
from core.journal.web.shelves import Shelf
from core.web.views import reads, see_other, writes

if TYPE_CHECKING:
    from core.web.request import Request


@reads
def journal(request: HttpRequest, project: str) -> HttpResponseBase:
    return whole(request, fetch(request, project)).answer(request)


@reads
def export(request: HttpRequest, project: str) -> HttpResponseBase:
    return whole(request, fetch(request, project)).send(request)


@reads
def instance(request: HttpRequest) -> HttpResponseBase:
    only_administrators(request)
    return whole(request, None).answer(request)


@reads
def export_instance(request: HttpRequest) -> HttpResponseBase:
    only_administrators(request)
    return whole(request, None).send(request)


@reads
def person(request: HttpRequest, project: str, person: UUID) -> HttpResponseBase:
    """What one person did in a project, for those who read its journal."""
    found = fetch(request, project)
    services.require(request.user, queries.READ, found)
    return of_person(person, found).answer(request)


@reads
def person_of_instance(request: HttpRequest, person: UUID) -> HttpResponseBase:
    """What one person did outside the projects: sign-ins, his account. Nothing of a project."""
    only_administrators(request)
    return of_person(person, None).answer(request)


@reads
def mine(request: Request) -> HttpResponseBase:
    """What I did myself, everywhere."""
    return Shelf(
        queries.of_myself(request.user),
        "journal/mine.html",
        "audit-mine",
        kind="mine",
        own=True,
        settled=frozenset({"who"}),
        context={"is_mine": True},
    ).answer(request)


@reads
def thing(request: HttpRequest, project: str, kind: str, key: str) -> HttpResponseBase:
    """Who read and changed one thing of a project."""
    found = fetch(request, project)
    services.require(request.user, queries.READ, found)
    if (named := dict(queries.kinds()).get(kind)) is None:
        raise Http404
    events = queries.of_thing(found, kind, key)
    teller = Teller(request.user)
    teller.learn(events[:1])
    first = events.first()
    about = teller.thing(first) if first else None
    context = {"kind": kind_in_words(kind), "about": about, "named": named}
    name = f"audit-{found.slug}-{kind.partition('.')[2]}"
    return Shelf(
        events,
        "journal/thing.html",
        name,
        project=found,
        kind="thing",
        settled=frozenset({"object"}),
        context=context,
    ).answer(request)


@writes
def verify(request: HttpRequest, project: str) -> HttpResponse:
    return prove(request, fetch(request, project))


@writes
def verify_instance(request: HttpRequest) -> HttpResponse:
    only_administrators(request)
    return prove(request, None)


def fetch(request: HttpRequest, slug: str) -> Project:
    return access.fetch(Project.objects.all(), request.user, slug=slug)


def only_administrators(request: HttpRequest) -> None:
    """To others, this page isn't there."""
    if not queries.reads_instance(request.user):
        raise Http404


def whole(request: HttpRequest, project: Project | None) -> Shelf:
    """All of a project, or all that belongs to none."""
    context: dict[str, Any] = {
        "verification": last_verification(project),
        "unsealed": sealing.waiting(),
        "head": Checkpoint.objects.order_by("-sequence").first(),
        "anchored": Anchor.objects.filter(error="").first(),
        "anchors_url": (
            reverse("audit:anchors", args=[project.slug]) if project else reverse("audit:anchors_of_instance")
        ),
        "may_verify": project is None or access.can(request.user, services.VERIFY, project),
        "verify_url": reverse("audit:verify", args=[project.slug]) if project else reverse("audit:verify_instance"),
    }
    events = queries.of_project(project) if project is not None else queries.of_instance()
    template = "journal/journal.html" if project else "journal/instance.html"
    return Shelf(events, template, f"audit-{project.slug if project else 'instance'}", project=project, context=context)


def of_person(person_id: UUID, project: Project | None) -> Shelf:
    """Somebody who has no account, or has done nothing in the project and is no member, isn't known here."""
    found = User.objects.filter(pk=person_id).first()
    events = queries.of_person(person_id, project)
    known = project is None or events.exists() or found in queries.members(project)
    if found is None or not known:
        raise Http404
    return Shelf(
        events,
        "journal/person.html" if project else "journal/person_of_instance.html",
        f"audit-{project.slug if project else 'instance'}-person",
        project=project,
        kind="person",
        settled=frozenset({"who"}),
        context={"person": found},
    )


def last_verification(project: Project | None) -> Job | None:
    return Job.objects.filter(task=services.VERIFY, project=project).select_related("owner").first()


def prove(request: HttpRequest, project: Project | None) -> HttpResponse:
    """Start the verification and come back, to see how it gets on."""
    try:
        services.verify_journal(request.user, project)
    except Conflict as conflict:
        messages.warning(request, str(conflict.message))
    back = reverse("audit:journal", args=[project.slug]) if project else reverse("audit:instance")
    return see_other(back, request)
