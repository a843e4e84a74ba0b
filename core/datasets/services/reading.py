"""Read a version: as SQL, as a table, or as clear bytes in memory. Every reading is in the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from core import access, audit, files
from core.datasets.engine import parts, reading
from core.datasets.services import levels
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor
    from core.datasets.models import DatasetVersion

THREADS = 2


def memory_limit() -> int:
    """Bytes of memory that one reading may take."""
    limit: int = settings.DATASETS_MEMORY
    return limit


def permit(
    actor: Actor, version: DatasetVersion, purpose: str, columns: Sequence[str] | None, way: str
) -> levels.Reach:
    """Go on only if the actor may read the rows; write down that he did, before he sees any. Gives what he reads."""
    project: Project = version.dataset.project
    access.require(actor, "datasets.read_data", project, obj=version)
    found = levels.reach(actor, version)
    levels.require_some(actor, version, found)
    if columns is not None and (closed := [name for name in columns if name in found.hidden]):
        message = _("You may not read this column: it is protected.")
        raise Invalid([Fault(name, "hidden", message) for name in closed])
    audit.record(
        actor,
        "datasets.version_read",
        version,
        project=project,
        dataset=version.dataset.name,
        number=version.number,
        way=way,
        purpose=purpose,
        columns=list(columns) if columns is not None else list(found.shown) if found.hidden else "all",
    )
    return found


@contextmanager
def query(
    actor: Actor, version: DatasetVersion, *, purpose: str = "", counted: Sequence[str] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection with the view `data`, and nothing else within its reach; columns the actor may not read
    aren't there.

    `counted` names columns by which a caller that runs no foreign SQL tells rows apart without showing them: where they
    are protected from the actor, salted hashes stand in their place.

    It reads what each query needs, so the dataset may be larger than memory; a query whose own work needs more than
    DATASETS_MEMORY fails with duckdb.OutOfMemoryException, since nothing is spilled to disk. Raises Refused.
    """
    found = permit(actor, version, purpose, None, "query")
    opener, memory = files.opener(version.file), f"{memory_limit()}B"
    if found.hidden:
        hashed = [name for name in counted if name in found.hidden]
        connected = parts.connect(opener, found.shown, hashed, memory=memory, threads=THREADS)
    else:
        connected = reading.connect(opener, memory=memory, threads=THREADS)
    with connected as connection:
        yield connection


def table(
    actor: Actor, version: DatasetVersion, columns: Sequence[str] | None = None, *, purpose: str = ""
) -> pa.Table:
    """The rows, whole, in memory, of the columns the actor may read.

    Raises Refused; Invalid for columns that are unknown or protected, and past DATASETS_MEMORY.
    """
    if unknown := [name for name in columns or () if name not in version.column_names]:
        raise Invalid([Fault(name, "unknown", _("There is no such column.")) for name in unknown])
    found = permit(actor, version, purpose, columns, "table")
    wanted = list(found.shown if columns is None else columns)
    with files.open(version.file) as file, pq.ParquetFile(file) as parquet:
        refuse_past_limit(clear_bytes(parquet.metadata, set(wanted)))
        return parquet.read(columns=wanted).select(wanted)  # «a» reads «a.b» too, which may be protected


@contextmanager
def memory(actor: Actor, version: DatasetVersion, *, purpose: str = "") -> Iterator[files.Memory]:
    """The clear Parquet file in a sealed memfd, for a sandbox. Raises Refused; Invalid past DATASETS_MEMORY.

    Where columns are protected from the actor the file is written anew without them, and names them in its metadata.
    """
    found = permit(actor, version, purpose, None, "memory")
    refuse_past_limit(version.file.size)
    if found.hidden:
        made = parts.memory(files.opener(version.file), found.shown, found.hidden)
    else:
        made = files.memory(version.file)
    with made as held:
        yield held


def clear_bytes(metadata: pq.FileMetaData, wanted: set[str]) -> int:
    """Bytes of the wanted columns, not compressed."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    chunks = (group.column(number) for group in groups for number in range(group.num_columns))
    return sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema.partition(".")[0] in wanted)


def refuse_past_limit(size: int) -> None:
    """Raises Invalid in words: better than a process that the system kills."""
    if size > memory_limit():
        message = _(
            "This dataset needs %(size)s of memory and one reading may take %(limit)s. "
            "Read fewer columns, or query it: a query reads only what it needs."
        ) % {"size": filesizeformat(size), "limit": filesizeformat(memory_limit())}
        raise Invalid([Fault("dataset", "too_large", message)], message)
