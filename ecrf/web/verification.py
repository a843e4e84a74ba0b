"""Verification against the source: how far it is by site and subject, the plan, and the marks set on the entry page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.errors import Conflict, Invalid
from core.web.forms import offer, show_faults
from core.web.views import page, reads, writes
from ecrf import permissions, services, verifying
from ecrf.engine.verification import verifiable
from ecrf.models import Form, VerificationCount, VerificationPlan
from ecrf.models.forms import reader_language
from ecrf.web.places import address_of, entry_of, form_of, project_of
from ecrf.web.quality import chosen_form
from ecrf.web.query_pages import body, word
from ecrf.web.sites import site_now, switcher
from ecrf.web.tabs import tabs

PER_PAGE = 50


class PlanForm(forms.Form):
    subjects = forms.ChoiceField(
        label=gettext_lazy("Everything is verified of"),
        choices=VerificationPlan.Subjects.choices,
        widget=forms.RadioSelect,
    )
    first = forms.IntegerField(
        label=gettext_lazy("How many of each site"), min_value=1, max_value=100_000, required=False
    )
    percent = forms.IntegerField(label=gettext_lazy("Share in per cent"), min_value=1, max_value=100, required=False)
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Critical fields, verified of every subject"),
        required=False,
        widget=forms.SelectMultiple({"size": 12}),
        help_text=gettext_lazy("Hold Ctrl to choose several."),
    )
    draw_again = forms.BooleanField(label=gettext_lazy("Draw the random share anew"), required=False)

    def __init__(self, *args: Any, form: Form, **options: Any) -> None:
        super().__init__(*args, **options)
        definition, language = form.published.loaded, reader_language()
        labels = {key: definition.text(item.spec["label"], language) for key, item in definition.items.items()}
        offer(self, "items", [(key, f"{labels.get(key) or key} ({key})"[:120]) for key in verifiable(definition)])


@reads
def progress(request: HttpRequest, project: str) -> HttpResponse:
    """By site, then subject by subject: what is due, what agrees, what has changed since."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    forms_, form = chosen_form(request, found)
    counts = verifying.counted(request.user, found, form) if form else VerificationCount.objects.none()
    if now := site_now(request, found):
        counts = counts.filter(entry__subject__site=now)
    sites = verifying.by_site(counts)
    site, show = request.GET.get("site", ""), request.GET.get("show", "left")
    rows = verifying.by_subject(counts.filter(entry__subject__site__code=site) if site else counts)
    at: Any = Paginator(rows if show == "all" else rows.filter(due__gt=F("verified")), PER_PAGE).get_page(
        request.GET.get("page")
    )
    at.object_list = verifying.lines_of(at.object_list, form) if form else []
    for line in at.object_list:
        for entry in line.entries:
            entry.address = address_of(entry, verify="1")
    total = verifying.Tally()
    for _site, tally in sites:
        total.add(tally)
    context = {
        "project": found,
        "tabs": tabs(request, found, "verification"),
        "site_switch": switcher(request, found),
        "forms": forms_,
        "form": form,
        "plan": verifying.plan_of(form) if form else None,
        "sites": sites,
        "total": total,
        "lines": at,
        "site": site,
        "show": show,
        "may_plan": access.can(request.user, permissions.DESIGN, found),
        "may_verify": access.can(request.user, permissions.VERIFY, found),
    }
    return render(request, "ecrf/verification.html", context)


@page
def plan(request: HttpRequest, project: str, form: str) -> HttpResponse:
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.DESIGN, found, obj=what)
    held = verifying.plan_of(what)
    initial = {name: getattr(held, name) for name in ("subjects", "first", "percent", "items")}
    sent = PlanForm(request.POST or None, form=what, initial=initial)
    if request.method == "POST" and sent.is_valid():
        values = {**sent.cleaned_data}
        values["first"] = values["first"] or held.first
        values["percent"] = values["percent"] or held.percent
        try:
            services.plan_verification(request.user, what, **values)
        except Invalid as error:
            show_faults(sent, error)
        else:
            messages.success(request, _("The plan is changed."))
            return redirect(f"{reverse('ecrf:verification', args=[found.slug])}?form={what.key}")
    context = {"project": found, "form": what, "plan_form": sent}
    return render(request, "ecrf/verification_plan.html", context, status=422 if sent.errors else 200)


@reads
def of_entry(request: HttpRequest, project: str, entry: UUID) -> HttpResponse:
    """What of a record is due, verified or changed since, for the entry page."""
    found = entry_of(request.user, project, entry)
    return JsonResponse(verifying.state_of(request.user, found))


@writes
def mark(request: HttpRequest, project: str, entry: UUID) -> HttpResponse:
    """Mark items or a page as verified, or take marks back: ``{items, page, revision, withdraw}``."""
    found = entry_of(request.user, project, entry)
    sent = body(request)
    items = (
        [item for item in sent.get("items") or () if isinstance(item, str)]
        if isinstance(sent.get("items"), list)
        else []
    )
    revision = sent.get("revision")
    try:
        if sent.get("withdraw") is True:
            services.withdraw_verification(request.user, found, items)
        elif not items and not word(sent, "page"):
            raise Invalid([], _("Say what is verified."))
        else:
            at = revision if type(revision) is int else None
            services.verify_source(request.user, found, items, page=word(sent, "page"), revision=at)
    except Invalid as error:
        said = " ".join([str(error.message), *(str(fault.message) for fault in error.faults)]).strip()
        return JsonResponse({"message": said}, status=422)
    except Conflict as error:
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)
    return JsonResponse(verifying.state_of(request.user, found))
