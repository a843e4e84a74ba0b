"""What is wrong with the rows of snapshots of a repository, from numbers alone: nobody needs to read them for that."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from django.utils import timezone

from backup import queries
from backup.models import Agent, Alert, Repository, Snapshot
from backup.models.snapshots import ENDED_AT
from backup.queries import Watched
from backup.services import allowances
from backup.services.alerting import Found

Kind = Alert.Kind
_LOOKED_AT = 12
"""Snapshots of a source that say what is usual for it."""
_ENOUGH = 3
_LEAST_BYTES = 10 << 20
"""Less than this isn't worth a word."""
_SHRUNK, _GROWN = 0.5, 3.0
"""Times what is usual."""
_DENSE_SHARE, _DENSE_RISE = 0.8, 0.4
"""Of the new content, what didn't compress: as much as this, and so much more than usual."""
_CHANGED_SHARE = 0.2
"""Of the whole, what was new: less isn't an attack on all of it."""
_OVERDUE = 3
"""Times the usual distance between two snapshots of a source that has no plan."""
_DRILL_EVERY = timedelta(days=35)
_SILENT_FOR = timedelta(days=1)
_NEARLY_FULL = 90
"""Percent."""


def judge(row: Repository, now: datetime | None = None) -> list[Found]:
    """Everything that is wrong at this moment."""
    now = now or timezone.now()
    by_source: dict[str, list[Snapshot]] = defaultdict(list)
    rows = row.snapshots.filter(forgotten_at=None, gone_at=None).select_related("plan").order_by(ENDED_AT.desc())
    for snapshot in rows[:5000]:
        if len(by_source[snapshot.source]) < _LOOKED_AT:
            by_source[snapshot.source].append(snapshot)
    plans = queries.every_plan(now, row)
    planned = {each.plan.source for each in plans if each.plan.source}
    found = [each for source, newest in by_source.items() for each in _source(source, newest)]
    for source, newest in by_source.items():
        if source not in planned and newest[0].plan_id is None and _is_overdue(newest, now):
            found.append(Found(Kind.STALE, source=source, details={"since": newest[0].ended_at.isoformat()}))
    found += [wrong for each in plans for wrong in _plan(each, now)]
    of, percent = allowances.fullest(row)
    if percent >= _NEARLY_FULL:
        found.append(Found(Kind.QUOTA, details={"percent": percent, "of": of}))
    return found


def _source(source: str, newest: list[Snapshot]) -> list[Found]:
    last, before = newest[0], newest[1:]
    found = []
    if last.unread:
        found.append(Found(Kind.PARTIAL, source=source, details={"count": last.unread}))
    if len(before) < _ENOUGH:
        return found
    usual = median(each.bytes for each in before)
    if usual > _LEAST_BYTES and last.bytes < usual * _SHRUNK:
        found.append(Found(Kind.SHRUNK, source=source, details={"percent": round(100 * last.bytes / usual)}))
    if last.bytes > max(usual, _LEAST_BYTES) * _GROWN:
        found.append(Found(Kind.GROWN, source=source, details={"percent": round(100 * last.bytes / max(usual, 1))}))
    if _looks_encrypted(last, before) and not (last.plan and last.plan.instance):  # whose files always are
        found.append(Found(Kind.DENSE, source=source, details={"percent": round(100 * last.dense / last.fresh)}))
    return found


def _looks_encrypted(last: Snapshot, before: list[Snapshot]) -> bool:
    """Much is new at once, and hardly any of it compresses, where it used to."""
    if last.fresh < max(_LEAST_BYTES, last.bytes * _CHANGED_SHARE):
        return False
    share = last.dense / last.fresh
    usual = median([each.dense / each.fresh for each in before if each.fresh] or [share])
    return share >= _DENSE_SHARE and share - usual >= _DENSE_RISE


def _is_overdue(newest: list[Snapshot], now: datetime) -> bool:
    moments = [each.ended_at for each in newest]
    if len(moments) <= _ENOUGH:
        return False
    usual = median((later - earlier).total_seconds() for later, earlier in pairwise(moments))
    return now - moments[0] > max(timedelta(seconds=usual * _OVERDUE), timedelta(days=1))


def _plan(each: Watched, now: datetime) -> list[Found]:
    plan, agent = each.plan, each.plan.agent
    found = []
    if each.look == "warning":
        since = each.last.finished_at if each.last else plan.created_at
        found.append(Found(Kind.STALE, plan=plan, details={"since": since.isoformat()}))
    if each.look == "failed":
        found.append(Found(Kind.FAILED, plan=plan))
    if agent is not None and agent.duty == Agent.Duty.CHECK:
        tried = plan.runs.filter(state="done", result__has_key="drill").values_list("ended_at", flat=True).first()
        if now - (tried or plan.created_at) > _DRILL_EVERY:
            found.append(Found(Kind.DRILL, plan=plan, details={"since": (tried or plan.created_at).isoformat()}))
    if agent is not None and agent.seen_at is not None and now - agent.seen_at > _SILENT_FOR:
        found.append(Found(Kind.SILENT, plan=plan, details={"since": agent.seen_at.isoformat()}))
    return found
