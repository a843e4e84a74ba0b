"""FHIR periods as durations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from prescriptions.engine.schema import Quantity

Json = dict[str, Any]
DAY, CLOSE = 86_400, 120
"""Seconds of a day, and how far from whole days a period may end: 23:59:59 and 23:59 are meant as midnight."""


def between(period: Json) -> Quantity | None:
    """From a start to an end; a date without an hour lasts until its evening. None for what is no number of days."""
    try:
        start = dt.datetime.fromisoformat(period["start"])
        end = dt.datetime.fromisoformat(period["end"])
        seconds = (end - start).total_seconds()
    except (KeyError, ValueError, TypeError):
        return None
    last = DAY if len(period["end"]) == len("2026-11-12") else 0
    days = round((seconds + last) / DAY)
    whole = days > 0 and abs(seconds + last - days * DAY) <= CLOSE
    return Quantity(value=float(days), unit="d") if whole else None
