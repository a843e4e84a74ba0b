"""Pages of datasets: the list, a version with its columns, rows and origin, downloads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import access
from core.access.models import Project
from core.datasets import queries
from core.datasets.models import Dataset, DatasetVersion, Sensitivity
from core.datasets.services import counts, dictionary, levels, profiling
from core.datasets.services.exporting import FORMS, export, is_for_a_job, permitted
from core.errors import Invalid
from core.files import streams
from core.web.table import Column, Filter, Table
from core.web.views import reads, see_other

COLUMNS = (
    Column("title", _("Title"), sort=("title",), link=True),
    Column("name", _("Name"), sort=("name",), template="datasets/cells/name.html"),
    Column("sensitivity", _("Sensitivity"), sort=("sensitivity",), template="datasets/cells/sensitivity.html"),
    Column("number", _("Version"), sort=("number",), numeric=True),
    Column("row_count", _("Rows"), sort=("row_count",), numeric=True, template="datasets/cells/count.html"),
    Column("published_at", _("Published on"), sort=("published_at",), template="datasets/cells/published.html"),
)


EXPORT_WORDS = (
    ("csv", _("CSV")),
    ("zip", _("CSV with its dictionary (ZIP)")),
    ("xlsx", _("Excel (.xlsx)")),
    ("parquet", _("Parquet")),
    ("dta", _("Stata (.dta)")),
    ("sav", _("SPSS (.sav)")),
    ("xpt", _("SAS (.xpt)")),
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
            "action": _("Upload a file"),
        },
    )
    may_join = {"datasets.read_data", "datasets.publish_data"} <= abilities
    return table.respond("datasets/list.html", {"project": found, "may_upload": may_upload, "may_join": may_join})


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
    if profiling.READ in abilities:
        tabs.append((_("Profile"), reverse("datasets:profile", args=args), page == "profile", None))
    tabs.append((_("History"), reverse("datasets:revisions", args=args), page == "revisions", version.revision))
    if "datasets.read_data" in abilities:
        address = reverse("datasets:compare", args=[project.slug, version.dataset.name])
        tabs.append((_("Compare"), address, page == "compare", None))
    address = reverse("datasets:lineage", args=[project.slug, version.dataset.name])
    tabs.append((_("Lineage"), address, page == "lineage", None))
    tabs.append((_("Origin"), reverse("datasets:origin", args=args), page == "origin", None))
    versions = version.dataset.versions.visible_to(request.user).select_related("created_by")
    return {
        "project": project,
        "dataset": version.dataset,
        "version": version,
        "versions": versions.defer("published", "provenance"),
        "tabs": tabs,
        "abilities": abilities,
        "may_export": {"datasets.export_data", "datasets.read_data"} <= abilities,
        "may_sample": "datasets.read_data" in abilities,
        "export_forms": EXPORT_WORDS,
        "may_edit": dictionary.EDIT in abilities,
    }


@reads
def version(request: HttpRequest, project: str, name: str, number: int | None = None) -> HttpResponse:
    """A version and the dictionary of its columns; the newest one where none is named."""
    found = found_version(request, project, name, number)
    context = context_of(request, found, "version")
    context["columns"] = counts.described(request.user, found)
    context["hidden"] = levels.reach_in(found.columns, levels.opened_by(context["abilities"])).hidden
    return render(request, "datasets/version.html", context)


@reads
def rows(request: HttpRequest, project: str, name: str, number: int) -> HttpResponse:
    """The first rows: for those who may read the data; seeing them is a reading."""
    found = found_version(request, project, name, number)
    access.require(request.user, "datasets.read_data", found.dataset.project, obj=found)
    context = context_of(request, found, "rows")
    context["part"] = queries.first_rows(request.user, found, "preview", queries.PREVIEW_ROWS)
    return render(request, "datasets/rows.html", context)


@reads
def origin(request: HttpRequest, project: str, name: str, number: int) -> HttpResponse:
    """What the version was made from."""
    found = found_version(request, project, name, number)
    return render(request, "datasets/origin.html", context_of(request, found, "origin"))


@reads
def download(request: HttpRequest, project: str, name: str, number: int, form: str) -> HttpResponseBase:
    """The rows as a file, sent while they are read; where it takes long, the page on which a job is asked for it."""
    found = found_version(request, project, name, number)
    if form not in FORMS:
        raise Http404
    try:
        if is_for_a_job(permitted(request.user, found, form), form):
            return see_other(reverse("datasets:prepare", args=[project, name, number, form]), request)
        made = export(request.user, found, form)
    except Invalid as error:
        messages.error(request, str(error.message))
        return see_other(found.get_absolute_url(), request)
    return streams.send(request, made.pieces, name=made.name, media_type=made.media_type)
