"""Profile a version: a job that counts, and what somebody may see of what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import duckdb
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files, jobs
from core.datasets.engine import parts
from core.datasets.engine.profile import columns as engine
from core.datasets.models import DatasetVersion, Profile
from core.datasets.services import counts, levels
from core.datasets.services.reading import THREADS, memory_limit
from core.errors import Conflict

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.jobs.models import Job

READ = "datasets.read_profile"
TASK = "datasets.profile_version"


@transaction.atomic
def ask(actor: Actor, version: DatasetVersion) -> Job:
    """Have the version profiled, or profiled anew. Asked while it is under way, gives the job that does it."""
    access.require(actor, "datasets.read_data", version.dataset.project, obj=version)
    job = jobs.submit(
        actor,
        TASK,
        project=version.dataset.project,
        arguments={"version_id": str(version.pk)},
        subject=version,
        unique=f"{TASK}:{version.pk}",
    )
    Profile.objects.update_or_create(version=version, defaults={"job_id": job.pk})
    return job


def compute(version: DatasetVersion, report: Callable[[int, int], None]) -> list[dict[str, Any]]:
    """The profile of every column that doesn't identify people; of those only that they are there.

    One column after the other, and a column in a few aggregates: what is held is bounded by DATASETS_MEMORY.
    """
    described = levels.current(version)
    open_ = [column["name"] for column in described if column["sensitivity"] != "identifying"]
    made = []
    if not open_:
        return []
    with parts.connect(
        files.opener(version.file), open_, (), memory=f"{memory_limit()}B", threads=THREADS
    ) as connection:
        named = dict(zip(open_, parts.names_in(connection), strict=True))
        for number, column in enumerate(described):
            report(number, len(described))
            if (name := column["name"]) in named:
                counted = {"name": named[name], "type": column["type"]}
                made.append({**profiled(connection, counted, version.row_count), "name": name})
    return made


def profiled(connection: duckdb.DuckDBPyConnection, column: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """The profile of a column; that it needs more memory than it may take is said instead."""
    try:
        return engine.profile(connection, column, rows, settings.MASK_BELOW)
    except duckdb.OutOfMemoryException:
        return {"name": column["name"], "type": column["type"], "warnings": ["too_much_memory"]}


def keep(actor: Actor, version: DatasetVersion, found: list[dict[str, Any]]) -> None:
    """Put the profile in the place of an earlier one."""
    about = {"columns": found, "least": settings.MASK_BELOW}
    Profile.objects.update_or_create(version=version, defaults={"content": about, "computed_at": timezone.now()})
    audit.record(
        actor,
        "datasets.version_profiled",
        version,
        project=version.dataset.project,
        dataset=version.dataset.name,
        number=version.number,
        columns=len(found),
    )


def read(actor: Actor, version: DatasetVersion) -> list[dict[str, Any]]:
    """What this person may see of the profile. Raises Refused; Conflict where there is none that may be shown.

    Identifying columns are shown to nobody, personal ones to who may read these; the smallest and the largest value are
    single people's, so they are shown to who may read the rows, as is how many are missing where they are few.
    """
    project = version.dataset.project
    access.require(actor, READ, project, obj=version)
    row = Profile.objects.filter(version=version).first()
    if row is None or row.content is None:
        raise Conflict(_("This version hasn’t been profiled yet."), "not-profiled")
    if row.content["least"] < settings.MASK_BELOW:
        raise Conflict(
            _("Small counts are hidden more strictly since this was counted: have it profiled anew."), "outdated"
        )
    held = access.abilities(actor, project)
    shown = levels.reach_in(levels.current(version), levels.opened_by(held) - {"identifying"}).shown
    least = counts.least_for(held)
    found = [counts.profiled(column, least) for column in row.content["columns"] if column["name"] in shown]
    if "datasets.read_data" not in held:
        for column in found:
            column.pop("ends", None)
    audit.record(
        actor, "datasets.profile_read", version, project=project, dataset=version.dataset.name, number=version.number
    )
    return found
