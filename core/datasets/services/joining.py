"""Join versions of a project's datasets: suggest keys, say beforehand what will come of it, publish what came of it.

Each column stays as protected as it was; one that the actor may not read is neither joined on nor in the result.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import duckdb
from django.utils.translation import gettext as _

from core import access, files, jobs
from core.datasets.engine import joining as engine
from core.datasets.engine.dictionary.entries import level
from core.datasets.engine.parts import told_apart_by_case
from core.datasets.models import DatasetVersion, Sensitivity
from core.datasets.services import levels, publishing
from core.datasets.services.reading import THREADS, memory_limit, permit
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor
    from core.jobs.models import Job

TASK = "datasets.join_versions"
PURPOSE = "join"
MOST_STEPS, MOST_KEYS, MOST_SUGGESTED = 4, 5, 6
MOST_ROWS = 100_000_000
PATIENCE = 20.0
"""Seconds that a person waits for the counts; beyond, he chooses better keys or fewer rows."""
PREVIEW_ROWS = 20
ALIKE = {
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "text": "text",
    "date": "moment",
    "datetime": "moment",
}


@dataclass(frozen=True)
class Step:
    """A version to be joined, how, and by which pairs of columns."""

    version: DatasetVersion
    kind: str
    keys: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Suggestion:
    """Two columns that may tell the same rows: their names, and which share of the values of one the other has."""

    left: str
    right: str
    overlap: float


@dataclass(frozen=True)
class Preview:
    """What will come of a join: each step's counts, the first rows, and the code that does it."""

    counts: list[engine.Counts]
    columns: list[str]
    rows: list[tuple[Any, ...]]
    sql: str
    pandas: str


def view_of(version: DatasetVersion, number: int) -> str:
    """The name of a version in SQL, each once."""
    return f"{version.dataset.name.replace('-', '_')}_{number + 1}"


def plan_of(actor: Actor, first: DatasetVersion, steps: Sequence[Step]) -> engine.Plan:
    """The chain as the actor may have it. Raises Refused, and Invalid with every fault."""
    project = first.dataset.project
    for version in (first, *(step.version for step in steps)):
        access.require(actor, "datasets.read_data", version.dataset.project, obj=version)
        levels.require_some(actor, version, levels.reach(actor, version))
    faults = [*told_apart("first", first)]
    if not 1 <= len(steps) <= MOST_STEPS:
        faults.append(Fault("steps", "count", _("Join two to %(most)s datasets.") % {"most": MOST_STEPS + 1}))
    plan = engine.Plan(side(actor, first, 0))
    types = {(plan.first.view, column["name"]): column["type"] for column in first.published}
    for number, step in enumerate(steps):
        place = f"steps.{number}"
        if step.version.dataset.project_id != project.pk:
            faults.append(Fault(f"{place}.version", "elsewhere", _("Datasets of one project are joined.")))
        if step.kind not in engine.KINDS:
            faults.append(Fault(f"{place}.kind", "unknown", _("This can't be chosen.")))
        if not 1 <= len(set(step.keys)) == len(step.keys) <= MOST_KEYS:
            faults.append(Fault(f"{place}.keys", "count", _("Choose one to five pairs of columns.")))
        faults += told_apart(f"{place}.version", step.version)
        there = side(actor, step.version, number + 1)
        types |= {(there.view, column["name"]): column["type"] for column in step.version.published}
        before = {column.name: column.sources[0] for column in plan.columns()}
        for ours, theirs in step.keys:
            if ours not in before:
                faults.append(unknown(f"{place}.keys", ours))
            if theirs not in there.columns:
                faults.append(unknown(f"{place}.keys", theirs))
            if ours in before and theirs in there.columns and not alike(types[before[ours]], types[there.view, theirs]):
                words = _("«%(left)s» and «%(right)s» hold values of different types.") % {
                    "left": ours,
                    "right": theirs,
                }
                faults.append(Fault(f"{place}.keys", "types", words))
        if faults:
            raise Invalid(faults, _("These datasets can’t be joined so."))
        plan = engine.Plan(plan.first, (*plan.steps, engine.Step(there, step.kind, tuple(step.keys))))
    if faults:
        raise Invalid(faults, _("These datasets can’t be joined so."))
    return plan


def side(actor: Actor, version: DatasetVersion, number: int) -> engine.Side:
    shown = levels.reach(actor, version).shown
    return engine.Side(view_of(version, number), f"{version.dataset.name}-v{version.number}.parquet", shown)


def told_apart(place: str, version: DatasetVersion) -> list[Fault]:
    """A fault for each column that another one equals but for its case: by its name one might get the other."""
    return [
        Fault(place, "case", _("«%(name)s» and another column differ only in case.") % {"name": name})
        for name in told_apart_by_case(version.column_names)
    ]


def unknown(place: str, name: str) -> Fault:
    return Fault(place, "unknown", _("There is no column «%(name)s» that you may read.") % {"name": name})


def alike(one: str, other: str) -> bool:
    return ALIKE.get(one, one) == ALIKE.get(other, other)


@contextlib.contextmanager
def opened(actor: Actor, plan: engine.Plan, versions: Sequence[DatasetVersion]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Each version is read, and so it stands in the journal; what needs too much memory or time is told in words."""
    sides = (plan.first, *(step.side for step in plan.steps))
    for version in versions:
        permit(actor, version, PURPOSE, None, "query")
    views = [
        (each.view, files.opener(version.file), each.columns) for each, version in zip(sides, versions, strict=True)
    ]
    try:
        with engine.connect(views, memory=f"{memory_limit()}B", threads=THREADS) as connection:
            yield connection
    except duckdb.OutOfMemoryException:
        text = _("Joining these datasets needs more memory than it may take. Choose keys that fewer rows share.")
        raise Invalid([Fault("steps", "too_large", text)], text) from None
    except duckdb.InterruptException:
        text = _("Counting took too long. Choose keys that fewer rows share.")
        raise Invalid([Fault("steps", "too_slow", text)], text) from None


@contextlib.contextmanager
def patient(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What takes longer than a person waits is interrupted."""
    timer = threading.Timer(PATIENCE, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def suggest(actor: Actor, left: DatasetVersion, right: DatasetVersion) -> list[Suggestion]:
    """Pairs of columns that may be keys, of one name or label and of alike types; those that share most come first."""
    access.require(actor, "datasets.read_data", right.dataset.project, obj=right)
    if not (pairs := candidates(actor, left, right)):
        return []
    plan = plan_of(actor, left, [Step(right, "left", pairs)])
    there = plan.steps[0].side.view
    with opened(actor, plan, (left, right)) as connection, patient(connection):
        found = [
            Suggestion(ours, theirs, engine.overlap(connection, (plan.first.view, ours), (there, theirs)))
            for ours, theirs in pairs
        ]
    return sorted(found, key=lambda each: -each.overlap)


def candidates(actor: Actor, left: DatasetVersion, right: DatasetVersion) -> list[tuple[str, str]]:
    shown = levels.reach(actor, left).shown, levels.reach(actor, right).shown
    one, other = (
        [column for column in levels.current(version) if column["name"] in names]
        for version, names in zip((left, right), shown, strict=True)
    )
    found = [
        (ours["name"], theirs["name"])
        for ours in one
        for theirs in other
        if alike(ours["type"], theirs["type"])
        and (plain(ours["name"]) == plain(theirs["name"]) or (ours["label"] and ours["label"] == theirs["label"]))
    ]
    return found[:MOST_KEYS]


def plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def preview(actor: Actor, first: DatasetVersion, steps: Sequence[Step]) -> Preview:
    """What each step finds and the first rows of the result, before anything is made."""
    plan = plan_of(actor, first, steps)
    with opened(actor, plan, (first, *(step.version for step in steps))) as connection, patient(connection):
        found = [engine.counts(connection, plan, number) for number in range(len(steps))]
        rows = engine.first_rows(connection, plan, PREVIEW_ROWS)
    return Preview(found, [column.name for column in plan.columns()], rows, plan.sql(), plan.pandas())


def ask(actor: Actor, first: DatasetVersion, steps: Sequence[Step], *, name: str, title: str) -> Job:
    """Have the result published as the next version of a dataset. Raises what `plan_of` does."""
    project: Project = first.dataset.project
    access.require(actor, "datasets.publish_data", project)
    plan_of(actor, first, steps)
    if faults := publishing.named(name, title, Sensitivity.HEALTH):
        raise Invalid(faults, _("The dataset can't be published."))
    told = [{"version_id": str(s.version.pk), "kind": s.kind, "keys": [list(pair) for pair in s.keys]} for s in steps]
    arguments = {"first_id": str(first.pk), "steps": told, "name": name, "title": title}
    return jobs.submit(actor, TASK, project=project, arguments=arguments, subject=first)


def publish(
    actor: Actor,
    first: DatasetVersion,
    steps: Sequence[Step],
    *,
    name: str,
    title: str,
    report: Callable[[int, int], None],
    fenced: Callable[[], contextlib.AbstractContextManager[None]],
    keep: Callable[[DatasetVersion], None],
) -> DatasetVersion:
    """Join, and publish the rows while they come. Raises Invalid past MOST_ROWS."""
    plan = plan_of(actor, first, steps)
    versions = (first, *(step.version for step in steps))
    with opened(actor, plan, versions) as connection:
        rows = first.row_count
        for number in range(len(steps)):
            report(0, 0)
            rows = engine.counts(connection, plan, number).rows
            if rows > MOST_ROWS:
                text = _("The result would have %(rows)s rows, and %(most)s are the most.")
                words = text % {"rows": f"{rows:,}", "most": f"{MOST_ROWS:,}"}
                raise Invalid([Fault(f"steps.{number}", "too_large", words)], words)
        with (
            publishing.prepared(
                actor,
                first.dataset.project,
                name,
                engine.reader(connection, plan, lambda done: report(done, rows)),
                title=title,
                columns=described(plan, versions),
                sensitivity=strictest(versions),
            ) as prepared,
            fenced(),
        ):
            version = publishing.add(actor, prepared, provenance(plan, steps, versions))
            keep(version)
    return version


def strictest(versions: Sequence[DatasetVersion]) -> str:
    order = list(Sensitivity.values)
    return str(min((version.sensitivity for version in versions), key=order.index))


def described(plan: engine.Plan, versions: Sequence[DatasetVersion]) -> list[publishing.Column]:
    """The dictionary of the result: each column as it was described; keys that became one as the stricter of them."""
    sides = (plan.first, *(step.side for step in plan.steps))
    said = {
        (each.view, column["name"]): column
        for each, version in zip(sides, versions, strict=True)
        for column in levels.current(version)
    }
    return [column_of(column.name, [said[source] for source in column.sources]) for column in plan.columns()]


def column_of(name: str, sources: Sequence[Mapping[str, Any]]) -> publishing.Column:
    first = sources[0]
    return publishing.Column(
        name,
        first["label"],
        first["unit"],
        first["codes"],
        max((source["sensitivity"] for source in sources), key=level),
        first["label_en"],
        first["description"],
        first["missing_codes"],
    )


def provenance(plan: engine.Plan, steps: Sequence[Step], versions: Sequence[DatasetVersion]) -> dict[str, Any]:
    return {
        "kind": "join",
        "sources": [{"dataset": version.dataset.name, "version": version.number} for version in versions],
        "steps": [{"kind": step.kind, "keys": [list(pair) for pair in step.keys]} for step in steps],
        "sql": plan.sql(),
    }


def told(found: Preview) -> list[dict[str, Any]]:
    """The counts of each step as JSON."""
    return [asdict(each) for each in found.counts]
