"""How long after a visit it is entered: from counts by days, so that no visit is brought here one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, DateField, F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from ecrf.models import Entry, Visit


def delays_by_site(visits: QuerySet[Visit]) -> dict[UUID, Counter[int]]:
    """Site -> days between the visit and its first save -> how many. What was entered before counts as the same day."""
    same = Entry.objects.filter(
        subject=OuterRef("subject"),
        form=OuterRef("form"),
        event=OuterRef("event"),
        instance=OuterRef("instance"),
        page="",
        removed_at=None,
    )
    begun = Cast(Subquery(same.values("created_at")[:1]), DateField())
    days = Func(begun, F("actual"), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())
    rows = visits.filter(actual__isnull=False, is_entered=True).order_by().annotate(days=days)
    found: defaultdict[UUID, Counter[int]] = defaultdict(Counter)
    for site, days_, count in rows.values_list("subject__site", "days").annotate(Count("pk")):
        if days_ is not None:
            found[site][max(0, days_)] += count
    return dict(found)


def quantile(counts: Mapping[int, int], share: float) -> int | None:
    """The smallest number of days within which this share of the visits was entered."""
    total, so_far = sum(counts.values()), 0
    for days in sorted(counts):
        so_far += counts[days]
        if so_far >= share * total:
            return days
    return None
