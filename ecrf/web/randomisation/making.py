"""A new scheme on one page, beside what it would mean."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import access
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.views import page, see_other, writes
from ecrf import permissions, queries
from ecrf.engine.randomisation import preview
from ecrf.models import Form, Scheme
from ecrf.models.forms import reader_language
from ecrf.services import randomisation
from ecrf.services.randomisation.schemes import checked
from ecrf.web.places import form_of, project_of
from ecrf.web.randomisation.forms import SchemeForm


@page
def new(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """Ask for a scheme for a form; kept as a draft."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.MANAGE_RANDOMISATION, found, obj=what)
    asked = SchemeForm(request.POST or None, definition=what.published.loaded)
    if request.method == "POST" and asked.is_valid():
        try:
            scheme = randomisation.make_scheme(
                request.user,
                what,
                asked.cleaned_data["name"],
                asked.plan,
                blinded=asked.cleaned_data["blinded"],
                condition=asked.cleaned_data["eligibility"],
                form_arms=asked.form_arms,
                **drawn_by(asked),
            )
        except Invalid as error:
            show_faults(asked, error)
        else:
            messages.success(request, _("The scheme is kept as a draft. Make its table, then open it."))
            return see_other(scheme.get_absolute_url(), request)
    context = {"project": found, "form": asked, "what": what, **meaning(what, asked)}
    return render(request, "ecrf/randomisation/new.html", context, status=422 if asked.errors else 200)


@writes
def show(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """What the scheme that is being written would mean: a fragment of its page."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.MANAGE_RANDOMISATION, found, obj=what)
    asked = SchemeForm(request.POST, definition=what.published.loaded)
    return render(request, "ecrf/randomisation/preview.html", {"project": found, **meaning(what, asked)})


def label_of_factor(what: Form, key: str) -> str:
    definition = what.published.loaded
    return queries.label_of(definition, key, reader_language()) if key in definition.items else str(_("Site"))


def drawn_by(asked: SchemeForm) -> dict[str, Any]:
    values = asked.cleaned_data
    return {
        "method": values["method"],
        "strata": values["strata"],
        "by_site": values["by_site"],
        "length": values["length"] or 0,
    }


def meaning(what: Form, asked: SchemeForm) -> dict[str, Any]:
    """What the plan is, and how it would go; what still keeps it from being one."""
    if not asked.is_bound:
        asked = SchemeForm(
            {"name": " ", **{name: field.initial for name, field in asked.fields.items() if field.initial is not None}},
            definition=what.published.loaded,
        )
    asked.is_valid()
    if asked.errors.keys() - {"name"}:
        return {
            "plan": None,
            "lacks": [str(text) for name, errors in asked.errors.items() if name != "name" for text in errors][:3],
        }
    given = drawn_by(asked)
    try:
        plan, _condition = checked(
            what.project, what, asked.plan, text=asked.cleaned_data.get("eligibility", ""), **given
        )
    except Invalid as error:
        return {"plan": None, "lacks": [str(fault.message) for fault in error.faults][:3]}
    shown = None
    if given["method"] != Scheme.Method.UPLOADED:
        shown = preview.preview(plan, given["method"], secrets.token_hex(8))
    return {
        "plan": plan,
        "factors": [(label_of_factor(what, factor.key), len(factor.levels)) for factor in plan.factors],
        "shown": shown,
        "example": [[plan.arms[arm] for arm in block] for block in shown.example] if shown else [],
        "places": given["length"] * plan.strata if given["method"] == Scheme.Method.BLOCKS else 0,
        "given": given,
        "sizes": sorted(plan.sizes),
    }
