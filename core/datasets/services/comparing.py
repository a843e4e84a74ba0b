"""Compare two versions of a dataset, at once or as a job; counts are masked for who doesn't read the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files, jobs
from core.datasets.engine import comparing as engine
from core.datasets.models import Comparison, DatasetVersion
from core.datasets.services import levels
from core.datasets.services.counts import least_for
from core.datasets.services.joining import alike, told_apart
from core.datasets.services.profiling import READ
from core.datasets.services.reading import THREADS, memory_limit
from core.errors import Conflict, Fault, Invalid

if TYPE_CHECKING:
    from core.access.scope import Actor

TASK = "datasets.compare_versions"
AT_ONCE = 200_000
"""Rows of both versions together up to which a person waits for the counts."""
MOST_KEYS = 5


def compare(actor: Actor, before: DatasetVersion, after: DatasetVersion, key: Sequence[str]) -> Comparison:
    """Compare two versions of a dataset, their rows by a key that the actor may read. Raises Refused, Invalid.

    Asked again, it gives the comparison that there is: neither version ever changes.
    """
    project = after.dataset.project
    access.require(actor, "datasets.read_data", project, obj=after)
    check(actor, before, after, key)
    with transaction.atomic():
        made, _new = Comparison.objects.get_or_create(
            before=before, after=after, key=list(key), defaults={"created_by_id": actor.pk}
        )
        if made.content is None and before.row_count + after.row_count > AT_ONCE:
            made.job_id = jobs.submit(
                actor,
                TASK,
                project=project,
                arguments={"comparison_id": str(made.pk)},
                subject=after,
                unique=f"{TASK}:{made.pk}",
            ).pk
            made.save(update_fields=["job_id"])
    if made.content is None and made.job_id is None:
        count(actor, made, lambda _done, _total: None)
    return made


def check(actor: Actor, before: DatasetVersion, after: DatasetVersion, key: Sequence[str]) -> None:
    """Raises Invalid with every fault of what is to be compared."""
    faults = []
    if before.dataset_id != after.dataset_id or before.pk == after.pk:
        faults.append(Fault("before", "not_two", _("Choose two versions of one dataset.")))
    if not 1 <= len(set(key)) == len(key) <= MOST_KEYS:
        faults.append(Fault("key", "count", _("Choose one to five columns that tell the rows apart.")))
    for version in (before, after):
        found = levels.reach(actor, version)
        faults += told_apart("key", version)
        for name in key:
            if name not in found.shown:
                words = {"name": name, "number": version.number}
                text = _("Version %(number)s has no column «%(name)s» that you may read.") % words
                faults.append(Fault("key", "unknown", text))
    types = [{column["name"]: column["type"] for column in version.published} for version in (before, after)]
    for name in key:
        if all(name in known for known in types) and not alike(*(known[name] for known in types)):
            text = _("«%(name)s» holds values of another type in each version.") % {"name": name}
            faults.append(Fault("key", "types", text))
    if faults:
        raise Invalid(faults, _("These versions can’t be compared so."))


def count(
    actor: Actor,
    made: Comparison,
    report: Callable[[int, int], None],
    transaction_of: Callable[[], Any] = transaction.atomic,
) -> None:
    """Count and keep. Raises Invalid where the key doesn't tell the rows apart, or memory doesn't suffice."""
    before, after = made.before, made.after
    old = set(before.column_names)
    compared = [name for name in after.column_names if name in old and name not in made.key]
    names = [*made.key, *compared]
    try:
        with engine.connect(
            files.opener(before.file),
            files.opener(after.file),
            (names, names),
            memory=f"{memory_limit()}B",
            threads=THREADS,
        ) as connection:
            found = engine.rows(connection, made.key, compared, report)
    except engine.NoKey as shared:
        counts = {"before": number_of(shared.before), "after": number_of(shared.after)}
        text = _("These columns don’t tell the rows apart: %(before)s rows share their key before, %(after)s after.")
        forget(made)
        raise Invalid([Fault("key", "not_unique", text % counts)], text % counts) from None
    except duckdb.OutOfMemoryException:
        forget(made)
        text = _("Comparing these versions needs more memory than it may take.")
        raise Invalid([Fault("key", "too_large", text)], text) from None
    with transaction_of():
        made.content, made.computed_at = found.to_json(), timezone.now()
        made.save(update_fields=["content", "computed_at"])
        audit.record(
            actor,
            "datasets.versions_compared",
            after,
            project=after.dataset.project,
            dataset=after.dataset.name,
            number=after.number,
            before=before.number,
            columns=list(made.key),
        )


def forget(made: Comparison) -> None:
    """What came to nothing is no comparison; a job's stays, to be seen failed."""
    if made.job_id is None:
        made.delete()


def number_of(count: int) -> int | str:
    return count if not 0 < count < settings.MASK_BELOW else _("fewer than %(least)s") % {"least": settings.MASK_BELOW}


def read(actor: Actor, made: Comparison) -> dict[str, Any]:
    """{columns, rows} as this person may see them. Raises Refused; Conflict where nothing is counted yet.

    Protected columns aren't there. Counts are hidden where they are small, together with those that would give them
    back, from who doesn't read the rows; `rows` then has None in their place.
    """
    project = made.after.dataset.project
    access.require(actor, READ, project, obj=made.after)
    if made.content is None:
        raise Conflict(_("These versions are still being compared."), "not-compared")
    held = access.abilities(actor, project)
    opened = levels.opened_by(held)
    closed = {*levels.reach_in(levels.current(made.before), opened).hidden}
    closed |= {*levels.reach_in(levels.current(made.after), opened).hidden}
    rows = shown(made.content, closed, least_for(held))
    audit.record(actor, "datasets.comparison_read", made.after, project=project, before=made.before.number)
    return {"columns": engine.columns(made.before.columns, made.after.columns), "rows": rows, "hidden": sorted(closed)}


def shown(content: Mapping[str, Any], closed: set[str], least: int) -> dict[str, Any]:
    """The counts without closed columns. Both versions' totals are known, so one of the three gives away the others."""
    added, removed, common = content["added"], content["removed"], content["common"]
    changed = {name: number for name, number in content["changed"].items() if name not in closed}
    if any(0 < number < least for number in (added, removed, common)):
        return {"added": None, "removed": None, "common": None, "changed": dict.fromkeys(changed), "masked": True}
    hidden = {name: 0 < number < least or 0 < common - number < least for name, number in changed.items()}
    return {
        "added": added,
        "removed": removed,
        "common": common,
        "changed": {name: None if hidden[name] else number for name, number in changed.items()},
        "masked": any(hidden.values()),
    }


def sample(actor: Actor, made: Comparison, what: str, column: str = "") -> dict[str, Any]:
    """Some rows that came, went or changed in a column: for who may read the rows, the key and the column."""
    project = made.after.dataset.project
    access.require(actor, "datasets.read_data", project, obj=made.after)
    wanted = [*made.key, *([column] if what == "changed" else [])]
    for version in (made.before, made.after):
        if closed := [name for name in wanted if name not in levels.reach(actor, version).shown]:
            message = _("You may not read this column: it is protected.")
            raise Invalid([Fault(name, "hidden", message) for name in closed], message)
    if what not in ("added", "removed", "changed"):
        raise Invalid([Fault("sample", "unknown", _("This can't be chosen."))])
    for version in (made.before, made.after):
        audit.record(
            actor,
            "datasets.version_read",
            version,
            project=project,
            dataset=version.dataset.name,
            number=version.number,
            way="query",
            purpose="comparison",
            columns=wanted,
        )
    with engine.connect(
        files.opener(made.before.file),
        files.opener(made.after.file),
        (wanted, wanted),
        memory=f"{memory_limit()}B",
        threads=THREADS,
    ) as connection:
        rows = engine.sample(connection, made.key, what, column)
    titles = [*made.key, *((_("before"), _("after")) if what == "changed" else ())]
    return {"titles": titles, "rows": rows, "what": what, "column": column}
