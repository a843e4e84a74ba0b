"""Ring the bell of those who watch a job: only its id travels, what they may see is read again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer

from core.bells import ring

if TYPE_CHECKING:
    from core.jobs.models import Job

QUIET = 15.0
"""Seconds without a bell after which the row is read anyway: a bell may be lost with Valkey."""


def job_group(job_id: UUID) -> str:
    return f"job.{job_id.hex}"


def changed(job_id: UUID) -> None:
    """The row of this job says something new."""
    ring(job_group(job_id), {"type": "job.changed"})


def until_over(job: Job, told: Callable[[Job], None]) -> Job:
    """Wait, in a command, for a job that another process does; `told` hears of the row at each bell.

    Raises RedisError and OSError where Valkey doesn't answer: the job goes on unheard.
    """
    return async_to_sync(_until_over)(job, told)


async def _until_over(job: Job, told: Callable[[Job], None]) -> Job:
    layer = get_channel_layer()
    assert layer is not None  # the settings name one
    bell = await layer.new_channel()
    await layer.group_add(job_group(job.pk), bell)
    try:
        while True:
            await sync_to_async(job.refresh_from_db)()
            if not job.is_live:
                return job
            await sync_to_async(told)(job)
            try:
                await asyncio.wait_for(layer.receive(bell), QUIET)
            except TimeoutError:
                continue
    finally:
        await layer.group_discard(job_group(job.pk), bell)
