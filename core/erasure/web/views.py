"""Pages of an erasure: asked for with a name typed, confirmed by somebody else, withdrawn in time, certified."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.access.models import Project
from core.access.web.instance import administrators
from core.accounts.fresh import ask as ask_again
from core.accounts.fresh import fresh, is_fresh
from core.accounts.models import User
from core.erasure import certificates, queries, services
from core.erasure.models import Erasure
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, see_other, writes

COLUMNS = (
    Column("name", gettext_lazy("What"), str, link=True),
    Column("kind", gettext_lazy("Kind"), template="erasure/cells/kind.html"),
    Column("state", gettext_lazy("State"), template="erasure/cells/state.html"),
    Column("asked_by", gettext_lazy("Asked for by"), sort=("asked_by__full_name",)),
    Column("since", gettext_lazy("Asked for"), "created_at", sort=("created_at",), template="erasure/cells/day.html"),
    Column("due", gettext_lazy("Due"), "due_at", sort=("due_at",), template="erasure/cells/day.html"),
)


class AskForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=services.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stands on the certificate. Name no patient."),
    )
    confirmation = forms.CharField(max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, name: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["confirmation"].label = _("Type “%(name)s” to confirm") % {"name": name}


def found(request: Request, pk: UUID) -> Erasure:
    return get_object_or_404(queries.erasures(request.user), pk=pk)


@administrators
@reads
def erasures(request: Request) -> HttpResponse:
    table = Table(
        request,
        queries.erasures(request.user),
        COLUMNS,
        name="erasures",
        caption=_("Erasures"),
        search=("project__name__icontains", "asked_by__full_name__icontains"),
        filters=(Filter("state", _("State"), queries.STATES, queries.in_state),),
        order=("-created_at",),
        empty={
            "icon": "trash-x",
            "title": _("No erasure"),
            "text": _("A project is erased from its own pages, a person from the page of the account."),
        },
    )
    return table.respond("erasure/list.html", {})


@page
def of_project(request: Request, project: str) -> HttpResponseBase:
    """Ask for the erasure of a project, or see how far it is."""
    place = access.fetch(Project.objects.select_related("organisation"), request.user, slug=project)
    access.require(request.user, services.DESTROY, place)
    living = queries.living_of(place)
    if living is not None:
        return see_other(living.get_absolute_url(), request)
    form = AskForm(request.POST or None, name=place.slug)
    if request.method == "POST" and not is_fresh(request):
        return ask_again(request)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.ask_for_project(request.user, place, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Asked for. Somebody else has to confirm it."))
            return see_other(asked.get_absolute_url(), request)
    context = {"project": place, "form": form}
    return render(request, "erasure/of_project.html", context, status=422 if form.errors else 200)


@administrators
@fresh
@page
def of_person(request: Request, pk: UUID) -> HttpResponse:
    """Ask for the erasure of a person's account."""
    person = get_object_or_404(User, pk=pk)
    form = AskForm(request.POST or None, name=person.email)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.ask_for_person(request.user, person, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Asked for. Somebody else has to confirm it."))
            return see_other(asked.get_absolute_url(), request)
    context = {"person": person, "form": form}
    return render(request, "erasure/of_person.html", context, status=422 if form.errors else 200)


@reads
def one(request: Request, pk: UUID) -> HttpResponse:
    erasure = found(request, pk)
    may_confirm = erasure.state == "asked" and erasure.asked_by_id != request.user.pk
    signed = erasure.certificate or {}
    context = {
        "erasure": erasure,
        "may_confirm": may_confirm,
        "job": queries.job_of(erasure) if erasure.state == "running" else None,
        "said": signed.get("certificate"),
        "signature": signed.get("signature"),
    }
    return render(request, "erasure/one.html", context)


@writes
def confirm(request: Request, pk: UUID) -> HttpResponseBase:
    """Asked again who he is, once it is sure that it is there for him."""
    erasure = found(request, pk)
    if not is_fresh(request):
        return ask_again(request)
    try:
        services.confirm(request.user, erasure)
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Confirmed. Until its day it can still be withdrawn."))
    return see_other(erasure.get_absolute_url(), request)


@writes
def withdraw(request: Request, pk: UUID) -> HttpResponse:
    erasure = found(request, pk)
    try:
        services.withdraw(request.user, erasure)
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Withdrawn: nothing is erased."))
    return see_other(erasure.get_absolute_url(), request)


@reads
def certificate(request: Request, pk: UUID, form: str) -> HttpResponse:
    """The signed certificate, for people (PDF) and for programs (JSON)."""
    erasure = found(request, pk)
    make = {"json": certificates.as_json, "pdf": certificates.as_pdf}.get(form)
    if make is None or erasure.certificate is None:
        raise Http404
    audit.record(request.user, "erasure.certificate_read", erasure, project=erasure.project, form=form)
    answer = HttpResponse(make(erasure.certificate), content_type=f"application/{form}")
    answer["Content-Disposition"] = f'attachment; filename="erasure-{erasure.pk}.{form}"'
    return answer
