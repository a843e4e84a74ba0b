"""/instance/medicines/: the editions of the reference data, for who runs the instance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access.web.instance import administrators
from core.errors import Conflict, Invalid
from core.web.forms import DayInput, show_faults
from core.web.request import Request
from core.web.table import Column, Table
from core.web.views import page, see_other, writes
from prescriptions import queries, services
from prescriptions.engine.reference.starting import starter
from prescriptions.models import Reference
from prescriptions.services.fetching import OFFICIAL

COLUMNS = (
    Column("edition", gettext_lazy("Edition"), str, sort=("name", "edition"), fixed=True,
           template="prescriptions/cells/edition.html"),
    Column("state", gettext_lazy("State"), "is_current", template="prescriptions/cells/edition_state.html"),
    Column("count", gettext_lazy("Products or codes"), "count", sort=("count",), numeric=True,
           template="prescriptions/cells/number.html"),
    Column("source", gettext_lazy("Source, licence, SHA-256"), "digest",
           template="prescriptions/cells/edition_source.html"),
    Column("loaded", gettext_lazy("Loaded on"), "created_at", sort=("created_at",),
           template="prescriptions/cells/loaded.html"),
    Column("act", gettext_lazy("Action"), "pk", template="prescriptions/cells/edition_use.html"),
)  # fmt: skip


class LoadForm(forms.Form):
    address = forms.URLField(
        label=gettext_lazy("Address of the files"),
        initial=OFFICIAL,
        max_length=300,
        assume_scheme="https",
        help_text=gettext_lazy("It ends with / before the name of each file, or with .zip."),
    )
    edition = forms.CharField(
        label=gettext_lazy("Date of the edition"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy("As the publisher gives it. Without one, it is of today."),
    )


@administrators
@page
def editions(request: Request) -> HttpResponse:
    """Every edition, and the form that loads another."""
    form = LoadForm(request.POST or None, initial={"edition": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.load_reference(request.user, form.cleaned_data["edition"], address=form.cleaned_data["address"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            messages.error(request, error.message)
            return redirect("medicines:editions")
        else:
            messages.success(request, _("The files are being fetched. You may leave this page."))
            return redirect("medicines:editions")
    table = Table(
        request,
        Reference.objects.all(),
        COLUMNS,
        name="editions",
        caption=_("Editions"),
        order=("-created_at",),
        empty={
            "icon": "books",
            "title": _("No edition is loaded"),
            "text": _(
                "Prescriptions are read with the list that comes with the suite. Load the public database for all."
            ),
        },
    )
    context: dict[str, Any] = {"form": form, "job": queries.loading_job(), "starter": starter().about,
                               "starter_count": len(starter()), "in_use": queries.edition_in_use()}  # fmt: skip
    response = table.respond("prescriptions/medicines/editions.html", context)
    response.status_code = 422 if form.errors else response.status_code
    return response


@administrators
@writes
def use(request: Request, pk: UUID) -> HttpResponse:
    """Read with this edition from now on."""
    reference = get_object_or_404(Reference, pk=pk)
    try:
        services.use_reference(request.user, reference)
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Prescriptions are read with %(edition)s from now on.") % {"edition": reference})
    return see_other(reverse("medicines:editions"), request)
