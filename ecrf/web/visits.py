"""Visits: those of a subject, the agenda of a site as a list and by month, the calendar file."""

from __future__ import annotations

import calendar as calendars
import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.access.models import Project, Site
from core.errors import Conflict, Invalid
from core.web.table import Column, Filter, Table
from core.web.templatetags.web import icon, when
from core.web.views import reads, writes
from ecrf import permissions, queries, services, visiting
from ecrf.engine import Sheet
from ecrf.engine.icalendar import Day
from ecrf.engine.icalendar import calendar as calendar_text
from ecrf.models import Form, Subject, Visit
from ecrf.models.entries import sheet_url
from ecrf.models.forms import reader_language
from ecrf.progress import Progress
from ecrf.services.visits import may_be_added
from ecrf.web.places import form_of, project_of
from ecrf.web.tabs import tabs

AHEAD = timedelta(days=180)
BEHIND = timedelta(days=30)


@dataclass(frozen=True)
class Line:
    """One visit as it is shown."""

    visit: Visit
    title: str
    state: Progress
    url: str

    @property
    def is_open(self) -> bool:
        """Whether there is anything to set by hand."""
        return not self.visit.actual or self.visit.dated_by_hand


class Titles:
    """What events are called, in the reader's language."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.language = reader_language()
        self.forms = {form.pk: form for form in forms}

    def of(self, form: UUID, event: str) -> str:
        found = self.forms.get(form)
        known = found.published.loaded.events.get(event) if found else None
        return found.published.loaded.text(known.title, self.language) if found and known else event

    def line(self, visit: Visit) -> Line:
        title = self.of(visit.form_id, visit.event)
        form = self.forms.get(visit.form_id, visit.form)
        events = form.published.loaded.events
        repeats = visit.event in events and events[visit.event].spec.get("repeats")
        return Line(
            visit,
            f"{title} {visit.instance}" if repeats else title,
            visiting.LOOKS[visiting.state_of(visit, timezone.localdate())],
            sheet_url("entry", visit.subject, form.key, Sheet(visit.event, "", visit.instance)),
        )


def lines(subject: Subject, forms: Sequence[Form]) -> list[Line]:
    """The visits of a subject, form by form in their order; common events have none."""
    titles = Titles(forms)
    rows = list(Visit.objects.filter(subject=subject, form__in=forms).order_by("form__created_at", "place", "instance"))
    for one in rows:
        one.subject, one.form = subject, titles.forms[one.form_id]
    return [titles.line(one) for one in rows]


def addable(forms: Sequence[Form]) -> list[tuple[str, str]]:
    """The visits that may be added: those that no plan foresees, and those that come more than once."""
    titles = Titles(forms)
    return [
        (f"{form.key}:{key}", titles.of(form.pk, key))
        for form in forms
        for key, event in form.published.loaded.events.items()
        if may_be_added(event)
    ]


@writes
def add(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    """One more visit of a subject."""
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    key, _colon, event = request.POST.get("what", "").partition(":")
    form = form_of(request.user, found, key)
    try:
        visit = services.add_visit(request.user, who, form, event, day_in(request))
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
        return redirect(who)
    messages.success(request, _("The visit is added."))
    return redirect(sheet_url("entry", who, form.key, Sheet(visit.event, "", visit.instance)))


@writes
def settle(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Set by hand what can't be computed of a visit."""
    found = project_of(request.user, project)
    visit: Visit = access.fetch(visiting.visits_of(request.user, found), request.user, pk=pk)
    try:
        services.settle_visit(
            request.user, visit, request.POST.get("act", ""), day_in(request), request.POST.get("reason", "")
        )
        messages.success(request, _("Saved."))
    except (Invalid, Conflict) as error:
        faults = getattr(error, "faults", ())
        messages.error(request, " ".join(str(fault.message) for fault in faults) or str(error))
    return redirect(visit.subject)


def day_in(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.POST.get("day", ""))
    except ValueError:
        return None


@reads
def agenda(request: HttpRequest, project: str) -> HttpResponse:
    """What is due at the reader's sites, as a list or by month."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    forms = list(queries.forms_of(request.user, found))
    titles = Titles(forms)
    today = timezone.localdate()
    rows = visiting.visits_of(request.user, found)
    sites = list(Site.objects.visible_to(request.user, permissions.READ).filter(project=found))
    month = month_in(request, today)
    if month is None and not request.GET.get("state"):
        rows = visiting.in_state(rows, "awaited")
    elif month is not None:
        rows = rows.filter(due__gte=month, due__lte=last_of(month))
    table = Table(
        request,
        rows,
        columns(titles, sites),
        name="visits",
        caption=_("Visits"),
        search=("subject__number__icontains",),
        filters=filters(sites, titles),
        order=("due", "subject__site__code", "subject__sequence"),
        export="visits",
        empty={
            "icon": "calendar-check",
            "title": _("No visit is due"),
            "text": _("Visits come here a week before their day, if the form says when they take place."),
        },
    )
    if table.exporting:
        audit.record(request.user, "ecrf.agenda_exported", project=found, rows=table.matching.count())
        return table.csv()
    context = {
        "project": found,
        "tabs": tabs(request, found, "visits"),
        "today": today,
        "month": month,
        "sites": sites if month and len(sites) > 1 else [],
        "site": request.GET.get("site", ""),
        "is_awaited": month is None and not request.GET.get("state"),
        "weeks": weeks_of(table.matching, titles, month, today) if month else [],
        "before": month - timedelta(days=1) if month else today,
        "after": last_of(month) + timedelta(days=1) if month else today,
    }
    return table.respond("ecrf/visits.html", context)


def columns(titles: Titles, sites: list[Site]) -> list[Column]:
    found = [
        Column("subject", _("Subject"), "subject.number", sort=("subject__site__code", "subject__sequence")),
        Column("visit", _("Visit"), lambda one: titles.line(one).title, template="ecrf/cells/visit.html"),
        Column("due", _("Day"), "due", sort=("due",), template="ecrf/cells/day.html"),
        Column("window", _("Window"), window_of),
        Column("actual", _("Took place"), "actual", sort=("actual",), template="ecrf/cells/day.html"),
        Column("state", _("State"), lambda one: titles.line(one).state.word, html=state_cell(titles)),
    ]
    if len(sites) > 1:
        found.append(Column("site", _("Site"), "subject.site.name", sort=("subject__site__name",)))
    return found


def state_cell(titles: Titles) -> Callable[[Visit], SafeString]:
    def cell(visit: Visit) -> SafeString:
        state = titles.line(visit).state
        return format_html(
            '<span class="state state-{}">{}<span>{}</span></span>', state.look, icon(state.icon), state.word
        )

    return cell


def window_of(visit: Visit) -> str:
    return f"{when(visit.opens)} – {when(visit.closes)}" if visit.opens and visit.closes else ""


def filters(sites: list[Site], titles: Titles) -> list[Filter]:
    events = {
        key: titles.of(form.pk, key)
        for form in titles.forms.values()
        for key, event in form.published.loaded.events.items()
        if event.spec.get("kind") != "common"
    }
    found = [
        Filter("state", _("State"), visiting.STATES, visiting.in_state),
        Filter("event", _("Visit"), list(events.items()), "event"),
        Filter("from", _("From"), lookup="due__gte", is_day=True, rare=True),
        Filter("to", _("Until"), lookup="due__lte", is_day=True, rare=True),
    ]
    if len(sites) > 1:
        found.insert(1, Filter("site", _("Site"), [(site.code, site.name) for site in sites], "subject__site__code"))
    return found


def month_in(request: HttpRequest, today: date) -> date | None:
    """The month that the address asks for: ``2026-03``, or ``now``."""
    asked = request.GET.get("month", "")
    if asked == "now":
        return today.replace(day=1)
    try:
        return parse_date(f"{asked}-01") if len(asked) == 7 else None
    except ValueError:
        return None


def last_of(month: date) -> date:
    return month.replace(day=calendars.monthrange(month.year, month.month)[1])


SHOWN = 5
"""So many visits of a day are named in a month; the others are counted."""


def weeks_of(rows: QuerySet[Visit], titles: Titles, month: date, today: date) -> list[list[dict[str, Any]]]:
    """The days of a month, Monday first, with how many visits they have and the first of these."""
    counts = dict(rows.order_by().values_list("due").annotate(Count("pk")))
    place = Window(RowNumber(), partition_by=F("due"), order_by=("subject__site__code", "subject__sequence"))
    by_day: defaultdict[date, list[Line]] = defaultdict(list)
    for visit in rows.annotate(nth=place).filter(nth__lte=SHOWN):
        if visit.due is not None:
            by_day[visit.due].append(titles.line(visit))
    return [
        [
            {
                "day": day,
                "is_here": day.month == month.month,
                "is_today": day == today,
                "lines": by_day.get(day, []),
                "count": counts.get(day, 0),
            }
            for day in week
        ]
        for week in calendars.Calendar().monthdatescalendar(month.year, month.month)
    ]


CALENDAR_NAME = gettext_lazy("Visits of %(project)s")


@reads
def calendar(request: HttpRequest, project: str) -> HttpResponse:
    """How many visits are due each day at the reader's sites, as a calendar file that names no subject."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    today = timezone.localdate()
    titles = Titles(list(queries.forms_of(request.user, found)))
    rows = visiting.days_of(visiting.visits_of(request.user, found), today - BEHIND, today + AHEAD)
    audit.record(request.user, "ecrf.agenda_exported", project=found, rows=len(rows))
    days = [day_of(request, found, titles, row) for row in rows]
    text = calendar_text(str(CALENDAR_NAME) % {"project": found}, days, timezone.now().astimezone(UTC))
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="visits-{found.slug}.ics"'
    return answer


def day_of(request: HttpRequest, project: Project, titles: Titles, row: dict[str, Any]) -> Day:
    same = "|".join(str(row[name]) for name in ("form", "event", "subject__site__code", "due"))
    uid = hashlib.sha256(f"{project.pk}|{same}".encode()).hexdigest()[:32]
    told = {"visit": titles.of(row["form"], row["event"]), "site": row["subject__site__code"], "n": row["count"]}
    address = f"{reverse('ecrf:visits', args=[project.slug])}?month={row['due']:%Y-%m}"
    return Day(
        f"{uid}@suite",
        row["due"],
        f"{told['visit']} × {told['n']} ({told['site']})",
        request.build_absolute_uri(address),
    )
