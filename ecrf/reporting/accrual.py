"""Inclusions by month against what was planned."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from core.access.models import Project
from ecrf.models import Subject, Target

MOST = 240
"""A curve of more months than that begins later."""


@dataclass(frozen=True)
class Month:
    """What was included and planned in a month, and since the beginning."""

    first: date
    included: int
    planned: int
    all_included: int
    all_planned: int


def months(project: Project, subjects: QuerySet[Subject], sites: Collection[UUID], *, whole: bool) -> list[Month]:
    """Every month from the first inclusion or target to the last. A target of the study is for who sees all of it."""
    counted = subjects.order_by().annotate(month=TruncMonth("created_at")).values_list("month").annotate(Count("pk"))
    included = {month.date().replace(day=1): count for month, count in counted}
    planned: dict[date, int] = {}
    for month, site, wanted in Target.objects.filter(project=project).values_list("month", "site", "subjects"):
        if site in sites or (not site and whole):
            planned[month] = planned.get(month, 0) + wanted
    found, so_far, wanted_so_far = [], 0, 0
    for month in between({*included, *planned}):
        so_far += included.get(month, 0)
        wanted_so_far += planned.get(month, 0)
        found.append(Month(month, included.get(month, 0), planned.get(month, 0), so_far, wanted_so_far))
    return found[-MOST:]


def between(known: Collection[date]) -> Iterator[date]:
    if not known:
        return
    month, last = min(known), max(known)
    while month <= last:
        yield month
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
