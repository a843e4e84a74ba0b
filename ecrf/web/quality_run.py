"""What a run of quality rules found: the list, queries for what is ticked, or the reason why it is no issue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import access, audit
from core.access.models import Site
from core.errors import Invalid
from core.web.table import BulkAct, Column, Filter, Table
from core.web.views import page, reads, see_other
from ecrf import discrepancies, permissions, rights, services
from ecrf.engine.queries import ACTIVE
from ecrf.models import QualityResult, QualityRule, QualityRun, Query
from ecrf.web.places import address_of, project_of
from ecrf.words import rules as quality_words

MOST = 500


def run_of(request: HttpRequest, project: str, pk: UUID) -> QualityRun:
    rows = QualityRun.objects.filter(form__project=project_of(request.user, project))
    related = ("form__current", "form__project", "author")
    found: QualityRun = access.fetch(rows.select_related(*related), request.user, pk=pk)
    return found


def results_of(request: HttpRequest, run: QualityRun) -> QuerySet[QualityResult]:
    """What a run found where the reader sees the record; with whether a query of the rule is open there."""
    asked = Query.objects.filter(
        entry=OuterRef("entry"),
        item=OuterRef("item"),
        row=OuterRef("row"),
        check_key=OuterRef("rule"),
        state__in=ACTIVE,
    )
    related = ("entry__subject__site", "entry__subject__project", "entry__form", "entry__version")
    rows = QualityResult.objects.visible_to(request.user).filter(run=run)
    return (
        rows.select_related(*related).defer("entry__values", "entry__version__definition").annotate(asked=Exists(asked))
    )


@reads
def detail(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    run = run_of(request, project, pk)
    found = run.form.project
    labels = discrepancies.Labels([run.form])
    rules = QualityRule.objects.filter(form=run.form).select_related("current", "form__current", "form__project")
    own = {str(rule.pk): rule for rule in rights.known_rules(request.user, rules)}
    asked = [rule for rule in run.rules if rule in quality_words.BUILT_IN or rule in own]

    def name(rule: str) -> str:
        return str(quality_words.BUILT_IN.get(rule) or (own[rule].name if rule in own else rule))

    def words(result: QualityResult) -> str:
        rule = own.get(result.rule)
        return rule.text.message if rule else str(quality_words.said(result.code, result.params))

    def place(result: QualityResult) -> SafeString:
        address = address_of(result.entry, result.page, result.item)
        return format_html('<a href="{}">{}</a>', address, labels.item(run.form_id, result.item))

    address = reverse("ecrf:quality_results", args=[found.slug, run.pk])
    held = access.abilities(request.user, found)
    acts = []
    if permissions.OPEN in held:
        acts.append(BulkAct(_("Open a query for each"), url=f"{address}?act=query", icon="message-question"))
    acts.append(BulkAct(_("Not an issue"), url=f"{address}?act=aside", icon="eye-off"))
    sites = Site.objects.visible_to(request.user, permissions.READ).filter(project=found)
    table = Table(
        request,
        results_of(request, run).filter(rule__in=asked),
        [
            Column("subject", _("Subject"), "entry.subject.number", sort=SUBJECT, fixed=True),
            Column("item", _("Field"), lambda row: labels.item(run.form_id, row.item), html=place, sort=("item",)),
            Column("rule", _("Rule"), lambda row: name(row.rule), sort=("rule",)),
            Column("finding", _("Finding"), words),
            Column("state", _("State"), state, template="ecrf/cells/result_state.html"),
            Column("site", _("Site"), "entry.subject.site.code", sort=("entry__subject__site__code",)),
        ],
        name="results",
        caption=_("Findings"),
        search=("entry__subject__number__icontains",),
        filters=[
            Filter("rule", _("Rule"), [(rule, name(rule)) for rule in asked], "rule"),
            Filter(
                "state",
                _("State"),
                [("left", _("to look at")), ("asked", _("query open")), ("aside", _("no issue"))],
                by_state,
            ),
            Filter("site", _("Site"), [(site.code, site.name) for site in sites], "entry__subject__site__code"),
        ],
        acts=acts,
        order=("rule", "entry__subject__site__code", "entry__subject__sequence"),
        export="quality",
        empty={"icon": "circle-check", "title": _("Nothing was found"), "text": _("No record breaks these rules.")},
    )
    if table.exporting:
        audit.record(request.user, "ecrf.quality_results_exported", run, rows=table.matching.count())
        return table.csv()
    context = {
        "project": found,
        "run": run,
        "total": sum(run.counts.values()),
        "method": dict(quality_words.METHODS).get(run.method, ""),
    }
    return table.respond("ecrf/quality_run.html", context)


SUBJECT = ("entry__subject__site__code", "entry__subject__sequence")


def by_state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "aside":
        return rows.filter(aside=True)
    return rows.filter(aside=False, asked=value == "asked")


def state(result: Any) -> str:
    return _("no issue") if result.aside else _("query open") if result.asked else _("to look at")


@page
def act(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Open a query for each ticked finding, or say why they are no issue."""
    run = run_of(request, project, pk)
    what = request.GET.get("act", "")
    back = run.get_absolute_url()
    chosen = selected(request, results_of(request, run).defer(None))
    if what not in ("query", "aside") or not chosen:
        return see_other(back, request)
    context = {"project": run.form.project, "run": run, "act": what, "results": chosen, "text": "", "fault": ""}
    if "confirmed" not in request.POST:
        return render(request, "ecrf/quality_act.html", context)
    text = request.POST.get("text", "")
    if what == "query":
        opened, left = services.query_results(request.user, run, chosen, text)
        said = ngettext("%(n)s query is open.", "%(n)s queries are open.", opened) % {"n": opened}
        if left:
            said += " " + ngettext("%(n)s had one already.", "%(n)s had one already.", left) % {"n": left}
        messages.success(request, said)
        return see_other(back, request)
    try:
        services.put_all_aside(request.user, chosen, text)
    except Invalid as error:
        context["fault"] = " ".join(str(fault.message) for fault in error.faults)
        return render(request, "ecrf/quality_act.html", context, status=422)
    messages.success(request, _("They are put aside. They come back if the value changes."))
    return see_other(back, request)


def selected(request: HttpRequest, rows: QuerySet[QualityResult]) -> list[QualityResult]:
    asked = []
    for each in request.POST.getlist("selected")[:MOST]:
        try:
            asked.append(UUID(each))
        except ValueError:
            continue
    return list(rows.filter(pk__in=asked).order_by("created_at"))
