"""Ring the bell of those who listen over a socket: what has changed is then asked for, with the rights of then."""

from __future__ import annotations

import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def ring(group: str, message: dict[str, Any]) -> None:
    """Tell a group. Without Valkey nobody hears it live; the pages that poll still do."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, message)
    except (RedisError, OSError) as error:
        logger.warning("watchers of %s were not told (%s)", group, type(error).__name__)
