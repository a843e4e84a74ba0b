"""The catalogue: which datasets the project has, of what, how fresh, how sensitive."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.access.models import Project
from core.datasets.models import Sensitivity
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import reads
from datahub import permissions, queries

COLUMNS = (
    Column("title", gettext_lazy("Title"), "dataset.title", sort=("dataset__title",), link=True),
    Column("name", gettext_lazy("Name in code"), "dataset.name", ("dataset__name",), "datahub/cells/name.html"),
    Column("rows", gettext_lazy("Rows"), "row_count", sort=("row_count",), numeric=True),
    Column("columns", gettext_lazy("Columns"), lambda version: len(version.columns), numeric=True),
    Column("version", gettext_lazy("Version"), "number", numeric=True),
    Column("sensitivity", gettext_lazy("Sensitivity"), "get_sensitivity_display", sort=("sensitivity",)),
    Column("published", gettext_lazy("Published"), "created_at", ("created_at",), "datahub/cells/changed.html"),
    Column("act", gettext_lazy("Action"), "pk", template="datahub/cells/open.html"),
)


@reads
def listing(request: Request, project: str) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, permission=permissions.OPEN, slug=project)
    held = access.abilities(request.user, found)
    table = Table(
        request,
        queries.catalogue(request.user, found),
        COLUMNS if permissions.EDIT in held else COLUMNS[:-1],
        name="catalogue",
        caption=_("Catalogue"),
        search=("dataset__title__icontains", "dataset__name__icontains"),
        filters=(Filter("sensitivity", _("Sensitivity"), Sensitivity.choices),),
        order=("dataset__title",),
        empty={
            "icon": "books",
            "title": _("No dataset yet"),
            "text": _("Datasets come from an upload, from the case report forms, or from the result of an analysis."),
        },
    )
    return table.respond("datahub/catalogue.html", {"project": found, "may_view": permissions.VIEW in held})
