"""Rules of data quality: the built-in ones and the study's own, their runs, and one record checked now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.views import page, reads, writes
from ecrf import permissions, queries, rights, services
from ecrf.models import Form, QualityRule, QualityRun
from ecrf.web.places import form_of, project_of
from ecrf.web.quality_forms import RuleForm, RunForm
from ecrf.web.tabs import tabs
from ecrf.words import rules as quality_words


def chosen_form(request: HttpRequest, project: Project) -> tuple[list[Form], Form | None]:
    """The forms of the project, and the one that the page is about."""
    found = list(queries.forms_of(request.user, project))
    asked = request.GET.get("form", "")
    return found, next((form for form in found if form.key == asked), found[0] if found else None)


@reads
def overview(request: HttpRequest, project: str) -> HttpResponse:
    """Each rule with what its last run found, earlier runs, and the way to run them all."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    forms_, form = chosen_form(request, found)
    held = access.abilities(request.user, found)
    may_run = permissions.QUALITY in held
    runs: QuerySet[QualityRun] | list[QualityRun] = []
    if form is not None and may_run:
        runs = list(
            QualityRun.objects.visible_to(request.user).filter(form=form).select_related("author", "form__project")[:20]
        )
    last = next((run for run in runs if run.finished_at), None)
    own = (
        QualityRule.objects.visible_to(request.user)
        .filter(form=form, retired_at=None)
        .select_related("current", "form__project", "form__current")
    )
    context = {
        "project": found,
        "tabs": tabs(request, found, "quality"),
        "forms": forms_,
        "form": form,
        "run_form": RunForm(),
        "built_in": [(letter, name, counted(last, letter)) for letter, name in quality_words.BUILT_IN.items()],
        "own": [(rule, counted(last, str(rule.pk))) for rule in rights.known_rules(request.user, own)],
        "runs": [(run, sum(run.counts.values())) for run in runs],
        "last": last,
        "may_run": may_run,
        "may_design": permissions.DESIGN in held,
    }
    return render(request, "ecrf/quality.html", context)


def counted(run: QualityRun | None, rule: str) -> int | None:
    """How often a run found a rule broken; None where it was not run."""
    return run.counts.get(rule, 0) if run and rule in run.rules else None


@writes
def start(request: HttpRequest, project: str, form: str) -> HttpResponse:
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    sent = RunForm(request.POST)
    if not sent.is_valid():
        messages.error(request, " ".join(str(fault) for faults in sent.errors.values() for fault in faults))
        return redirect("ecrf:quality", found.slug)
    try:
        run = services.start_run(request.user, what, **sent.cleaned_data)
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
        return redirect("ecrf:quality", found.slug)
    return redirect("jobs:job", run.job)


@page
def new_rule(request: HttpRequest, project: str, form: str) -> HttpResponse:
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.DESIGN, found, obj=what)
    return edited(request, found, what, None)


@page
def rule(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One rule: what it says, to be read or changed, and what it said before."""
    found = project_of(request.user, project)
    rows = QualityRule.objects.filter(form__project=found).select_related("current", "form__current", "form__project")
    one: QualityRule = access.fetch(rows, request.user, pk=pk)
    if not rights.known_rules(request.user, [one]):
        raise Http404
    if request.method == "POST":
        access.require(request.user, permissions.DESIGN, found, obj=one)
    return edited(request, found, one.form, one)


def edited(request: HttpRequest, project: Project, form: Form, one: QualityRule | None) -> HttpResponse:
    initial: dict[str, Any] = {}
    if one is not None:
        names = ("text", "message", "item", "severity", "at_save")
        initial = {"name": one.name, **{name: getattr(one.text, name) for name in names}}
    sent = RuleForm(request.POST or None, form=form, initial=initial)
    if request.method == "POST" and sent.is_valid():
        try:
            services.save_rule(request.user, form, rule=one, **sent.cleaned_data)
        except Invalid as error:
            show_faults(sent, error)
        else:
            messages.success(request, _("The rule is saved."))
            return redirect(f"{overview_address(project)}?form={form.key}")
    context = {
        "project": project,
        "form": form,
        "rule": one,
        "rule_form": sent,
        "versions": one.versions.select_related("author") if one else (),
        "may_design": access.can(request.user, permissions.DESIGN, project),
    }
    return render(request, "ecrf/quality_rule.html", context, status=422 if sent.errors else 200)


def overview_address(project: Project) -> str:
    return reverse("ecrf:quality", args=[project.slug])


@writes
def retire(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request.user, project)
    rows = QualityRule.objects.filter(form__project=found).select_related("form__project")
    one: QualityRule = access.fetch(rows, request.user, pk=pk)
    services.retire_rule(request.user, one)
    messages.success(request, _("The rule is not run any more. What it found stays."))
    return redirect(f"{overview_address(found)}?form={one.form.key}")
