"""Reads of datasets, scoped to what the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
from django.db.models import OuterRef, QuerySet, Subquery

from core import access, datasets
from core.datasets.engine.parts import rows_of
from core.datasets.models import Dataset, DatasetVersion, DictionaryRevision, Upload
from core.datasets.services import levels

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

PREVIEW_ROWS = 50


def listed(actor: Actor, project: Project | None = None) -> QuerySet[Dataset]:
    """The datasets that the actor may see, with `number`, `row_count`, `sensitivity` and `published_at` of the newest
    version."""
    newest = DatasetVersion.objects.filter(dataset=OuterRef("pk")).order_by("-number")
    rows = Dataset.objects.visible_to(actor).select_related("project")
    if project is not None:
        rows = rows.filter(project=project)
    return rows.annotate(
        number=Subquery(newest.values("number")[:1]),
        row_count=Subquery(newest.values("row_count")[:1]),
        sensitivity=Subquery(newest.values("sensitivity")[:1]),
        published_at=Subquery(newest.values("created_at")[:1]),
    )


def version_of(actor: Actor, dataset: Dataset, number: int | None = None) -> DatasetVersion:
    """One version of a dataset, the newest where none is named, or 404."""
    versions = DatasetVersion.objects.select_related("dataset__project", "file", "created_by")
    if number is None:
        number = dataset.versions.values_list("number", flat=True).first()
    found: DatasetVersion = access.fetch(versions.filter(dataset=dataset), actor, number=number)
    return found


def upload_of(actor: Actor, project: Project, pk: Any) -> Upload:
    """An upload of the actor's own, or 404: nobody else sees a file that isn't published."""
    uploads = Upload.objects.select_related("project", "file", "version__dataset")
    found: Upload = access.fetch(uploads.filter(project=project, created_by=actor.pk), actor, pk=pk)
    return found


@dataclass(frozen=True)
class Rows:
    """Some rows, of the columns that somebody reads, and the names of those that aren't there for him."""

    columns: list[dict[str, Any]]
    hidden: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def first_rows(actor: Actor, version: DatasetVersion, purpose: str, limit: int, after: int = 0) -> Rows:
    """Rows `after` to `after + limit`, in the order of the file; audited."""
    with datasets.query(actor, version, purpose=purpose) as connection:
        found_rows = rows(connection, limit, after)
    found = levels.reach_in(version.columns, levels.levels_of(actor, version.dataset.project))
    shown = [column for column in version.columns if column["name"] in found.shown]
    return Rows(shown, found.hidden, found_rows)


def revision_of(actor: Actor, version: DatasetVersion, number: int) -> DictionaryRevision | None:
    """A revision of a version's dictionary, None for what it was published with, or 404."""
    if number == 0:
        return None
    rows = DictionaryRevision.objects.select_related("created_by").filter(version=version)
    found: DictionaryRevision = access.fetch(rows, actor, number=number)
    return found


def rows(connection: duckdb.DuckDBPyConnection, limit: int, after: int) -> list[tuple[Any, ...]]:
    return rows_of(connection.execute("FROM data LIMIT ? OFFSET ?", [limit, after]))
