"""Open emergency access, end it, and look at what was opened."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.access import second_factor, services
from core.access.models import Emergency, Project
from core.access.services import emergencies
from core.access.web.members import tabs
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.views import page, reads, writes


class OpeningForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why can’t it wait?"),
        max_length=emergencies.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The data controller reads it now. Name no patient."),
    )


class SeenForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("What did you find?"),
        max_length=emergencies.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@page
def open_page(request: Request, project: str) -> HttpResponse:
    """Say why; the second factor is asked for before the page opens and again where it was too long ago."""
    found = access.fetch(Project.objects.select_related("organisation__emergency_role"), request.user, slug=project)
    access.require(request.user, emergencies.OPEN, found)
    form = OpeningForm(request.POST or None)
    has_factor = is_mfa_enabled(request.user)
    if request.method == "POST" and has_factor and not second_factor.confirmed(request):
        return second_factor.ask(request)
    if request.method == "POST" and form.is_valid():
        try:
            services.open_emergency(request.user, found, form.cleaned_data["reason"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.warning(request, _("Emergency access is open. All that you do is marked."))
            return redirect(found)
    context = {
        "project": found,
        "form": form,
        "has_factor": has_factor,
        "opened": found.organisation.emergency_role,
        "hours": settings.EMERGENCY_HOURS,
    }
    return render(request, "access/open_emergency.html", context, status=422 if form.errors else 200)


@writes
def end(request: Request, project: str) -> HttpResponse:
    """End what one has opened oneself."""
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    if opened := emergencies.open_now(request.user.pk, found.pk):
        services.end_emergency(request.user, opened)
        messages.success(request, _("Emergency access has ended."))
    visible = Project.objects.visible_to(request.user).filter(pk=found.pk).exists()
    return redirect(found if visible else "portal:home")


def openings(found: Project) -> QuerySet[Emergency]:
    """Every opening of a project, with how many events were marked with it."""
    marked = Event.objects.filter(project_id=found.pk, actor_id=OuterRef("user"))
    marked = marked.annotate(of=KeyTextTransform("emergency", "details")).filter(of=Cast(OuterRef("pk"), TextField()))
    many = Subquery(marked.order_by().values("of").annotate(many=Count("pk")).values("many"))
    rows = Emergency.objects.filter(project=found).select_related("user", "ended_by", "seen_by")
    return rows.annotate(acts=Coalesce(many, 0))


@reads
def listing(request: Request, project: str) -> HttpResponse:
    """What was opened, for the data controller: open, to look at, looked at."""
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    access.require(request.user, "access.oversee_access", found)
    context = {"project": found, "tabs": tabs(request, found, "emergencies"), "openings": openings(found)[:200]}
    return render(request, "access/emergencies.html", context)


@page
def seen(request: Request, project: str, pk: UUID) -> HttpResponse:
    """Say what one found, or end it where it is open."""
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    access.require(request.user, "access.oversee_access", found)
    opened = access.fetch(Emergency.objects.filter(project=found), request.user, pk=pk)
    form = SeenForm(request.POST or None)
    if request.method == "POST" and "end" in request.POST:
        services.end_emergency(request.user, opened)
        return redirect("access:emergencies", found.slug)
    if request.method == "POST" and form.is_valid():
        try:
            services.see_emergency(request.user, opened, form.cleaned_data["comment"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Noted."))
            return redirect("access:emergencies", found.slug)
    context = {"project": found, "opened": opened, "form": form}
    return render(request, "access/see_emergency.html", context, status=422 if form.errors else 200)
