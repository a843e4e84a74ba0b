"""Pages of datasets: the list, a version with its columns, rows and origin, downloads."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import access
from core.access.models import Project
from core.datasets import queries
from core.datasets.models import Dataset, DatasetVersion, Sensitivity
from core.datasets.services.exporting import export
from core.files import streams
from core.web.table import Column, Filter, Table
from core.web.views import reads

COLUMNS = (
    Column("title", _("Title"), sort=("title",), link=True),
    Column("name", _("Name"), sort=("name",), template="datasets/cells/name.html"),
    Column("sensitivity", _("Sensitivity"), sort=("sensitivity",), template="datasets/cells/sensitivity.html"),
    Column("number", _("Version"), sort=("number",), numeric=True),
    Column("row_count", _("Rows"), sort=("row_count",), numeric=True, template="datasets/cells/count.html"),
    Column("published_at", _("Published"), sort=("published_at",), template="datasets/cells/published.html"),
)


@reads
def datasets(request: HttpRequest, project: str) -> HttpResponse:
    """Every dataset of the project."""
    found: Project = access.fetch(Project.objects.all(), request.user, slug=project)
    abilities = access.abilities(request.user, found)
    if "datasets.list_datasets" not in abilities:
        raise Http404
    may_upload = {"datasets.upload_data", "datasets.publish_data"} <= abilities
    table = Table(
        request,
        queries.listed(request.user, found),
        COLUMNS,
        name="datasets",
        caption=_("Datasets"),
        search=("title__icontains", "name__icontains"),
        filters=(Filter("sensitivity", _("Sensitivity"), Sensitivity.choices),),
        order=("-published_at",),
        empty={
            "icon": "table",
            "title": _("No dataset yet"),
            "text": _("A dataset is a table in versions: uploaded, or published by a form, an analysis or a notebook."),
            "url": reverse("datasets:upload", args=[found.slug]) if may_upload else "",
            "action": _("Upload a CSV file"),
        },
    )
    return table.respond("datasets/list.html", {"project": found, "may_upload": may_upload})


def found_version(request: HttpRequest, project: str, name: str, number: int | None) -> DatasetVersion:
    dataset = access.fetch(Dataset.objects.filter(project__slug=project), request.user, name=name)
    return queries.version_of(request.user, dataset, number)


def context_of(request: HttpRequest, version: DatasetVersion, page: str) -> dict[str, Any]:
    """What every page of a version shows."""
    project = version.dataset.project
    abilities = access.abilities(request.user, project)
    args = [project.slug, version.dataset.name, version.number]
    tabs: list[tuple[Any, str, bool, int | None]] = [
        (_("Columns"), reverse("datasets:version", args=args), page == "version", len(version.columns))
    ]
    if "datasets.read_data" in abilities:
        tabs.append((_("Rows"), reverse("datasets:rows", args=args), page == "rows", None))
    tabs.append((_("Origin"), reverse("datasets:origin", args=args), page == "origin", None))
    versions = version.dataset.versions.visible_to(request.user).select_related("created_by")
    return {
        "project": project,
        "dataset": version.dataset,
        "version": version,
        "versions": versions.defer("columns", "provenance"),
        "tabs": tabs,
        "may_export": "datasets.export_data" in abilities,
    }


@reads
def version(request: HttpRequest, project: str, name: str, number: int | None = None) -> HttpResponse:
    """A version and the dictionary of its columns; the newest one where none is named."""
    found = found_version(request, project, name, number)
    return render(request, "datasets/version.html", context_of(request, found, "version"))


@reads
def rows(request: HttpRequest, project: str, name: str, number: int) -> HttpResponse:
    """The first rows: for those who may read the data; seeing them is a reading."""
    found = found_version(request, project, name, number)
    access.require(request.user, "datasets.read_data", found.dataset.project, obj=found)
    context = context_of(request, found, "rows")
    context["rows"] = queries.first_rows(request.user, found, "preview", queries.PREVIEW_ROWS)
    return render(request, "datasets/rows.html", context)


@reads
def origin(request: HttpRequest, project: str, name: str, number: int) -> HttpResponse:
    """What the version was made from."""
    found = found_version(request, project, name, number)
    return render(request, "datasets/origin.html", context_of(request, found, "origin"))


@reads
def download(request: HttpRequest, project: str, name: str, number: int, form: str) -> StreamingHttpResponse:
    """The rows as a file, sent while they are read."""
    made = export(request.user, found_version(request, project, name, number), form)
    return streams.send(request, made.pieces, name=made.name, media_type=made.media_type)
