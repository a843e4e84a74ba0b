"""The webhooks of a project: what there is, a new one, what it was told, and having it told again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache

from core import access
from core.access.models import Project
from core.accounts.fresh import ask, is_fresh
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, writes
from core.webhooks import events, services
from core.webhooks.models import MANAGE, Delivery, Endpoint
from core.webhooks.web.forms import ChangeForm, NewForm, ReplayForm

DELIVERIES = (
    Column("action", gettext_lazy("What happened"), lambda row: events.in_words(row.action), link=True),
    Column("at", gettext_lazy("When"), "at", sort=("at",), template="webhooks/cells/when.html"),
    Column("state", gettext_lazy("State"), template="webhooks/cells/state.html"),
    Column("tried", gettext_lazy("Calls"), "tried", sort=("tried",)),
)


def found_project(request: Request, slug: str) -> Project:
    """The project, for who looks after its webhooks; they are nobody else's business."""
    project = access.fetch(Project.objects.all(), request.user, slug=slug)
    access.require(request.user, MANAGE, project)
    return project


def found_endpoint(request: Request, slug: str, pk: UUID) -> Endpoint:
    endpoints = Endpoint.objects.select_related("project", "owner")
    return access.fetch(endpoints, request.user, project=found_project(request, slug), pk=pk)


@reads
def listing(request: Request, project: str) -> HttpResponse:
    found = found_project(request, project)
    endpoints = Endpoint.objects.filter(project=found).visible_to(request.user).select_related("project")
    return render(request, "webhooks/list.html", {"project": found, "endpoints": endpoints})


@never_cache
@page
def create(request: Request, project: str) -> HttpResponse:
    """The page that answers shows the secret, this once: to who has just said that it is he."""
    found = found_project(request, project)
    if not is_fresh(request):
        return ask(request)
    form = NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made, text = services.create_endpoint(
                request.user, found, values["url"], values["events"], values["description"]
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            return show_secret(request, made, text, status=201)
    context = {"project": found, "form": form}
    return render(request, "webhooks/create.html", context, status=422 if form.errors else 200)


def show_secret(request: Request, endpoint: Endpoint, text: str, status: int = 200) -> HttpResponse:
    context = {"project": endpoint.project, "endpoint": endpoint, "text": text}
    return render(request, "webhooks/secret.html", context, status=status)


@reads
def endpoint(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = found_endpoint(request, project, pk)
    table = Table(
        request,
        Delivery.objects.filter(endpoint=found).visible_to(request.user).select_related("endpoint__project"),
        DELIVERIES,
        name="deliveries",
        caption=_("Deliveries"),
        filters=(Filter("state", _("State"), Delivery.State.choices),),
        order=("-created_at",),
        empty={
            "icon": "webhook",
            "title": _("Nothing was told yet"),
            "text": _("Send a test, or wait until one of its events happens."),
        },
    )
    told = [events.in_words(code) for code in found.events]
    context = {"project": found.project, "endpoint": found, "told": told, "replay": ReplayForm()}
    return table.respond("webhooks/endpoint.html", context)


@page
def change(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = found_endpoint(request, project, pk)
    form = ChangeForm(request.POST or None, endpoint=found)
    if request.method == "POST" and form.is_valid():
        services.change_endpoint(request.user, found, **form.cleaned_data)
        messages.success(request, _("The changes are saved."))
        return redirect(found)
    context = {"project": found.project, "endpoint": found, "form": form}
    return render(request, "webhooks/change.html", context, status=422 if form.errors else 200)


@writes
def switch(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = found_endpoint(request, project, pk)
    changed = services.change_endpoint(request.user, found, active=bool(found.off))
    messages.success(request, _("It is switched off.") if changed.off else _("It is switched on."))
    return redirect(found)


@never_cache
@writes
def rotate(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = found_endpoint(request, project, pk)
    if not is_fresh(request):
        return ask(request)
    return show_secret(request, *services.rotate_secret(request.user, found))


@writes
def test(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = found_endpoint(request, project, pk)
    try:
        return redirect(services.send_test(request.user, found))
    except Conflict as error:
        messages.error(request, str(error.message))
        return redirect(found)


@writes
def replay_since(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = found_endpoint(request, project, pk)
    form = ReplayForm(request.POST)
    if form.is_valid():
        since = timezone.now() - timedelta(hours=form.cleaned_data["hours"])
        try:
            count = services.replay_since(request.user, found, since)
        except (Conflict, Invalid) as error:
            said = error.message or "; ".join(str(f.message) for f in getattr(error, "faults", ()))
            messages.error(request, str(said))
        else:
            words = ngettext("%(count)s delivery is made again.", "%(count)s deliveries are made again.", count)
            messages.success(request, words % {"count": count})
    return redirect(found)


@writes
def delete(request: Request, project: str, pk: UUID) -> HttpResponse:
    services.delete_endpoint(request.user, found_endpoint(request, project, pk))
    messages.success(request, _("The webhook is deleted: nothing is sent there any more."))
    return redirect("webhooks:list", project)


def found_delivery(request: Request, slug: str, pk: UUID) -> Delivery:
    rows = Delivery.objects.select_related("endpoint__project", "endpoint__owner")
    return access.fetch(rows, request.user, endpoint__project=found_project(request, slug), pk=pk)


@reads
def delivery(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = found_delivery(request, project, pk)
    context = {
        "project": found.endpoint.project,
        "endpoint": found.endpoint,
        "delivery": found,
        "words": events.in_words(found.action),
    }
    return render(request, "webhooks/delivery.html", context)


@writes
def replay(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = found_delivery(request, project, pk)
    try:
        services.replay(request.user, found)
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("It is told again."))
    return redirect(found)
