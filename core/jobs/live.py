"""Ring the bell of those who watch a job: only its id travels, what they may see is read again."""

from __future__ import annotations

from uuid import UUID

from core.bells import ring


def job_group(job_id: UUID) -> str:
    return f"job.{job_id.hex}"


def changed(job_id: UUID) -> None:
    """The row of this job says something new."""
    ring(job_group(job_id), {"type": "job.changed"})
