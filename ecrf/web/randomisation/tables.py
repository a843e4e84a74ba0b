"""The allocation table: have it drawn, upload it, make it longer, read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import access
from core.accounts.fresh import fresh
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.views import page, reads, see_other, writes
from ecrf import blinding, permissions
from ecrf.services import randomisation
from ecrf.web.faults import placed
from ecrf.web.places import project_of
from ecrf.web.randomisation.forms import TableForm
from ecrf.web.randomisation.schemes import scheme_of


def told(request: HttpRequest, error: Invalid | Conflict) -> None:
    faults = error.faults if isinstance(error, Invalid) else ()
    messages.error(request, " ".join([str(error.message), *(str(fault.message) for fault in faults)]))


def drawn(request: HttpRequest, places: int) -> None:
    words = ngettext("%(n)s place was drawn.", "%(n)s places were drawn.", places) % {"n": places}
    messages.success(request, words)


@writes
def make(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Draw the table of a draft; its seed is the suite's own, unless who may know it gave one."""
    found = project_of(request.user, project)
    scheme = scheme_of(request, found, pk)
    try:
        drawn(request, randomisation.make_table(request.user, scheme, seed=request.POST.get("seed", "").strip()))
    except (Conflict, Invalid) as error:
        told(request, error)
    return redirect(scheme)


@writes
def extend(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Make every list longer."""
    found = project_of(request.user, project)
    scheme = scheme_of(request, found, pk)
    asked = request.POST.get("length", "")
    try:
        length = int(asked) if asked.isdecimal() and len(asked) < 7 else 0
        drawn(request, randomisation.extend_table(request.user, scheme, length))
    except (Conflict, Invalid) as error:
        told(request, error)
    return redirect(scheme)


@page
def upload(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Bring the table of a draft; a bad one is refused with every wrong cell by row and column."""
    found = project_of(request.user, project)
    scheme = scheme_of(request, found, pk)
    access.require(request.user, permissions.MANAGE_RANDOMISATION, found, obj=scheme)
    blinding.require_to_know_the_table(request.user, scheme)
    form = TableForm(request.POST or None, request.FILES or None)
    rows: list[dict[str, Any]] = []
    refusal: Any = ""
    if request.method == "POST" and form.is_valid():
        try:
            remarks = randomisation.upload_table(
                request.user, scheme, form.cleaned_data["table"], source=form.file_name
            )
        except Invalid as error:
            rows = [placed(fault.place, fault.message) for fault in error.faults]
            refusal = error.message
        except Conflict as error:
            show_faults(form, Invalid([], error.message))
        else:
            messages.success(request, _("The table is there. Look at its lists before you open the scheme."))
            for remark in remarks:
                messages.warning(request, str(remark.message))
            return see_other(scheme.get_absolute_url(), request)
    plan = randomisation.plan_of(scheme)
    context = {
        "project": found,
        "scheme": scheme,
        "form": form,
        "rows": rows,
        "refusal": refusal,
        "columns": ["arm", *(["kit"] if scheme.blinded else []), *(factor.key for factor in plan.factors)],
        "plan": plan,
    }
    return render(request, "ecrf/randomisation/upload.html", context, status=422 if form.errors or rows else 200)


@fresh
@reads
def read(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The whole table as a file, for who manages it and enters no data. The journal keeps who read it."""
    found = project_of(request.user, project)
    scheme = scheme_of(request, found, pk)
    answer = HttpResponse(randomisation.read_table(request.user, scheme), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="table-{scheme.pk}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
