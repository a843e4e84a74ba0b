"""How the study goes: its reports, each with its table and its file; the targets and what else is settled of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project, Site
from core.errors import Invalid
from core.web.export import csv_file
from core.web.templatetags.web import number, percent, when
from core.web.views import page as acting
from core.web.views import reads
from ecrf import permissions, queries, reporting, services
from ecrf.models import Following, Target
from ecrf.models.forms import reader_language
from ecrf.reporting import REPORTS, Report
from ecrf.services.following import steps_in
from ecrf.web import plots
from ecrf.web.places import project_of
from ecrf.web.tabs import tabs


@reads
def page(request: HttpRequest, project: str) -> HttpResponse:
    """Every report, as its reader may see it: all sites, or his own."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    study = reporting.reports(request.user, found)
    sites = Site.objects.filter(project=found)
    seen = Site.objects.visible_to(request.user, permissions.READ).filter(project=found)
    context = {
        "project": found,
        "tabs": tabs(request, found, "reports"),
        "reports": [(one, shown(one)) for one in study],
        "plot": curve_of(next(one for one in study if one.name == "inclusions")),
        "only": [] if seen.count() == sites.count() else list(seen),
        "may_settle": access.can(request.user, permissions.MANAGE_STUDY, found),
    }
    return render(request, "ecrf/reports.html", context)


def shown(report: Report) -> list[list[dict[str, Any]]]:
    """The cells as they are read: numbers in the reader's language, shares with a bar."""
    return [[cell_of(report, place, value) for place, value in enumerate(row)] for row in report.rows]


def cell_of(report: Report, place: int, value: Any) -> dict[str, Any]:
    if place in report.shares:
        return {"text": percent(value) if value is not None else "–", "numeric": True, "bar": value}
    if isinstance(value, date):
        return {"text": f"{value:%m/%Y}" if report.name in MONTHLY and not place else when(value), "numeric": False}
    if isinstance(value, int | float):
        return {"text": number(value), "numeric": True}
    return {"text": "–" if value is None else value, "numeric": value is None}


MONTHLY = frozenset({"inclusions", "volume"})


def curve_of(report: Report) -> plots.Plot | None:
    months = [row[0] for row in report.rows]
    series = [
        ("included", _("Included"), [row[3] for row in report.rows]),
        ("target", _("Target"), [row[4] for row in report.rows]),
    ]
    return plots.accrual(months, series, number)


@reads
def table(request: HttpRequest, project: str, name: str) -> HttpResponse:
    """One report as a file."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    if name not in REPORTS:
        raise Http404
    report = reporting.report(request.user, found, name)
    audit.record(request.user, "ecrf.report_exported", project=found, report=name, rows=len(report.rows))
    return csv_file(f"{found.slug}-{name}", [str(column) for column in report.columns], report.rows)


@acting
def settings(request: HttpRequest, project: str) -> HttpResponse:
    """Targets by site and month, the steps from inclusion to the end, notices of overdue visits."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.MANAGE_STUDY, found)
    language = reader_language()
    offered = [step for form in queries.forms_of(request.user, found) for step in steps_in(form, language)]
    faults: list[Any] = []
    if request.method == "POST":
        try:
            if request.POST.get("what") == "targets":
                set_targets(request, found)
            else:
                settle(request, found, [step for step, _title in offered])
            messages.success(request, _("Saved."))
            return redirect("ecrf:report_settings", found.slug)
        except Invalid as error:
            faults = [fault.message for fault in error.faults]
    following = Following.objects.filter(project=found).first() or Following(project=found)
    context = {
        "project": found,
        "sites": Site.objects.filter(project=found).order_by("code"),
        "targets": spans(found),
        "following": following,
        "steps": [(place, title, step in following.steps) for place, (step, title) in enumerate(offered)],
        "faults": faults,
    }
    return render(request, "ecrf/report_settings.html", context, status=422 if faults else 200)


def set_targets(request: HttpRequest, project: Project) -> None:
    code = request.POST.get("site", "")
    site = access.fetch(Site.objects.filter(project=project), request.user, code=code) if code else None
    first, last = month_of(request.POST.get("first", "")), month_of(request.POST.get("last", ""))
    asked = request.POST.get("subjects", "")
    subjects = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else -1
    services.set_targets(request.user, project, site, first, last, subjects)


def month_of(text: str) -> date:
    """The first day of ``2026-03``; a month that there isn't is one that no range holds."""
    try:
        return (parse_date(f"{text}-01") if len(text) == 7 else None) or date.max
    except ValueError:
        return date.max


def settle(request: HttpRequest, project: Project, offered: list[dict[str, str]]) -> None:
    chosen = {each for each in request.POST.getlist("step") if each.isascii() and each.isdecimal()}
    grace = request.POST.get("grace", "0")
    services.follow(
        request.user,
        project,
        tells_overdue="tells_overdue" in request.POST,
        grace=int(grace) if grace.isascii() and grace.isdecimal() and len(grace) < 5 else -1,
        steps=[step for place, step in enumerate(offered) if str(place) in chosen],
    )


def spans(project: Project) -> list[dict[str, Any]]:
    """The targets as they were set: months in a row with the same number are one line."""
    found: list[dict[str, Any]] = []
    rows = Target.objects.filter(project=project).select_related("site").order_by("site__code", "month")
    for one in rows:
        last = found[-1] if found else None
        if last and last["site"] == one.site and last["subjects"] == one.subjects and follows(last["last"], one.month):
            last["last"], last["total"] = one.month, last["total"] + one.subjects
            continue
        found.append(
            {"site": one.site, "first": one.month, "last": one.month, "subjects": one.subjects, "total": one.subjects}
        )
    return found


def follows(before: date, month: date) -> bool:
    return (month.year - before.year) * 12 + month.month - before.month == 1
