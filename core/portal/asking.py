"""Ask a tool or a room for its part of a page; one that fails takes nothing else down."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils.module_loading import import_string

from core.tool import RoomConfig

log = logging.getLogger(__name__)


def ask(config: RoomConfig, question: str, *args: Any) -> list[Any] | None:
    """What the function of this dotted name answers, or None where it fails, which the log tells in full."""
    try:
        with transaction.atomic():
            return list(import_string(question)(*args))
    except Exception:
        log.exception("%s can't answer %s", config.label, question)
        return None
