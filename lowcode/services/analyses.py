"""Make, change, duplicate, delete and bring back analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.datasets.models import Dataset
from core.errors import Conflict, Fault, Invalid
from lowcode import queries
from lowcode.engine import BadQuery, Query, read
from lowcode.engine.chart import Chart
from lowcode.faults import invalid
from lowcode.models import Analysis
from lowcode.permissions import EDIT
from lowcode.services.running import checked

if TYPE_CHECKING:
    from core.accounts.models import User

LONGEST_NAME = 120


def read_query(raw: object) -> Query:
    """A query from JSON. Raises Invalid with every fault of its form."""
    try:
        return read(raw)
    except BadQuery as bad:
        raise invalid(bad.findings) from bad


@transaction.atomic
def create(actor: User, project: Project, name: str, raw: object, chart: dict[str, Any] | None = None) -> Analysis:
    """A new analysis. Raises Invalid with every fault of its name, its query and its chart."""
    access.require(actor, EDIT, project)
    values = _checked(actor, project, name, raw, chart or {})
    analysis = Analysis.objects.create(project=project, owner=actor, **values)
    audit.record(actor, "lowcode.analysis_created", analysis, dataset=analysis.dataset.name)
    return analysis


@transaction.atomic
def save(actor: User, analysis: Analysis, revision: int, name: str, raw: object, chart: dict[str, Any]) -> Analysis:
    """Keep what was changed since `revision`. Raises Conflict when somebody saved in between: nothing is lost."""
    access.require(actor, EDIT, analysis.project, obj=analysis)
    values = _checked(actor, analysis.project, name, raw, chart)
    analysis = Analysis.objects.select_for_update(of=("self",)).select_related("project").get(pk=analysis.pk)
    if analysis.revision != revision or analysis.deleted_at:
        raise Conflict(
            _("Somebody changed this analysis while you were working. Reload it, or duplicate yours to keep both."),
            "stale",
        )
    for field, value in values.items():
        setattr(analysis, field, value)
    analysis.revision += 1
    analysis.save()
    audit.record(actor, "lowcode.analysis_saved", analysis, revision=analysis.revision)
    return analysis


@transaction.atomic
def duplicate(actor: User, analysis: Analysis) -> Analysis:
    """A copy that belongs to whoever asked for it."""
    access.require(actor, EDIT, analysis.project, obj=analysis)
    name = _("%(name)s (copy)") % {"name": analysis.name[: LONGEST_NAME - 10]}
    copy = Analysis.objects.create(
        project=analysis.project,
        owner=actor,
        name=name[:LONGEST_NAME],
        dataset=analysis.dataset,
        version=analysis.version,
        query=analysis.query,
        chart=analysis.chart,
    )
    audit.record(actor, "lowcode.analysis_duplicated", copy, original=str(analysis.pk))
    return copy


@transaction.atomic
def delete(actor: User, analysis: Analysis) -> None:
    """Put an analysis aside; `restore` brings it back."""
    access.require(actor, EDIT, analysis.project, obj=analysis)
    if Analysis.objects.filter(pk=analysis.pk, deleted_at=None).update(deleted_at=timezone.now()):
        audit.record(actor, "lowcode.analysis_deleted", analysis)


@transaction.atomic
def restore(actor: User, analysis: Analysis) -> None:
    access.require(actor, EDIT, analysis.project, obj=analysis)
    if Analysis.objects.filter(pk=analysis.pk).exclude(deleted_at=None).update(deleted_at=None):
        audit.record(actor, "lowcode.analysis_restored", analysis)


def _checked(actor: User, project: Project, name: str, raw: object, chart: dict[str, Any]) -> dict[str, Any]:
    """The values of an analysis, or Invalid with every fault of all its parts."""
    faults: list[Fault] = []
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        faults.append(Fault("name", "length", _("Give a name of 1 to 120 characters.")))
    if chart.get("kind", "") not in ("", *Chart) or not isinstance(chart.get("measure", ""), str):
        faults.append(Fault("chart.kind", "not_a_choice", _("There is no such chart.")))
    dataset: Dataset | None = None
    query: Query | None = None
    try:
        query = read_query(raw)
        version = queries.version_named(actor, project, query.source.dataset, query.source.version)
        dataset = version.dataset
        checked(actor, version, query)
    except Invalid as error:
        faults += error.faults
    if faults or query is None or dataset is None:
        raise Invalid(faults)
    return {
        "name": name.strip(),
        "dataset": dataset,
        "version": query.source.version,
        "query": query.to_json(),
        "chart": {"kind": chart.get("kind", ""), "measure": chart.get("measure", "")[:60]},
    }
