"""One subject: randomise him, see what he got, unblind him."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access, audit
from core.access import second_factor
from core.access.models import Project
from core.accounts import fresh
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.views import page, see_other
from ecrf import blinding, permissions, queries, randomised
from ecrf.models import Allocation, Scheme, Subject
from ecrf.models.forms import reader_language
from ecrf.services import randomisation
from ecrf.services.randomisation.plans import shown
from ecrf.web.places import project_of
from ecrf.web.randomisation.forms import UnblindForm
from ecrf.web.randomisation.schemes import scheme_of


def panel(request: HttpRequest, project: Project, subject: Subject) -> list[dict[str, Any]]:
    """What the subject's page says of each scheme that was opened: his arm or kit, or that he may be randomised."""
    held = access.abilities(request.user, project, subject.site)
    given = randomised.of_subject(subject)
    found = []
    for scheme in randomised.schemes_of(request.user, project).exclude(status=Scheme.Status.DRAFT):
        one = given.get(scheme.pk)
        found.append(
            {
                "scheme": scheme,
                "one": one,
                "arm": scheme.labels.get(one.arm, "") if one and not scheme.blinded else "",
                "unblinded": list(one.unblindings.all()) if one else [],
                "may_randomise": not one and scheme.status == Scheme.Status.OPEN and permissions.RANDOMISE in held,
                "may_unblind": bool(one) and scheme.blinded and permissions.UNBLIND in held,
                "sees_arm": one is not None and scheme.blinded and blinding.sees_arm(request.user, one),
            }
        )
    return found


def subject_of(request: HttpRequest, project: Project, pk: UUID) -> Subject:
    found: Subject = access.fetch(queries.subjects_of(request.user, project), request.user, pk=pk)
    return found


@page
def randomise(request: HttpRequest, project: str, subject: UUID, scheme: UUID) -> HttpResponse:
    """What the subject would be randomised on, and what is missing; then it is done, for good."""
    found = project_of(request.user, project)
    who = subject_of(request, found, subject)
    what = scheme_of(request, found, scheme)
    access.require(request.user, permissions.RANDOMISE, found, who.site, obj=who)
    refusal: Any = ""
    if request.method == "POST":
        try:
            randomisation.randomise(request.user, who, what)
        except Invalid as error:
            refusal = error.message  # what is missing is listed anyway
        except Conflict as error:
            refusal = error.message
        else:
            messages.success(request, _("Subject %(number)s is randomised.") % {"number": who.number})
            return see_other(who.get_absolute_url(), request)
    basis = None
    try:
        basis = randomisation.basis_of(what, who)
    except Conflict as error:
        refusal = error.message
    levels = shown(what.form.published.loaded, basis.levels, reader_language()) if basis else []
    context = {
        "project": found,
        "subject": who,
        "scheme": what,
        "levels": levels,
        "basis": basis,
        "refusal": refusal,
        "is_open": what.status == Scheme.Status.OPEN,
        "done": Allocation.objects.filter(subject=who, scheme=what).exists(),
    }
    return render(request, "ecrf/randomisation/randomise.html", context, status=422 if refusal else 200)


@page
def unblind(request: HttpRequest, project: str, subject: UUID, pk: UUID) -> HttpResponse:
    """The arm, for who may see it; else a reason is asked for, and who it is once more. Each reading is recorded."""
    found = project_of(request.user, project)
    who = subject_of(request, found, subject)
    rows = Allocation.objects.filter(subject=who).select_related("scheme", "by")
    one: Allocation = access.fetch(rows, request.user, pk=pk)
    one.subject = who
    seen = blinding.sees_arm(request.user, one)
    if not seen:
        access.require(request.user, permissions.UNBLIND, found, who.site, obj=one)
    form = UnblindForm(request.POST or None)
    if request.method == "POST":
        if is_mfa_enabled(request.user) and not second_factor.confirmed(request):
            return second_factor.ask(request)
        if not is_mfa_enabled(request.user) and not fresh.is_fresh(request):
            return fresh.ask(request)
        if form.is_valid():
            try:
                randomisation.unblind(request.user, one, form.cleaned_data["reason"], form.cleaned_data["kind"])
            except Invalid as error:
                show_faults(form, error)
            except Conflict as error:
                messages.error(request, str(error.message))
                return redirect(who)
            else:
                return redirect("ecrf:unblind", found.slug, who.pk, one.pk)
    elif seen and one.scheme.blinded:
        audit.record(request.user, "ecrf.arm_read", one, scheme=one.scheme.name, number=who.number)
    context = {
        "project": found,
        "subject": who,
        "one": one,
        "scheme": one.scheme,
        "arm": one.scheme.labels.get(one.arm, one.arm) if seen else "",
        "code": one.arm if seen else "",
        "form": form,
        "unblindings": one.unblindings.select_related("by"),
    }
    return render(request, "ecrf/randomisation/unblind.html", context, status=422 if form.errors else 200)
