"""What the pages and the API read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.datasets.models import Dataset, DatasetVersion
from core.datasets.services import levels
from core.errors import Fault, Invalid
from core.portal.search import Hit
from core.tool import Link
from lowcode.engine import Column, Kind, Query, Table, read
from lowcode.engine.check import measures_for, operators_for
from lowcode.engine.query import conditions
from lowcode.models import Analysis
from lowcode.models.analysis import AnalysisQuerySet
from lowcode.permissions import EDIT, RUN

if TYPE_CHECKING:
    from core.access.scope import Actor


def analyses(actor: Actor) -> AnalysisQuerySet:
    return Analysis.objects.visible_to(actor).kept().select_related("project", "owner", "dataset")


def datasets(actor: Actor, project: Project) -> QuerySet[Dataset]:
    """The datasets of a project that questions can be asked of, with the size of their newest version."""
    newest = DatasetVersion.objects.filter(dataset=OuterRef("pk")).order_by("-number")
    return (
        Dataset.objects.visible_to(actor)
        .filter(project=project, versions__isnull=False)
        .annotate(rows=Subquery(newest.values("row_count")[:1]), newest=Subquery(newest.values("number")[:1]))
        .distinct()
    )


def may_read(actor: Actor, project: Project) -> bool:
    """Whether results are shown to this person as they are."""
    return {RUN, "datasets.read_data"} <= access.abilities(actor, project)


def may_edit(actor: Actor, project: Project) -> bool:
    return access.can(actor, EDIT, project)


def version_named(actor: Actor, project: Project, name: str, number: int | None) -> DatasetVersion:
    """A version by its dataset's name and its number, or the newest. Raises Invalid where there is none to see."""
    versions = DatasetVersion.objects.filter(
        dataset__in=Dataset.objects.visible_to(actor).filter(project=project), dataset__name=name
    ).select_related("dataset__project")
    if not versions:
        raise Invalid([Fault("query.source.dataset", "unknown_dataset", _("The project has no such dataset."))])
    if number is not None:
        versions = versions.filter(number=number)
    version: DatasetVersion | None = versions.order_by("-number").first()
    if version is None:
        raise Invalid([Fault("query.source.version", "unknown_version", _("The dataset has no such version."))])
    return version


def query_of(analysis: Analysis) -> Query:
    return read(analysis.query)


def names_people(query: Query, table: Table) -> bool:
    """Whether the question itself tells of somebody: it looks for a value of the column that identifies people."""
    return any(table.by_name[condition.column].subject for _place, condition in conditions(query.where))


def version_of(analysis: Analysis) -> DatasetVersion:
    """The version an analysis is held to, or the newest."""
    versions = analysis.dataset.versions.select_related("dataset__project")
    return versions.get(number=analysis.version) if analysis.version else versions.latest("number")


def table_of(version: DatasetVersion) -> Table:
    """A version as the engine sees it: the columns of a kind it knows."""
    columns = tuple(column_of(raw) for raw in version.columns if raw["type"] in list(Kind))
    return Table(version.dataset.name, columns, title=version.dataset.title)


def open_to(table: Table, hidden: Collection[str]) -> Table:
    """The table without the columns that aren't there for somebody."""
    return replace(table, columns=tuple(column for column in table.columns if column.name not in hidden))


def hidden_from(actor: Actor, version: DatasetVersion) -> tuple[str, ...]:
    """The columns that this person's questions can't be about.

    Who doesn't read the data asks nothing: he is shown saved results whose small counts and names are hidden.
    """
    if not may_read(actor, version.dataset.project):
        return ()
    return levels.reach_in(version.columns, levels.levels_of(actor, version.dataset.project)).hidden


def column_of(raw: dict[str, Any]) -> Column:
    return Column(
        name=raw["name"],
        kind=Kind(raw["type"]),
        label=raw["label"],
        unit=raw["unit"],
        codes=raw["codes"] or {},
        subject=raw["sensitivity"] == "identifying",
    )


def described(actor: Actor, version: DatasetVersion) -> list[dict[str, Any]]:
    """The columns as the workbench lists them, with what each can do; those that are protected aren't there."""
    table = open_to(table_of(version), hidden_from(actor, version))
    return [
        {
            "name": column.name,
            "title": column.title,
            "kind": column.kind,
            "unit": column.unit,
            "codes": dict(column.codes),
            "operators": operators_for(column.kind),
            "measures": measures_for(column.kind),
            "usable": column.name not in table.unclear,
        }
        for column in table.columns
    ]


def may_look_at(actor: Actor, key: str) -> bool:
    """Whether the actor may see the analysis whose workbench this is."""
    try:
        return analyses(actor).filter(pk=key).exists()
    except ValidationError:
        return False


def search(actor: Actor, words: str) -> list[Hit]:
    """Analyses by their name."""
    found = analyses(actor)
    for word in words.split():
        found = found.filter(name__icontains=word)
    return [Hit(row.name, row.get_absolute_url(), _("Analysis"), "chart-bar", str(row.project)) for row in found[:20]]


def lineage(actor: Actor, project: Project) -> list[Link]:
    """The analyses that this person sees, with the dataset that each reads."""
    return [
        Link("lowcode", str(row.pk), "analysis", row.name, row.get_absolute_url(), [row.dataset_id])
        for row in analyses(actor).filter(project=project)
    ]
