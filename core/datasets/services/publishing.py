"""Publish a new version of a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files
from core.datasets.engine import writing
from core.datasets.engine.dictionary.entries import LEVELS
from core.datasets.engine.parts import told_apart_by_case
from core.datasets.models import NAME, Dataset, DatasetVersion, Sensitivity
from core.datasets.services import dictionary
from core.datasets.services.holding import hold
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

MOST_COLUMNS = 5000
MEDIA_TYPE = "application/vnd.apache.parquet"


@dataclass(frozen=True)
class Column:
    """What the dictionary says of a column. Its type and how many values are missing are read from the rows."""

    name: str
    label: str = ""
    unit: str = ""
    codes: Mapping[str, str] | None = None
    """Code -> its meaning, where the values are codes."""
    sensitivity: str = ""
    """One of `LEVELS`: ``identifying`` names a person, ``personal`` tells him apart together with others."""
    label_en: str = ""
    """The label in English, where `label` is in another language."""
    description: str = ""
    missing_codes: Sequence[str] = ()
    """Those of the codes that stand for a missing value."""


@dataclass(frozen=True)
class Prepared:
    """Rows that are stored and described, and not a version yet."""

    project: Project
    name: str
    title: str
    sensitivity: str
    columns: list[dict[str, Any]]
    row_count: int
    file: files.StoredFile


def publish(
    actor: Actor,
    project: Project,
    name: str,
    reader: pa.RecordBatchReader | pa.Table,
    *,
    title: str,
    columns: Sequence[Column] = (),
    sensitivity: str = Sensitivity.HEALTH,
    provenance: Mapping[str, Any],
    as_of: datetime | None = None,
) -> DatasetVersion:
    """Write the rows as the next version of the dataset, made where there is none of that name.

    `reader` is consumed batch by batch; it may be larger than memory. `provenance` is JSON: what it was made from, by
    what, when. A dataset that was marked stale after `as_of`, when its rows began to be read, stays stale. Raises
    Invalid, and nothing is stored; Refused without ``datasets.publish_data``.
    """
    with prepared(actor, project, name, reader, title=title, columns=columns, sensitivity=sensitivity) as rows:
        return add(actor, rows, provenance, as_of)


@contextmanager
def prepared(
    actor: Actor,
    project: Project,
    name: str,
    reader: pa.RecordBatchReader | pa.Table,
    *,
    title: str,
    columns: Sequence[Column] = (),
    sensitivity: str = Sensitivity.HEALTH,
) -> Iterator[Prepared]:
    """The long part of publishing, outside any transaction; `add` ends it inside the block, else nothing is kept."""
    access.require(actor, "datasets.publish_data", project)
    if isinstance(reader, pa.Table):
        reader = reader.to_reader()
    check(name, title, sensitivity, columns, reader.schema)
    with files.create(actor, project, name=f"{name}.parquet", media_type=MEDIA_TYPE, kind="dataset") as draft:
        written = writing.write(reader, draft)
    assert draft.stored is not None
    try:
        described = describe(reader.schema, columns, written)
        yield Prepared(project, name, title, sensitivity, described, written.row_count, draft.stored)
    except BaseException:
        files.discard(draft.stored)
        raise


@transaction.atomic
def add(actor: Actor, rows: Prepared, provenance: Mapping[str, Any], as_of: datetime | None = None) -> DatasetVersion:
    """The row of the version; writers of one dataset wait for each other, so its numbers have no gap.

    They also wait for whoever has marked it stale and not committed: what is read after this call holds his change.
    """
    project, name = rows.project, rows.name
    hold(project, name)
    dataset, _made = Dataset.objects.get_or_create(project=project, name=name, defaults={"title": rows.title})
    newest = dataset.versions.order_by("-number").first()
    version: DatasetVersion = DatasetVersion.objects.create(
        dataset=dataset,
        number=newest.number + 1 if newest else 1,
        published=rows.columns,
        row_count=rows.row_count,
        sensitivity=rows.sensitivity,
        provenance=dict(provenance),
        file=rows.file,
        created_by_id=actor.pk,
    )
    dataset.title = rows.title
    if as_of is None or (dataset.stale_since and dataset.stale_since <= as_of):
        dataset.stale_since = None
    dataset.save(update_fields=["title", "stale_since"])
    audit.record(
        actor,
        "datasets.version_published",
        version,
        project=project,
        dataset=name,
        number=version.number,
        rows=rows.row_count,
        columns=len(rows.columns),
        sensitivity=rows.sensitivity,
        digest=rows.file.digest,
    )
    dictionary.take_over(actor, version)
    return version


def check(name: str, title: str, sensitivity: str, columns: Sequence[Column], schema: pa.Schema) -> None:
    """Raises Invalid with every fault of what the dataset is to be called and of its columns."""
    faults = named(name, title, sensitivity)
    if not 1 <= len(schema.names) <= MOST_COLUMNS:
        message = _("A dataset has 1 to %(most)s columns; this one has %(count)s.")
        faults.append(Fault("columns", "count", message % {"most": MOST_COLUMNS, "count": len(schema.names)}))
    twice = told_apart_by_case(schema.names)
    for column in dict.fromkeys(schema.names):
        if column in twice:
            faults.append(Fault(column, "twice", _("Two columns have this name, whatever its case.")))
        if not column.strip():
            faults.append(Fault("columns", "nameless", _("A column has no name.")))
    absent = [described.name for described in columns if described.name not in schema.names]
    faults += [Fault(column, "absent", _("This column is described and isn't in the data.")) for column in absent]
    unknown = [described.name for described in columns if described.sensitivity not in LEVELS]
    faults += [Fault(column, "unknown_level", _("There is no such sensitivity.")) for column in unknown]
    if faults:
        raise Invalid(faults, _("The dataset can't be published."))


def named(name: str, title: str, sensitivity: str) -> list[Fault]:
    """What is wrong with what a dataset is to be called."""
    faults = []
    try:
        NAME(name)
    except ValidationError as error:
        faults.append(Fault("name", "bad_name", error.message))
    if not title.strip() or len(title) > 150:
        faults.append(Fault("title", "bad_title", _("A title has 1 to 150 characters.")))
    if sensitivity not in Sensitivity.values:
        faults.append(Fault("sensitivity", "unknown", _("There is no such sensitivity.")))
    return faults


def describe(schema: pa.Schema, columns: Sequence[Column], written: writing.Written) -> list[dict[str, Any]]:
    """The dictionary as it is stored with the version."""
    known = {column.name: column for column in columns}
    return [
        asdict(known.get(field.name, Column(field.name)))
        | {"type": writing.kind(field.type), "missing": written.missing[field.name]}
        for field in schema
    ]


def mark_stale(project: Project, name: str) -> None:
    """What the dataset was made from has changed: said until its next version. Nothing where there is none.

    Called last in the transaction of the change: until that ends, no version of the dataset is added.
    """
    hold(project, name, together=True)
    Dataset.objects.filter(project=project, name=name, stale_since=None).update(stale_since=timezone.now())
