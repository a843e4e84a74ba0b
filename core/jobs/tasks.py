"""The one Celery task: it carries an id, the row says the rest."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from core.jobs import execution


@shared_task(name="core.jobs.execute", ignore_result=True)  # type: ignore[untyped-decorator]
def execute(job_id: str) -> None:
    execution.execute(UUID(job_id))
