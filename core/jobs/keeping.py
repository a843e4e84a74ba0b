"""How long it is told of work that has ended."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import PROTECT, Exists, ForeignObjectRel, OuterRef
from django.utils import timezone

from core.jobs.models import Job

AT_ONCE = 500


def forget() -> int:
    """Drop jobs that ended JOBS_DAYS ago or more, with their log, but for those by which something else is found; gives
    how many. What they did stays in the audit trail."""
    old = Job.objects.filter(ended_at__lt=timezone.now() - timedelta(days=settings.JOBS_DAYS))
    for link in Job._meta.get_fields(include_hidden=True):
        if isinstance(link, ForeignObjectRel) and link.on_delete is PROTECT:
            old = old.exclude(Exists(link.related_model._base_manager.filter(**{link.field.name: OuterRef("pk")})))
    count = 0
    while keys := list(old.order_by("ended_at").values_list("pk", flat=True)[:AT_ONCE]):
        Job.objects.filter(pk__in=keys).delete()
        count += len(keys)
    return count
