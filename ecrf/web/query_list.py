"""The project's queries: counts, ages by site, the list with its filters, bulk acts and export."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access, audit
from core.access.models import Project, Site
from core.errors import Conflict, Invalid
from core.web.table import BulkAct, Column, Filter, Table
from core.web.views import page, reads, see_other
from ecrf import discrepancies, permissions, queries, rights, services
from ecrf.engine.queries import ACTIVE, ACTS, BANDS
from ecrf.models import Query
from ecrf.web.places import project_of
from ecrf.web.sites import at_site, switcher
from ecrf.web.tabs import tabs

MOST = 500
"""So many are acted on at once."""
BAND_WORDS = (
    gettext_lazy("0 to 7 days"),
    gettext_lazy("8 to 30 days"),
    gettext_lazy("31 to 90 days"),
    gettext_lazy("more than 90 days"),
)
IN_BULK = ("answer", "close", "assign")


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    rows = at_site(request, found, discrepancies.queries_of(request.user, found), SITE)
    counts = discrepancies.counts_by_state(rows)
    waiting = at_site(request, found, discrepancies.waiting_for(request.user, found), SITE)
    labels = discrepancies.Labels(queries.forms_of(request.user, found))
    if not request.GET.get("state"):
        rows = rows.filter(state__in=ACTIVE)
    held = access.abilities(request.user, found)
    table = Table(
        request,
        discrepancies.with_threads(rows),
        columns(labels),
        name="queries",
        caption=_("Queries"),
        search=("entry__subject__number__icontains",),
        filters=filters(request, found, waiting),
        acts=acts(found, held),
        order=("created_at",),
        export="queries",
        empty={
            "icon": "message-question",
            "title": _("No query is waiting"),
            "text": _("A query asks the site about a value. Open one at a field of a record, or many from a file."),
        },
    )
    if table.exporting:
        audit.record(request.user, "ecrf.queries_exported", project=found, rows=table.matching.count())
        return table.csv()
    audit.record(request.user, "ecrf.query_read", project=found, found=len(table.page.object_list))
    ages = discrepancies.ages_by_site(at_site(request, found, discrepancies.queries_of(request.user, found), SITE))
    context = {
        "project": found,
        "tabs": tabs(request, found, "queries"),
        "site_switch": switcher(request, found),
        "states": state_links(counts, waiting.count(), request),
        "ages": plotted(ages),
        "bands": BAND_WORDS,
        "today": timezone.localdate(),
        "may_open": permissions.OPEN in held,
        "may_settle": permissions.DESIGN in held,
    }
    return table.respond("ecrf/queries.html", context)


def columns(labels: discrepancies.Labels) -> list[Column]:
    def said(query: Query) -> str:
        return next((message.text for message in query.messages.all()), "")

    def last(query: Query) -> str:
        texts = [message.text for message in query.messages.all() if message.text]
        return texts[-1] if len(texts) > 1 else ""

    return [
        Column("subject", _("Subject"), "entry.subject.number", sort=SUBJECT, link=True),
        Column("place", _("Field"), labels.place, sort=("item",)),
        Column("question", _("Question"), said, template="ecrf/cells/question.html"),
        Column("answer", _("Last word"), last, template="ecrf/cells/question.html"),
        Column("state", _("State"), "get_state_display", sort=("state",), template="ecrf/cells/query_state.html"),
        Column("assigned", _("Waits for"), waits_for),
        Column("age", _("Days"), "age", sort=("created_at",), numeric=True, template="ecrf/cells/query_age.html"),
        Column("site", _("Site"), "entry.subject.site.code", sort=("entry__subject__site__code",)),
        Column("kind", _("Origin"), "get_kind_display", sort=("kind",)),
    ]


SITE = "entry__subject__site"
SUBJECT = ("entry__subject__site__code", "entry__subject__sequence")


def waits_for(query: Query) -> str:
    if not query.is_active:
        return ""
    if query.state != Query.State.OPEN:
        return str(Query.Group.MONITORS.label)
    return str(query.assigned_to or query.get_assigned_group_display())


def filters(request: HttpRequest, project: Project, waiting: QuerySet[Query]) -> list[Filter]:
    forms = list(queries.forms_of(request.user, project))
    pages = discrepancies.Labels(forms)
    sites = Site.objects.visible_to(request.user, permissions.READ).filter(project=project)
    named = [
        (one.key, pages.page(form.pk, one.key))
        for form in forms
        for one in form.published.loaded.pages
        if rights.of(request.user, form).reads(one.key)
    ]

    def by_state(rows: QuerySet[Query], value: str) -> QuerySet[Query]:
        if value == "waiting":
            return rows.filter(pk__in=waiting.values("pk"))
        return rows.filter(state__in=ACTIVE) if value == "active" else rows.filter(state=value)

    def by_person(rows: QuerySet[Query], value: str) -> QuerySet[Query]:
        if value == "me":
            return rows.filter(assigned_to=request.user.pk)
        return rows.filter(Q(assigned_to=None) if value == "nobody" else Q(assigned_group=value))

    def by_age(rows: QuerySet[Query], value: str) -> QuerySet[Query]:
        return rows.filter(discrepancies.between(*BANDS[int(value)]))

    states: list[tuple[str, Any]] = [
        ("active", _("Not closed")),
        ("waiting", _("They wait for me")),
        *Query.State.choices,
    ]
    people: list[tuple[str, Any]] = [("me", _("me")), ("nobody", _("nobody by name")), *Query.Group.choices]
    ages = [(str(place), words) for place, words in enumerate(BAND_WORDS)]
    return [
        Filter("state", _("State"), states, by_state),
        Filter("site", _("Site"), [(site.code, site.name) for site in sites], "entry__subject__site__code"),
        Filter("age", _("Age"), ages, by_age),
        Filter("assigned", _("Assigned to"), people, by_person, rare=True),
        Filter("form", _("Form"), [(form.key, form.title) for form in forms], "entry__form__key", rare=True),
        Filter("on", _("Page"), list(dict(named).items()), "page", rare=True),
        Filter("kind", _("Origin"), Query.Kind.choices, "kind", rare=True),
    ]


def acts(project: Project, held: frozenset[str]) -> tuple[BulkAct, ...]:
    address = reverse("ecrf:query_bulk", args=[project.slug])
    offered = []
    if permissions.ANSWER in held:
        offered.append(BulkAct(_("Answer"), url=f"{address}?act=answer", icon="message-reply"))
    if permissions.CLOSE in held:
        offered.append(BulkAct(_("Close"), url=f"{address}?act=close", icon="circle-check"))
    if permissions.ASSIGN in held:
        offered.append(BulkAct(_("Assign"), url=f"{address}?act=assign", icon="user-share"))
    return tuple(offered)


def state_links(counts: dict[str, int], waiting: int, request: HttpRequest) -> list[dict[str, Any]]:
    """The counts by state, each a way to its list."""
    chosen = request.GET.get("state", "") or "active"
    words = {"active": _("Not closed"), "waiting": _("They wait for me"), **dict(Query.State.choices)}
    numbers = {**counts, "waiting": waiting}
    order = ("waiting", "active", *Query.State.values)
    return [
        {"key": key, "word": words[key], "count": numbers[key], "current": key == chosen}
        for key in order
        if numbers[key] or key in ("waiting", "active", chosen)
    ]


def plotted(rows: list[discrepancies.AgeRow]) -> list[dict[str, Any]]:
    """Each site's bar: its bands as shares of the longest bar, in per cent."""
    most = max((row.total for row in rows), default=0)
    plots = []
    for row in rows:
        left, parts = 0.0, []
        for place, count in enumerate(row.counts):
            width = 100 * count / most
            parts.append({"band": place, "words": BAND_WORDS[place], "count": count, "x": left, "width": width})
            left += width
        plots.append({"site": row.site, "parts": parts, "total": row.total})
    return plots


@page
def bulk(request: HttpRequest, project: str) -> HttpResponse:
    """Answer, close or assign the ticked queries: asks for words first, then does it to all or none."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    act = request.GET.get("act", "")
    back = reverse("ecrf:query_list", args=[found.slug])
    chosen = selected(request, discrepancies.queries_of(request.user, found))
    if act not in IN_BULK or not chosen:
        return see_other(back, request)
    context = {"project": found, "act": act, "queries": chosen, "groups": Query.Group.choices, "text": "", "fault": ""}
    context["needs_text"] = ACTS[act].needs_text
    if "confirmed" not in request.POST:
        return render(request, "ecrf/query_bulk.html", context)
    text = request.POST.get("text", "")
    to = services.Assignment(request.POST["group"]) if request.POST.get("group") in Query.Group.values else None
    try:
        done = services.act_on_queries(request.user, chosen, act, text, to=to)
    except (Conflict, Invalid) as error:
        faults = getattr(error, "faults", ())
        context |= {
            "text": text,
            "fault": " ".join([str(error.message), *(str(one.message) for one in faults)]).strip(),
        }
        return render(request, "ecrf/query_bulk.html", context, status=422)
    words = {
        "answer": ngettext("%(n)s query is answered.", "%(n)s queries are answered.", done),
        "close": ngettext("%(n)s query is closed.", "%(n)s queries are closed.", done),
        "assign": ngettext("%(n)s query is assigned.", "%(n)s queries are assigned.", done),
    }
    messages.success(request, words[act] % {"n": done})
    return redirect(back)


def selected(request: HttpRequest, rows: QuerySet[Query]) -> list[Query]:
    """The ticked rows that the reader may see."""
    asked = []
    for each in request.POST.getlist("selected")[:MOST]:
        try:
            asked.append(UUID(each))
        except ValueError:
            continue
    return list(rows.filter(pk__in=asked).order_by("created_at"))
