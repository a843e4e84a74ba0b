"""What the lists of backups are narrowed by over REST: the same as on their pages."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet

from backup.models import Plan, Run, Snapshot
from core.rest.filters import Moment


class PlanFilters(FilterSet):
    is_ended = django_filters.BooleanFilter(
        "ended_at", lookup_expr="isnull", exclude=True, label="Whether it has ended."
    )

    class Meta:
        model = Plan
        fields = ["repository", "agent", "source"]


class RunFilters(FilterSet):
    ended_at__gte = Moment("ended_at", lookup_expr="gte")
    ended_at__lt = Moment("ended_at", lookup_expr="lt")

    class Meta:
        model = Run
        fields = ["plan", "agent", "state", "snapshot"]


class SnapshotFilters(FilterSet):
    is_whole = django_filters.BooleanFilter(method="by_whole", label="Whether everything could be read and was there.")
    is_forgotten = django_filters.BooleanFilter(
        "forgotten_at", lookup_expr="isnull", exclude=True, label="Whether an act forgets it; it may be gone already."
    )
    is_gone = django_filters.BooleanFilter(
        "gone_at", lookup_expr="isnull", exclude=True, label="Whether it was deleted."
    )
    finished_at__gte = Moment("finished_at", lookup_expr="gte")
    finished_at__lt = Moment("finished_at", lookup_expr="lt")

    class Meta:
        model = Snapshot
        fields = ["plan", "repository", "snapshot_id", "source", "host", "held"]

    def by_whole(self, rows: QuerySet[Snapshot], _name: str, value: bool) -> QuerySet[Snapshot]:
        whole = {"unread": 0, "store_differs": False}
        return rows.filter(**whole) if value else rows.exclude(**whole)
