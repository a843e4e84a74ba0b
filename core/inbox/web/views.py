"""The bell, the list of what one was told, and what one does with it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.db import after_read
from core.inbox.telling import Teller
from core.notices import services
from core.notices.models import Notice
from core.web.request import Request
from core.web.table import BulkAct, Column, Filter, Table
from core.web.views import reads, see_other, writes

NEWEST = 8
STATES = [("unread", _("Unread")), ("read", _("Already read"))]


@reads
def listing(request: Request) -> HttpResponse:
    teller, rows = Teller(request.user), services.of(request.user)

    def in_state(found: QuerySet[Notice], value: str) -> QuerySet[Notice]:
        return found.filter(read_at=None) if value == "unread" else found.exclude(read_at=None)

    table = Table(
        request,
        rows,
        columns=(
            Column("told", _("What happened"), value=teller.told, fixed=True, template="inbox/cells/told.html"),
            Column("project", _("Project"), value=teller.project),
            Column("created_at", _("When"), sort=("created_at",), template="inbox/cells/when.html"),
            Column("acts", _("Act"), fixed=True, template="inbox/cells/acts.html"),
        ),
        name="notices",
        caption=_("Notices"),
        filters=(
            Filter("state", _("State"), STATES, in_state),
            Filter("project", _("Project"), projects(rows, request)),
        ),
        acts=(BulkAct(_("Mark as read"), url=reverse("inbox:read_all"), icon="checks"),),
        order=("-created_at",),
        empty={
            "icon": "bell",
            "title": _("Nothing to tell you yet"),
            "text": _("Here appears what concerns you: work that has ended, requests, an access that ends."),
        },
    )
    teller.learn(table.page.object_list)  # type: ignore[arg-type]
    context = {"unread": rows.filter(read_at=None).count(), "undo": undoable(request)}
    return table.respond("inbox/list.html", context)


def projects(rows: QuerySet[Notice], request: Request) -> list[tuple[str, str]]:
    """The projects of these notices that one may still see, as choices."""
    keys = rows.order_by().exclude(project_id=None).values("project_id")
    return [(str(p.pk), p.name) for p in Project.objects.visible_to(request.user).filter(pk__in=keys)]


def undoable(request: Request) -> str:
    """The moment of a marking that the page offers to undo."""
    return moment.isoformat() if (moment := moment_of(request.GET.get("marked", ""))) else ""


def moment_of(text: str) -> dt.datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


@reads
def bell(request: Request) -> HttpResponse:
    """The bell as it is now: how many aren't read, and the newest."""
    return render(request, "inbox/bell.html", bell_of(request))


def bell_of(request: Request) -> dict[str, Any]:
    rows, teller = services.of(request.user), Teller(request.user)
    newest = list(rows.order_by("-created_at")[:NEWEST])
    teller.learn(newest)
    told = [(notice, teller.told(notice)) for notice in newest]
    return {"unread": rows.filter(read_at=None).count(), "told": told, "filled": True}


@reads
def go(request: Request, pk: UUID) -> HttpResponseBase:
    """Lead to what the notice tells of, which is thereby read; to the list where one may not go there any more."""
    notice, teller = find(request, pk), Teller(request.user)
    teller.learn([notice])
    after_read(lambda: services.mark_read(request.user, Q(pk=notice.pk)) and None)
    return redirect(teller.url(notice) or reverse("inbox:list"))


@writes
def read(request: Request, pk: UUID) -> HttpResponse:
    services.mark_read(request.user, Q(pk=find(request, pk).pk))
    return back(request)


@writes
def unread(request: Request, pk: UUID) -> HttpResponse:
    services.mark_unread(request.user, Q(pk=find(request, pk).pk))
    return back(request)


@writes
def read_all(request: Request) -> HttpResponse:
    """The selected ones, or all, are read; the page then offers to undo it."""
    selected = Q(pk__in=keys(request.POST.getlist("selected"))) if "selected" in request.POST else None
    count, at = services.mark_read(request.user, selected)
    query = {"marked": at.isoformat()} if count else {}
    return see_other(reverse("inbox:list", query=query), request)


@writes
def undo(request: Request) -> HttpResponse:
    """What was marked at this moment isn't read after all."""
    if at := moment_of(request.POST.get("marked", "")):
        services.mark_unread(request.user, Q(read_at=at))
    return see_other(reverse("inbox:list"), request)


def find(request: Request, pk: UUID) -> Notice:
    notice = services.of(request.user).filter(pk=pk).first()
    if notice is None:
        raise Http404
    return notice


def keys(texts: list[str]) -> list[UUID]:
    """Those that are keys; a page that was tampered with marks nothing."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def back(request: Request) -> HttpResponse:
    """To the list, at the place one left."""
    query = request.POST.get("back", "")
    return see_other(reverse("inbox:list") + (query if query.startswith("?") else ""), request)
