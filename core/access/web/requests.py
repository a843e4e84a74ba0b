"""Ask to join a project, and answer who asks."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.access import queries, services
from core.access.models import JoinRequest, Project
from core.access.services.requests import LONGEST_REASON
from core.access.web.forms import GrantForm
from core.access.web.members import tabs
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.views import page, reads, writes


class AskForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why do you want to join?"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The project's managers read it. Write nothing about patients."),
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Why not?"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The person who asked reads it."),
    )


@page
def ask(request: Request, project: str) -> HttpResponse:
    """For a project that one may find and isn't a member of; to others it isn't there."""
    found = get_object_or_404(queries.findable_projects(request.user), slug=project)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_to_join(request.user, found, form.cleaned_data["reason"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The managers of the project are told. You hear from them here."))
            return redirect("access:organisations")
    context = {"wanted": found, "form": form}
    return render(request, "access/ask_to_join.html", context, status=422 if form.errors else 200)


@writes
def withdraw(request: Request, pk: UUID) -> HttpResponse:
    asked = get_object_or_404(queries.join_requests(request.user).filter(user=request.user), pk=pk)
    try:
        services.withdraw_request(request.user, asked)
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("access:organisations")


@reads
def listing(request: Request, project: str) -> HttpResponse:
    """Who asks, and who has been answered."""
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    access.require(request.user, "access.manage_members", found)
    rows = queries.join_requests(request.user).filter(project=found)
    context = {
        "project": found,
        "tabs": tabs(request, found, "requests"),
        "waiting": rows.filter(state=JoinRequest.State.WAITING).order_by("created_at"),
        "answered": rows.exclude(state=JoinRequest.State.WAITING)[:50],
    }
    return render(request, "access/requests.html", context)


def fetch(request: Request, slug: str, pk: UUID) -> tuple[Project, JoinRequest]:
    found = access.fetch(Project.objects.select_related("organisation"), request.user, slug=slug)
    access.require(request.user, "access.manage_members", found)
    return found, get_object_or_404(queries.join_requests(request.user), project=found, pk=pk)


@page
def accept(request: Request, project: str, pk: UUID) -> HttpResponse:
    found, asked = fetch(request, project, pk)
    form = GrantForm(request.POST or None, place=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.accept_request(request.user, asked, *form.grant)
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("%(name)s is a member now.") % {"name": asked.user})
            return redirect("access:requests", found.slug)
    context = {"project": found, "asked": asked, "form": form, "accepting": True}
    return render(request, "access/answer.html", context, status=422 if form.errors else 200)


@page
def decline(request: Request, project: str, pk: UUID) -> HttpResponse:
    found, asked = fetch(request, project, pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decline_request(request.user, asked, form.cleaned_data["answer"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("%(name)s is told.") % {"name": asked.user})
            return redirect("access:requests", found.slug)
    context = {"project": found, "asked": asked, "form": form}
    return render(request, "access/answer.html", context, status=422 if form.errors else 200)
