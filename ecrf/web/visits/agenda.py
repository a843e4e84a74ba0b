"""The visits of a study's sites in time: a list with its filters, or a month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Site
from core.web.table import Column, Filter, Table
from core.web.templatetags.web import icon, when
from core.web.views import reads
from ecrf import permissions, queries, visiting
from ecrf.models import Visit
from ecrf.web.places import project_of
from ecrf.web.tabs import tabs
from ecrf.web.visits.month import last_of, month_in, weeks_of
from ecrf.web.visits.titles import Titles


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
