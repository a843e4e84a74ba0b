"""Ring the bell of those who watch a job: only its id travels, what they may see is read again."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def job_group(job_id: UUID) -> str:
    return f"job.{job_id.hex}"


def person_group(user_id: UUID) -> str:
    return f"jobs-person.{user_id.hex}"


def session_group(fingerprint: str) -> str:
    return f"jobs-session.{fingerprint}"


def changed(job_id: UUID) -> None:
    """The row of this job says something new."""
    ring(job_group(job_id), {"type": "job.changed"})


def ring(group: str, message: dict[str, Any]) -> None:
    """Tell a group. Without Valkey nobody hears it live; the pages that poll still do."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, message)
    except (RedisError, OSError) as error:
        logger.warning("watchers of %s were not told (%s)", group, type(error).__name__)
