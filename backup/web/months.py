"""The calendar of runs, a month at a time, and the list of what came of each on one day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from backup import queries
from backup.models import Plan
from backup.queries import Outcome, State
from backup.web import charts
from backup.web.home import project_of, rights
from backup.web.tabs import tabs
from core.access.models import Project
from core.web.views import reads

PER_PAGE = 50
FIRST, LAST = 2000, 2100
"""Years that a calendar shows."""


def month_of(text: str, today: date) -> date:
    """The first day of the month that the address names; of this one where it names none."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return month if FIRST <= month.year < LAST else today.replace(day=1)


@reads
def month(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    today = timezone.localdate()
    first = month_of(request.GET.get("month", ""), today)
    after = (first + timedelta(days=31)).replace(day=1)
    last = after - timedelta(days=1)
    whole = charts.grid(queries.outcomes(request.user, found, first, last), first, last)
    page = Paginator(whole.lines, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "project": found,
        "tabs": tabs(request, found, "calendar"),
        "month": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": after,
        "this_month": today.replace(day=1),
        "weeks": charts.wall(whole, first, today),
        "calendar": charts.Grid(whole.days, list(page)),
        "page": page,
        "signs": [charts.Sign(state, 0) for state in State],
        **rights(request, found),
    }
    return render(request, "backup/calendar.html", context)


@reads
def day(request: HttpRequest, project: str, day: str) -> HttpResponse:
    """What came of each run of a day, the worst first."""
    found = project_of(request, project)
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if not FIRST <= chosen.year < LAST:
        raise Http404
    every = queries.outcomes(request.user, found, chosen, chosen)
    wanted = request.GET.get("state", "")
    counts = [charts.Sign(state, sum(one.state == state for one in every)) for state in State]
    order = list(State)
    listed = sorted(
        (one for one in every if wanted in ("", one.state)), key=lambda one: (order.index(one.state), one.at)
    )
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "project": found,
        "tabs": tabs(request, found, "calendar"),
        "day": chosen,
        "before": chosen - timedelta(days=1),
        "after": chosen + timedelta(days=1),
        "today": timezone.localdate(),
        "counts": [sign for sign in counts if sign.count],
        "wanted": wanted,
        "page": page,
        "rows": _shown(request, found, list(page)),
        **rights(request, found),
    }
    return render(request, "backup/day.html", context)


def _shown(request: HttpRequest, project: Project, page: list[Outcome]) -> list[dict[str, Any]]:
    """Of each its signs, the names of its plan and repository, and where it leads."""
    plans = {plan.pk: plan for plan in queries.plans(request.user, project).filter(pk__in={one.plan for one in page})}
    names = queries.repository_names(request.user, project)
    return [
        {
            "outcome": one,
            "sign": charts.Sign(one.state, 1),
            "plan": (plan := plans.get(one.plan) if one.plan else None),
            "repository": names.get(one.row[0], ""),
            "url": _address(one, project, plan),
        }
        for one in page
    ]


def _address(one: Outcome, project: Project, plan: Plan | None) -> str:
    if one.kind in ("snapshot", "run"):
        return reverse(f"backup:{one.kind}", args=[project.slug, one.pk])
    return plan.get_absolute_url() if plan else ""
