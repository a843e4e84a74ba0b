"""Tell who asked for long work that it has ended. Whoever looks at it at that moment reads the notice by that."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from core.jobs.models import Job
from core.notices.services import notify

SHORT = dt.timedelta(seconds=20)
"""What is done within this was waited for."""


def tell_owner(job: Job) -> None:
    """A job that is done after a while, or that has failed. What was cancelled is known to who cancelled it."""
    quick = timezone.now() - job.created_at < SHORT
    if job.state == Job.State.FAILED or (job.state == Job.State.DONE and not quick):
        url = job.get_absolute_url()
        notify([job.owner], f"jobs.job_{job.state}", project=job.project, url=url, work=str(job.label))
