"""Questionnaires of a study: made, changed, closed, opened to anybody."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access
from core.access.models import Site
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.views import page, see_other, writes
from ecrf import permissions
from ecrf.models import Form, Questionnaire
from ecrf.services import participants
from ecrf.web.participants.forms import PublicForm, QuestionnaireForm
from ecrf.web.participants.overview import shown_once
from ecrf.web.places import form_of, project_of


def questionnaire_of(request: HttpRequest, project: str, pk: UUID) -> Questionnaire:
    rows = Questionnaire.objects.select_related("form__project", "form__current", "public_site")
    rows = rows.filter(form__project=project_of(request.user, project))
    one: Questionnaire = access.fetch(rows, request.user, pk=pk)
    return one


@page
def new(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """Some pages of a form, to be filled in by participants."""
    found = project_of(request.user, project)
    return settle(request, form_of(request.user, found, form), None)


@page
def detail(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """A questionnaire as it is settled; whoever designs changes it here."""
    one = questionnaire_of(request, project, pk)
    return settle(request, one.form, one)


def settle(request: HttpRequest, what: Form, one: Questionnaire | None) -> HttpResponse:
    access.require(request.user, permissions.DESIGN, what.project, obj=what)
    form = QuestionnaireForm(request.POST or None, instance=one, definition=what.published.loaded)
    if request.method == "POST" and form.is_valid():
        try:
            kept = participants.save_questionnaire(request.user, what, form.asked(), one)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The questionnaire is saved."))
            return see_other(kept.get_absolute_url(), request)
    sites = Site.objects.visible_to(request.user, permissions.SAVE).filter(project=what.project, retired_at=None)
    context = {
        "project": what.project,
        "what": what,
        "one": one,
        "form": form,
        "public": PublicForm(sites=sites),
        "came": one.invitations.filter(origin="public").count() if one else 0,
    }
    return render(request, "ecrf/participants/questionnaire.html", context, status=422 if form.errors else 200)


@writes
def close(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    one = participants.close_questionnaire(request.user, questionnaire_of(request, project, pk))
    messages.success(request, _("The questionnaire is closed: nobody answers it any more."))
    return redirect(one)


@writes
def publish(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Make a public link, or take it away."""
    one = questionnaire_of(request, project, pk)
    if "close" in request.POST:
        participants.close_to_anybody(request.user, one)
        messages.success(request, _("The public link opens nothing any more."))
        return redirect(one)
    sites = Site.objects.visible_to(request.user, permissions.SAVE).filter(project=one.form.project)
    form = PublicForm(request.POST, sites=sites)
    access.require(request.user, permissions.DESIGN, one.form.project, obj=one)
    if not form.is_valid():
        messages.error(request, _("Choose a site of yours, and a day to come."))
        return redirect(one)
    day = form.cleaned_data["until"]
    until = timezone.make_aware(datetime.combine(day, time(23, 59))) if day else None
    try:
        address = participants.open_to_anybody(
            request.user, one, form.cleaned_data["site"], form.cleaned_data["most"], until
        )
    except Conflict as error:
        messages.error(request, str(error.message))
        return redirect(one)
    return shown_once(request, one.form.project, one, address)
