"""Visits laid out by the weeks of a month."""

from __future__ import annotations

import calendar as calendars
from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.utils.dateparse import parse_date

from ecrf.models import Visit
from ecrf.web.visits.titles import Line, Titles


def month_in(request: HttpRequest, today: date) -> date | None:
    """The month that the address asks for: ``2026-03``, or ``now``."""
    asked = request.GET.get("month", "")
    if asked == "now":
        return today.replace(day=1)
    try:
        return parse_date(f"{asked}-01") if len(asked) == 7 else None
    except ValueError:
        return None


def last_of(month: date) -> date:
    return month.replace(day=calendars.monthrange(month.year, month.month)[1])


SHOWN = 5
"""So many visits of a day are named in a month; the others are counted."""


def weeks_of(rows: QuerySet[Visit], titles: Titles, month: date, today: date) -> list[list[dict[str, Any]]]:
    """The days of a month, Monday first, with how many visits they have and the first of these."""
    counts = dict(rows.order_by().values_list("due").annotate(Count("pk")))
    place = Window(RowNumber(), partition_by=F("due"), order_by=("subject__site__code", "subject__sequence"))
    by_day: defaultdict[date, list[Line]] = defaultdict(list)
    for visit in rows.annotate(nth=place).filter(nth__lte=SHOWN):
        if visit.due is not None:
            by_day[visit.due].append(titles.line(visit))
    return [
        [
            {
                "day": day,
                "is_here": day.month == month.month,
                "is_today": day == today,
                "lines": by_day.get(day, []),
                "count": counts.get(day, 0),
            }
            for day in week
        ]
        for week in calendars.Calendar().monthdatescalendar(month.year, month.month)
    ]
