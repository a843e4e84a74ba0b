"""Alerts of unusual reading: the list, one of them with its answer, and the rules of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.errors import Conflict, Invalid
from core.journal import queries, services
from core.journal.models import Alert, Kind, Rule
from core.journal.watching import FIXED, USUAL
from core.journal.web.views import fetch
from core.web.forms import show_faults
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, see_other

if TYPE_CHECKING:
    from core.access.models import Project

STATES = (("open", gettext_lazy("to be answered")), ("answered", gettext_lazy("answered")))


def by_state(alerts: QuerySet[Alert], state: str) -> QuerySet[Alert]:
    return alerts.filter(acknowledged_at__isnull=state == "open")


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    found = fetch(request, project)
    services.open_alerts(request.user, found)
    table = Table(
        request,
        Alert.objects.filter(project=found).visible_to(request.user).select_related("person", "project"),
        columns=(
            Column("created_at", _("When"), sort=("created_at",), template="journal/cells/alert_when.html"),
            Column("kind", _("What"), value=str, link=True),
            Column("person", _("Who"), value="person"),
            Column("count", _("Number"), sort=("count",), numeric=True),
            Column("state", _("State"), template="journal/cells/alert_state.html"),
        ),
        name="alerts",
        caption=_("Alerts"),
        search=("person__full_name__icontains", "comment__icontains"),
        filters=(Filter("state", _("State"), STATES, by_state), Filter("kind", _("What"), Kind.choices)),
        empty={
            "icon": "shield-check",
            "title": _("Nothing unusual"),
            "text": _("Reading far more than usual, at night, one after another, or refused: it will stand here."),
        },
    )
    may_answer = access.can(request.user, services.ANSWER, found)
    return table.respond("journal/alerts.html", {"project": found, "may_answer": may_answer})


class AnswerForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("What you found"),
        help_text=gettext_lazy("No patient’s name: whoever reads the audit trail of the project can read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


@page
def alert(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = fetch(request, project)
    services.require(request.user, queries.READ, found)
    one = access.fetch(Alert.objects.filter(project=found).select_related("project", "person"), request.user, pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST":
        access.require(request.user, services.ANSWER, found, obj=one)
        if form.is_valid():
            try:
                services.acknowledge(request.user, one, form.cleaned_data["comment"])
            except Invalid as error:
                show_faults(form, error)
            except Conflict as conflict:
                messages.warning(request, str(conflict.message))
                return see_other(one.get_absolute_url(), request)
            else:
                return see_other(reverse("audit:alerts", args=[found.slug]), request)
    else:
        services.open_alerts(request.user, found)
    day = timezone.localtime(one.window_at).date().isoformat()
    context = {
        "project": found,
        "alert": one,
        "form": form,
        "may_answer": access.can(request.user, services.ANSWER, found),
        "is_for_others": services.is_for_others(request.user, one),
        "trail": f"{reverse('audit:person', args=[found.slug, one.person_id])}?from={day}&to={day}",
    }
    return render(request, "journal/alert.html", context, status=422 if form.errors else 200)


class RulesForm(forms.Form):
    """For each kind whether it is on, and where that can be said, from how many on."""

    def __init__(self, project: Project, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        said = {rule.kind: rule for rule in Rule.objects.filter(project=project)}
        for kind in Kind:
            rule = said.get(kind)
            self.fields[kind] = forms.BooleanField(
                label=kind.label, required=False, initial=rule.is_on if rule else True
            )
            if kind not in FIXED:
                self.fields[f"{kind}_number"] = forms.IntegerField(
                    label=NUMBERS[kind],
                    help_text=_("Usually %(number)s.") % {"number": USUAL[kind]},
                    required=False,
                    min_value=1,
                    max_value=services.MOST,
                    initial=rule.threshold if rule else None,
                )


NUMBERS = {
    Kind.VOLUME: gettext_lazy("Things read in an hour, from"),
    Kind.SERIES: gettext_lazy("Different things read in ten minutes, from"),
    Kind.EXPORTS: gettext_lazy("Exports in an hour, from"),
    Kind.REFUSALS: gettext_lazy("Refusals in an hour, from"),
}


@page
def rules(request: HttpRequest, project: str) -> HttpResponse:
    found = fetch(request, project)
    access.require(request.user, services.ANSWER, found)
    form = RulesForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        for kind in Kind:
            number = form.cleaned_data.get(f"{kind}_number")
            services.set_rule(request.user, found, kind, is_on=form.cleaned_data[kind], threshold=number)
        messages.success(request, _("The rules are set."))
        return see_other(reverse("audit:alerts", args=[found.slug]), request)
    context = {"project": found, "form": form, "stored": Rule.objects.filter(project=found).order_by("kind")}
    return render(request, "journal/rules.html", context, status=422 if form.errors else 200)
