"""/instance/storage/: how much is stored, where and by whom; and how much may be."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access.web.instance import administrators
from core.accounts.fresh import fresh
from core.errors import Conflict, Invalid
from core.files import checks, moving, storage
from core.storage import queries, services
from core.storage.web.forms import QuotaForm
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, see_other, writes

COLUMNS = (
    Column("name", gettext_lazy("Name"), str, sort=("project__name", "organisation__name"), fixed=True),
    Column(
        "organisation",
        gettext_lazy("Organisation"),
        "organisation.name",
        sort=("organisation__name",),
        template="storage/cells/organisation.html",
    ),
    Column("used", gettext_lazy("Stored"), sort=("used",), numeric=True, template="storage/cells/size.html"),
    Column("share", gettext_lazy("Of its limit"), template="storage/cells/share.html"),
    Column("files", gettext_lazy("Files"), sort=("files",), numeric=True, template="storage/cells/number.html"),
    Column("growth", gettext_lazy("In 30 days"), sort=("growth",), numeric=True, template="storage/cells/growth.html"),
    Column("act", gettext_lazy("Action"), "pk", template="storage/cells/act.html"),
)
KINDS = (("project", gettext_lazy("Projects")), ("organisation", gettext_lazy("Organisations")))
STATES = (("short", gettext_lazy("Nearly used up")), ("full", gettext_lazy("Used up")))


@administrators
@reads
def overview(request: Request) -> HttpResponse:
    table = Table(
        request,
        queries.growing(queries.spaces(request.user)),
        COLUMNS,
        name="spaces",
        caption=_("Storage by project and organisation"),
        search=("project__name__icontains", "organisation__name__icontains"),
        filters=(
            Filter("kind", _("Kind"), KINDS, queries.by_kind),
            Filter("state", _("Limit"), STATES, queries.by_state),
        ),
        order=("-used", "project__name"),
        empty={"icon": "database", "title": _("Nothing yet"), "text": _("Each project is counted when it is made.")},
    )
    context = {
        "totals": queries.totals(),
        "largest": queries.largest(),
        "finding": checks.storage_answers(),
        "where": storage.places(),
        "to_move": moving.elsewhere(settings.FILES_PLACE).count(),
        "job": queries.moving_job(),
    }
    return table.respond("storage/overview.html", context)


@administrators
@page
def quota(request: Request, pk: UUID) -> HttpResponse:
    """How much one of them may store."""
    space = get_object_or_404(queries.spaces(request.user), pk=pk)
    form = QuotaForm(request.POST or None, space=space)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_quota(request.user, space, form.quota)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("storage:overview")
    return render(request, "storage/quota.html", {"space": space, "form": form}, status=422 if form.errors else 200)


@administrators
@fresh
@writes
def move(request: Request) -> HttpResponse:
    """Move all files to where new ones go."""
    try:
        services.move_files(request.user)
    except Conflict as error:
        messages.error(request, error.message)
    return see_other(reverse("storage:overview"), request)
