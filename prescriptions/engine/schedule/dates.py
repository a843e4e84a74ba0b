"""Dates from the day of start: only durations that are said exactly move them on."""

from __future__ import annotations

import calendar
import datetime as dt

from prescriptions.engine.schema import Quantity

MONTHS = {"mo": 1, "a": 12}
DAYS = {"d": 1, "wk": 7}


def after(day: dt.date, quantity: Quantity | None) -> dt.date | None:
    """The day after a duration that begins on `day`. None for a range, hours, parts of a day, or no duration."""
    if quantity is None or quantity.value is None or quantity.value != int(quantity.value) or quantity.value <= 0:
        return None
    count = int(quantity.value)
    if quantity.unit in DAYS and count * DAYS[quantity.unit] < 4000:
        return day + dt.timedelta(days=count * DAYS[quantity.unit])
    if quantity.unit in MONTHS and count * MONTHS[quantity.unit] <= 120:
        return plus_months(day, count * MONTHS[quantity.unit])
    return None


def plus_months(day: dt.date, count: int) -> dt.date:
    """The same day of a later month, or the last day of a month that has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days_of(first: dt.date, beyond: dt.date) -> list[dt.date]:
    """Every day from the first until the day before `beyond`."""
    return [first + dt.timedelta(days=at) for at in range((beyond - first).days)]
