"""How much the backups of an organisation may take: for who administers it, and for who runs the instance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup import queries
from backup.services import allowances as services
from core.access import offices, people
from core.access.web.instance import administrators
from core.access.web.organisations import tabs
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Table
from core.web.views import page, reads

GIGABYTE = 10**9
COLUMNS = (
    Column("name", gettext_lazy("Organisation"), sort=("name",), template="backup/cells/organisation.html", fixed=True),
    Column("used", gettext_lazy("Space used"), sort=("used",), template="backup/cells/size.html", numeric=True),
    Column(
        "allowance", gettext_lazy("Allowance"), sort=("allowance",), template="backup/cells/size.html", numeric=True
    ),
    Column("state", gettext_lazy("State"), lambda row: row.name, template="backup/cells/room.html"),
)


class AllowanceForm(forms.Form):
    """In gigabytes, as the pages write sizes."""

    gigabytes = forms.DecimalField(
        label=gettext_lazy("Allowance in gigabytes (GB)"),
        required=False,
        min_value=0,
        max_value=services.MOST // GIGABYTE,
        decimal_places=3,
        help_text=gettext_lazy("Empty: no limit besides the quotas of the repositories. 0: nothing more is saved."),
    )

    def __init__(self, *args: Any, limit: int | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if limit is not None:
            self.initial["gigabytes"] = f"{(Decimal(limit) / GIGABYTE).quantize(Decimal('0.001')).normalize():f}"

    @property
    def limit(self) -> int | None:
        said = self.cleaned_data["gigabytes"]
        return None if said is None else int(said * GIGABYTE)


@page
def of_organisation(request: Request, organisation: str) -> HttpResponse:
    """What its projects take, and the form. Who has no say there is told nothing of it."""
    if not people.is_administrator(request.user):
        offices.require(request.user, offices.MANAGE, offices.fetch(request.user, organisation))
    found = queries.allowances(request.user).filter(slug=organisation).first()
    if found is None:
        raise Http404
    form = AllowanceForm(request.POST or None, limit=found.allowance)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_allowance(request.user, found, form.limit)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The allowance is saved."))
            return redirect("backup_allowances:of_organisation", found.slug)
    is_office = offices.can(request.user, offices.MANAGE, found)
    context = {"organisation": found, "form": form, "tabs": tabs(found, "backups") if is_office else None}
    return render(request, "backup/allowance.html", context, status=422 if form.errors else 200)


@administrators
@reads
def listing(request: Request) -> HttpResponse:
    table = Table(
        request,
        queries.allowances(request.user),
        COLUMNS,
        name="allowances",
        caption=_("Allowances for backups"),
        search=("name__icontains",),
        order=("name",),
    )
    return table.respond("backup/allowances.html", {})
