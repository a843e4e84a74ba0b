"""How subjects are numbered, and which numbers come next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.views import page, writes
from ecrf import permissions, services
from ecrf.models import NumberingRule
from ecrf.services.numbering import examples
from ecrf.web.intake_forms import NumberingForm
from ecrf.web.places import project_of


@page
def settings(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request.user, project)
    access.require(request.user, permissions.DESIGN, found)
    held = NumberingRule.objects.filter(project=found).first() or NumberingRule(project=found)
    initial = {name: getattr(held, name) for name in ("pattern", "per", "check_digit", "typed", "typed_pattern")}
    form = NumberingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_numbering(request.user, found, form.rule)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("New subjects are numbered so from now on."))
            return redirect("ecrf:home", found.slug)
    shown = form if form.is_bound else NumberingForm(initial)
    context = {"project": found, "form": form, **meaning(found, shown)}
    return render(request, "ecrf/numbering.html", context, status=422 if form.errors else 200)


@writes
def preview(request: HttpRequest, project: str) -> HttpResponse:
    """What the rule that is being written would give: a fragment of its page."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.DESIGN, found)
    return render(request, "ecrf/numbering_preview.html", meaning(found, NumberingForm(request.POST)))


def meaning(project: Project, form: NumberingForm) -> dict[str, Any]:
    if not form.is_valid():
        return {"lacks": [str(text) for errors in form.errors.values() for text in errors]}
    try:
        return {"numbers": examples(project, form.rule), "typed": form.rule.typed}
    except Invalid as error:
        return {"lacks": [str(fault.message) for fault in error.faults]}
