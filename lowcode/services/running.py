"""Ask a dataset a question: check it, answer it from what is known or from the data, and write down who asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, datasets
from core.datasets.models import DatasetVersion
from core.errors import Conflict, Fault, Invalid
from lowcode import queries
from lowcode.engine import BadQuery, Query, Result, Table, check, compile_query
from lowcode.engine.compile import Plan
from lowcode.engine.mask import mask
from lowcode.engine.result import arrange, decode, outputs_of
from lowcode.engine.shape import MAX_LIMIT
from lowcode.faults import invalid
from lowcode.models import Analysis, StoredResult
from lowcode.permissions import RUN, VIEW

if TYPE_CHECKING:
    from core.accounts.models import User

KEPT = timedelta(days=30)
"""How long an answer that nobody asks for again is kept."""


@dataclass(frozen=True)
class Answer:
    """A result as this person may see it, and where it comes from."""

    query: Query
    table: Table
    version: DatasetVersion
    result: Result
    stored: StoredResult
    cached: bool
    readable: bool
    """Whether this person may read the data themselves."""


def ask(actor: User, version: DatasetVersion, query: Query, analysis: Analysis | None = None) -> Answer:
    """The answer of a version to a query. Raises Invalid with every fault, Refused to who may not run analyses."""
    access.require(actor, RUN, version.dataset.project, obj=analysis or version)
    table = checked(actor, version, query)
    stored = StoredResult.objects.filter(version=version, fingerprint=query.fingerprint).first()
    if stored is None:
        stored, cached = _computed(actor, version, query, table), False
    else:
        access.require(actor, "datasets.read_data", version.dataset.project, obj=version)
        StoredResult.objects.filter(pk=stored.pk).update(used_at=timezone.now())
        cached = True
    result = shown(stored, query, table, masked=settings.MASK_FOR_EVERYBODY)
    audit.record(
        actor,
        "lowcode.query_run",
        analysis or version,
        project=version.dataset.project,
        dataset=version.dataset.name,
        version=version.number,
        fingerprint=query.fingerprint,
        rows=len(result.rows),
        cached=cached,
    )
    return Answer(query, table, version, result, stored, cached, readable=True)


def read_saved(actor: User, analysis: Analysis) -> Answer:
    """The answer to a saved analysis: run by who may read the data, else the last one known, small counts hidden."""
    access.require(actor, VIEW, analysis.project, obj=analysis)
    query, version = queries.query_of(analysis), queries.version_of(analysis)
    if queries.may_read(actor, analysis.project):
        return ask(actor, version, query, analysis)
    table = checked(actor, version, query)
    stored = StoredResult.objects.filter(version=version, fingerprint=query.fingerprint).first()
    if stored is None:
        raise Conflict(
            _("Nobody who may read the data has run this analysis yet: ask its owner to open it."), "not-run"
        )
    result = shown(stored, query, table, masked=True)
    audit.record(actor, "lowcode.result_read", analysis, version=version.number, masked=result.masked)
    return Answer(query, table, version, result, stored, cached=True, readable=False)


def checked(actor: User, version: DatasetVersion, query: Query) -> Table:
    """The version as the engine sees it, if the query suits it and asks for nothing that is protected from the actor.

    Raises Invalid with every fault. People are counted by the column that identifies them, whoever asks: it is in the
    table that is given, and not in the one that the query is checked against.
    """
    table, hidden = queries.table_of(version), queries.hidden_from(actor, version)
    try:
        check(query, queries.open_to(table, hidden))
    except BadQuery as bad:
        raise invalid(bad.findings) from bad
    subject = {table.subject.name} if table.subject else set()
    return queries.open_to(table, set(hidden) - subject)


def shown(stored: StoredResult, query: Query, table: Table, masked: bool) -> Result:
    """A stored result ordered and cut as asked, small counts hidden first where they must be."""
    result = Result.from_json(outputs_of(query, table), stored.content)
    if masked:
        if not stored.whole:
            fault = Fault(
                "query.by", "too_many_groups", _("There are too many groups to hide the small ones: group less.")
            )
            raise Invalid([fault])
        result = mask(result, settings.MASK_BELOW)
    return arrange(result, query) if stored.whole else result


def _computed(actor: User, version: DatasetVersion, query: Query, table: Table) -> StoredResult:
    """Ask the data, and keep the answer. A whole answer where it isn't too long, else the part that was asked for."""
    started = time.perf_counter()
    counted = [table.subject.name] if table.subject else []
    with datasets.query(actor, version, purpose="analysis", counted=counted) as connection:
        whole = compile_query(query, table, supports=True)
        rows = execute(connection, whole, MAX_LIMIT + 1)
        is_whole = len(rows) <= MAX_LIMIT
        if not is_whole:
            rows = execute(connection, compile_query(query, table), query.limit)
    result = replace(decode(whole.outputs, rows), truncated=not is_whole)
    with transaction.atomic():
        stored, _created = StoredResult.objects.get_or_create(
            version=version,
            fingerprint=query.fingerprint,
            defaults={
                "project": version.dataset.project,
                "content": result.to_json(),
                "whole": is_whole,
                "seconds": round(time.perf_counter() - started, 4),
            },
        )
        StoredResult.objects.filter(project=version.dataset.project, used_at__lt=timezone.now() - KEPT).delete()
    return stored


def execute(connection: Any, plan: Plan, most: int) -> list[dict[str, Any]]:
    """The first rows of a plan. Raises Invalid where it takes too long or the numbers don't fit."""
    sql = plan.sql(most=most)
    try:
        with time_limit(connection, settings.ANALYSIS_SECONDS):
            table = connection.execute(sql).to_arrow_table()
    except duckdb.InterruptException as error:
        text = _(
            "The question took more than %(seconds)s seconds and was stopped: filter more, or group by fewer columns."
        )
        raise Invalid([Fault("query", "too_long", text % {"seconds": settings.ANALYSIS_SECONDS})]) from error
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        text = _("A number became too large to compute: check the width of the classes, or filter out extreme values.")
        raise Invalid([Fault("query", "out_of_range", text)]) from error
    except duckdb.OutOfMemoryException as error:
        text = _("The question needs more memory than it may use: filter more, or group by fewer columns.")
        raise Invalid([Fault("query", "too_large", text)]) from error
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


@contextmanager
def time_limit(connection: Any, seconds: float) -> Iterator[None]:
    """Interrupt the statement that runs inside when its time is up."""
    ended = threading.Event()

    def watch() -> None:
        pause = seconds
        while not ended.wait(pause):
            connection.interrupt()  # forgotten where no statement has begun yet: say it until one has heard
            pause = 0.05

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()  # what runs next on this connection must not be interrupted
