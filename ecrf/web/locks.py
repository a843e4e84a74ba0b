"""What is locked in a study, by whom and why; locking a subject, one of his events, or the whole study; letting go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core import access
from core.errors import Conflict, Invalid
from core.web.table import Column, Filter, Table
from core.web.views import reads, writes
from ecrf import permissions, queries, services
from ecrf.models import Level, Lock, Subject
from ecrf.models.entries import THE_PARTICIPANT
from ecrf.models.paged import kept_from
from ecrf.web.places import project_of
from ecrf.web.tabs import tabs


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """Every lock that the reader may see, those that hold first."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    locks = known(request, Lock.objects.visible_to(request.user).filter(project=found))
    table = Table(
        request,
        locks.select_related("subject", "entry__form", "by", "released_by"),
        [
            Column("what", _("What is locked"), what_of),
            Column("subject", _("Subject"), "subject.number", sort=("subject__number",)),
            Column("by", _("By"), lambda lock: str(lock.by or THE_PARTICIPANT)),
            Column("since", _("Since"), "starts_at", sort=("starts_at",), template="ecrf/cell_when.html"),
            Column("reason", _("Reason"), "reason"),
            Column("release", _("Released"), "released_at", template="ecrf/cell_release.html"),
        ],
        name="locks",
        caption=_("Locks"),
        search=("subject__number__icontains", "reason__icontains"),
        filters=[
            Filter("state", _("State"), [("on", _("Locked")), ("off", _("Released"))], by_state),
            Filter("level", _("Level"), Level.choices, "level"),
        ],
        order=("released_at", "-starts_at"),
        empty={
            "icon": "lock-open",
            "title": _("Nothing is locked"),
            "text": _("A record is locked on its page, a subject on his, and the whole study here."),
        },
    )
    may_freeze = access.can(request.user, permissions.FREEZE, found)
    context: dict[str, Any] = {
        "project": found,
        "tabs": tabs(request, found, "locks"),
        "may_freeze": may_freeze,
        "may_lock": access.can(request.user, permissions.LOCK, found),
        "frozen": locks.filter(level=Level.STUDY, released_at=None).first(),
    }
    return table.respond("ecrf/locks.html", context)


def known(request: HttpRequest, locks: Any) -> Any:
    """Without those of pages and fields that the reader doesn't see, and of records that are copies of such pages."""
    for one in kept_from(request.user):
        here = Q(entry__form=one.form) & (
            ~Q(subject__site__in=one.sites) if one.others else Q(subject__site__in=one.sites)
        )
        about = Q(page__in=one.pages) | Q(item__in=one.items) | Q(entry__page__in=one.pages)
        locks = locks.exclude(here & about)
    return locks


def by_state(rows: Any, value: str) -> Any:
    return rows.filter(released_at__isnull=value == "on")


def what_of(lock: Lock) -> str:
    """The level, with the name of what it is about."""
    words = [str(Level(lock.level).label), lock.event, lock.page, lock.item]
    if lock.entry is not None:
        words.insert(1, lock.entry.form.title)
    return " · ".join(filter(None, words))


@writes
def freeze(request: HttpRequest, project: str) -> HttpResponse:
    """Freeze the records of the whole study."""
    found = project_of(request.user, project)
    services.freeze(request.user, found, request.POST.get("reason", "").strip())
    messages.success(request, _("The study is frozen: nothing of its records changes any more."))
    return redirect("ecrf:locks", found.slug)


@writes
def lock_subject(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    """Lock everything of a subject, or one of his events."""
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    event = request.POST.get("event", "")[:100]
    if event and not any(event in form.published.loaded.events for form in queries.forms_of(request.user, found)):
        raise Http404
    level = Level.EVENT if event else Level.SUBJECT
    services.lock(request.user, level, subject=who, event=event, reason=request.POST.get("reason", "").strip())
    messages.success(request, _("Locked: nothing of it changes any more."))
    return redirect(who)


@writes
def release(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Let what was locked be changed again, with a reason."""
    found = project_of(request.user, project)
    held: Lock = access.fetch(
        Lock.objects.filter(project=found).select_related("project", "subject__site", "entry__form"),
        request.user,
        pk=pk,
    )
    try:
        services.release(request.user, held, request.POST.get("reason", ""))
        messages.success(request, _("Released: it can be changed again."))
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("ecrf:locks", found.slug)
