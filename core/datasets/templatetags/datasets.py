"""Filters of the pages of datasets: values, types and origins as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import formats
from django.utils.translation import gettext as _

from core.datasets.engine.csv.detection import Detected, printable
from core.datasets.web.forms import TYPE_WORDS

register = template.Library()

SHOWN = 3
LONGEST = 200


@register.filter
def type_word(name: str) -> str:
    """A type in words; one that has none, as Arrow names it."""
    return str(TYPE_WORDS.get(name, name))


@register.filter
def cells(row: Sequence[Any], columns: Sequence[Mapping[str, Any]]) -> list[tuple[str, bool]]:
    """Each value as text, and whether it is a number."""
    return [(shown(value), column["type"] in ("integer", "number")) for value, column in zip(row, columns, strict=True)]


def shown(value: Any) -> str:
    """A value for people: nothing for a missing one, words for yes and no, dates and numbers of the language."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(value, "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, int | float):
        return formats.localize(value, use_l10n=True) if isinstance(value, int) else formats.number_format(value)
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@register.filter
def flat(value: Any) -> Iterator[tuple[str, Any]]:
    """A nested origin as lines: ``plan.dialect.delimiter``, and its value."""
    return _flat(value, "")


def _flat(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    items = value.items() if isinstance(value, Mapping) else enumerate(value, 1) if isinstance(value, list) else None
    if items is None:
        yield place, value
        return
    for name, inner in items:
        yield from _flat(inner, f"{place}.{name}" if place else str(name))


@register.filter
def values_of(preview: Detected, index: int) -> list[str]:
    """The first values of a column as they are written in the file."""
    found = [row[index] for row in preview.rows if index < len(row) and row[index]]
    return [printable(value[:40]) for value in found[:SHOWN]]
