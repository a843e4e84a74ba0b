"""A profile's counts as bars: where each stands and what it says. Hidden counts are drawn as such, not as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

WIDTH, HEIGHT, LINE, LEFT, ROOM = 600, 140, 26, 200, 320
MASKED = 0.06
"""Height of a hidden bar, as a share of the largest."""


def measure(value: float, column: Mapping[str, Any]) -> str:
    """A number of a profile in the reader's language: a date where the column has dates."""
    if not column.get("timed"):
        rounded = float(f"{value:.6g}")
        plain = int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
        return str(formats.number_format(plain, use_l10n=True, force_grouping=True))
    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return str(value)
    return str(
        formats.date_format(moment, "SHORT_DATE_FORMAT" if column["type"] == "date" else "SHORT_DATETIME_FORMAT")
    )


def bars(column: Mapping[str, Any]) -> dict[str, Any] | None:
    """Upright bars for classes of numbers and dates, lying ones for values; nothing where there are none."""
    if column.get("histogram"):
        return upright(column)
    return lying(column) if column.get("values") else None


def upright(column: Mapping[str, Any]) -> dict[str, Any]:
    classes = column["histogram"]
    largest = max((one["count"] or 0 for one in classes), default=0) or 1
    width = WIDTH / len(classes)
    made = []
    for place, one in enumerate(classes):
        share = MASKED if one["count"] is None else one["count"] / largest
        size = round(share * (HEIGHT - 10), 1)
        made.append({
            "label": between(one, column), "words": words(one["count"]), "masked": one["count"] is None,
            "at": round(place * width + 1, 1), "width": round(max(width - 2, 1), 1), "top": HEIGHT - size, "size": size,
        })  # fmt: skip
    return {"upright": True, "height": HEIGHT + 24, "bars": made, "first": made[0]["label"], "last": made[-1]["label"]}


def lying(column: Mapping[str, Any]) -> dict[str, Any]:
    values = column["values"]
    largest = max((one["count"] or 0 for one in values), default=0) or 1
    made = []
    for place, one in enumerate(values):
        share = MASKED if one["count"] is None else one["count"] / largest
        size = round(share * ROOM, 1)
        made.append({
            "label": label(one["value"], column), "words": words(one["count"]), "masked": one["count"] is None,
            "at": place * LINE, "size": size, "end": LEFT + size + 6,
        })  # fmt: skip
    return {"upright": False, "height": len(values) * LINE, "bars": made}


def words(count: int | None) -> str:
    return _("hidden") if count is None else str(formats.number_format(count, force_grouping=True))


def label(value: Any, column: Mapping[str, Any]) -> str:
    if value is None:
        return _("other values")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    meaning = column["codes"].get(value)
    return f"{value} · {meaning}" if meaning else str(value) or _("(empty text)")


def between(one: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    """A class in words: half open, as mathematics writes it, and without an end where it takes in all beyond."""
    if one["from"] is None:
        return _("under %(to)s") % {"to": measure(one["to"], column)} if one["to"] is not None else _("all")
    start = measure(one["from"], column)
    if one["to"] is None:
        return _("%(from)s and over") % {"from": start}
    return _("%(from)s to under %(to)s") % {"from": start, "to": measure(one["to"], column)}
