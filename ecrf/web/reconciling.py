"""Two entries of a page side by side, and the settling of their differences; the plan and the rates of a form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.errors import Conflict, Invalid
from core.web.forms import offer, show_faults
from core.web.views import page as shows
from ecrf import double_entry, permissions, services
from ecrf.engine import Definition
from ecrf.engine.double_entry import Compared
from ecrf.models import DoubleEntryPlan, Form, Subject
from ecrf.models.entries import THE_PARTICIPANT, sheet_url
from ecrf.models.forms import reader_language
from ecrf.queries import label_of
from ecrf.services import double_plans, reconciling, second_entries
from ecrf.services.page_rights import roles_in
from ecrf.web.double_entry import place_of
from ecrf.web.places import form_of, project_of
from ecrf.web.readable import readable, sheet_title


class PlanForm(forms.Form):
    pages = forms.MultipleChoiceField(
        label=gettext_lazy("Pages that are entered twice"), required=False, widget=forms.CheckboxSelectMultiple
    )
    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Who enters them the second time"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Who holds one of these roles doesn’t see these pages otherwise: his entry is blind."),
    )
    settles = forms.ChoiceField(
        label=gettext_lazy("Who settles the differences"),
        choices=DoubleEntryPlan.Settles.choices,
        widget=forms.RadioSelect,
    )
    holds_back = forms.BooleanField(
        label=gettext_lazy("A page is completed, signed and locked only once it is reconciled"), required=False
    )

    def __init__(self, *args: Any, form: Form, **options: Any) -> None:
        super().__init__(*args, **options)
        definition, language = form.published.loaded, reader_language()
        offer(self, "pages", [(one.key, definition.text(one.title, language) or one.key) for one in definition.pages])
        offer(self, "roles", [(role.pk, str(role)) for role in roles_in(form.project)])


@shows
def plan(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """Which pages of a form are entered twice, and how often the two entries differed."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    may_plan = access.can(request.user, permissions.MANAGE_RIGHTS, found)
    if not may_plan:
        access.require(request.user, permissions.RECONCILE, found, obj=what)
    held = DoubleEntryPlan.objects.filter(form=what).first() or DoubleEntryPlan(form=what)
    initial = {"pages": held.pages, "settles": held.settles, "holds_back": held.holds_back}
    initial["roles"] = list(held.second_roles.values_list("pk", flat=True)) if not held._state.adding else []
    sent = PlanForm(request.POST or None, form=what, initial=initial)
    if request.method == "POST":
        access.require(request.user, permissions.MANAGE_RIGHTS, found, obj=what)
        if sent.is_valid():
            try:
                services.plan_double_entry(request.user, what, **sent.cleaned_data)
            except Invalid as error:
                show_faults(sent, error)
            else:
                messages.success(request, _("The plan is changed."))
                return redirect("ecrf:double_entry", found.slug, what.key)
    rates = double_entry.rates_of(request.user, what)
    definition, language = what.published.loaded, reader_language()
    context = {
        "project": found,
        "form": what,
        "plan_form": sent,
        "may_plan": may_plan,
        "rates": [
            (label_of(definition, key, language), rate)
            for key, rate in sorted(rates.items.items(), key=lambda one: -(one[1].share or 0))
        ],
        "people": sorted(rates.people.items(), key=lambda one: -(one[1].share or 0)),
        "pages": rates.pages,
    }
    return render(request, "ecrf/double_entry.html", context, status=422 if sent.errors else 200)


@shows
def reconcile(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Field by field what both entered; who settles chooses or writes, and says by what."""
    found, who, what, sheet = place_of(request, project, subject, form)
    page = request.GET.get("page", "")
    if page not in second_entries.pages_twice(what, sheet):
        raise Http404
    definition, language = what.published.loaded, reader_language()
    context: dict[str, Any] = {
        "project": found,
        "subject": who,
        "form": what,
        "page_title": definition.text(definition.page(page).title, language) or page,
        "sheet_title": sheet_title(definition, sheet, language),
    }
    try:
        pair = reconciling.pair_of(request.user, who, what, sheet, page)
    except Conflict as error:
        return render(request, "ecrf/reconcile.html", {**context, "refused": error.message}, status=409)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            services.reconcile(
                request.user,
                who,
                what,
                sheet,
                page,
                choices_of(request, definition, pair.differing),
                request.POST.get("reason", ""),
                base=number(request, "base"),
                second_revision=number(request, "second"),
                complete=request.POST.get("complete") == "on",
            )
        except Invalid as error:
            faults = {one.place.partition("[")[0]: str(one.message) for one in error.faults}
        except Conflict as error:
            faults = {"": str(error.message)}
        else:
            messages.success(request, _("The two entries are one. What was chosen is in the history of the record."))
            return redirect(sheet_url("entry", who, what.key, sheet, page=page))
    else:
        audit.record(request.user, "ecrf.entries_compared", pair.entry, form=what.key, page=page)
    lines = [shown(definition, line, language, request, faults) for line in pair.lines]
    context |= {
        "pair": pair,
        "differing": [line for line in lines if not line["same"]],
        "alike": [line for line in lines if line["same"]],
        "faults": faults,
        "reason": request.POST.get("reason", ""),
        "first_by": second_entries.first_author(pair.entry, definition, page) or THE_PARTICIPANT,
    }
    return render(request, "ecrf/reconcile.html", context, status=422 if faults else 200)


def number(request: HttpRequest, name: str) -> int:
    sent = request.POST.get(name, "")
    return int(sent) if sent.isdecimal() and len(sent) < 9 else -1


def choices_of(request: HttpRequest, definition: Definition, lines: Iterable[Compared]) -> dict[str, dict[str, Any]]:
    """What was chosen for each difference; what was written in place of both."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        item = definition.items.get(line.key)
        value: Any = request.POST.get(f"value:{line.key}", "") or None
        if item is not None and item.kind == "choices":
            value = request.POST.getlist(f"value:{line.key}") or None
        found[line.key] = {"take": request.POST.get(f"take:{line.key}", ""), "value": value}
    return found


def shown(
    definition: Definition, line: Compared, language: str, request: HttpRequest, faults: dict[str, str]
) -> dict[str, Any]:
    """One line of the comparison, as people read it."""
    item = definition.items.get(line.key)

    def words(key: str, value: Any) -> str:
        if key in definition.groups:
            return ""  # its rows are told one by one
        return readable(definition, definition.items.get(key), value, language)

    return {
        "key": line.key,
        "label": label_of(definition, line.key, language),
        "same": line.same,
        "first": words(line.key, line.first) or line.first_status,
        "second": words(line.key, line.second) or line.second_status,
        "rows": [
            [
                (label_of(definition, key, language), words(key, one), words(key, other), same)
                for key, one, other, same in row
            ]
            for row in line.rows
        ],
        "item": item,
        "choices": [
            (code, definition.text(choice["label"], language)) for code, choice in (item.codes if item else {}).items()
        ],
        "many": item is not None and item.kind == "choices",
        "kind": {"date": "date", "datetime": "datetime-local", "time": "time"}.get(item.kind if item else "", "text"),
        "take": request.POST.get(f"take:{line.key}", ""),
        "value": request.POST.get(f"value:{line.key}", ""),
        "fault": faults.get(line.key, ""),
    }


def panel(request: HttpRequest, subject: Subject, forms_: Iterable[Form]) -> list[dict[str, Any]]:
    """On the page of a subject: how far the pages are that are entered twice, for who enters or settles them."""
    lines: list[dict[str, Any]] = []
    language = reader_language()
    for form in forms_:
        held = double_plans.plan_of(form)
        if held is None:
            continue
        is_second = second_entries.may_be_second(request.user, subject, form)
        settles = access.can(request.user, permissions.RECONCILE, subject.project, subject.site)
        definition = form.published.loaded
        for one in double_entry.of_subject(subject, form, held):
            own = one.second is not None and one.second.author_id == request.user.pk
            may_settle = settles or (own and held.settles == DoubleEntryPlan.Settles.SECOND)
            lines.append(
                {
                    "title": definition.text(definition.page(one.page).title, language) or one.page
                    if settles or is_second
                    else "",
                    "sheet": sheet_title(definition, one.sheet, language),
                    "progress": one.progress,
                    "enter": sheet_url("second_entry", subject, form.key, one.sheet, page=one.page)
                    if is_second and (one.second is None or own)
                    else "",
                    "settle": sheet_url("reconcile", subject, form.key, one.sheet, page=one.page)
                    if one.to_settle and may_settle
                    else "",
                }
            )
    return [line for line in lines if line["title"]]
