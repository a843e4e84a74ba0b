"""Filters of the pages of datasets: values, types and origins as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import formats
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.datasets.engine.csv.detection import Detected, printable
from core.datasets.engine.dictionary.ucum import suggested
from core.datasets.web.bars import bars, measure, words
from core.datasets.web.forms import FIELD_WORDS, TYPE_WORDS

register = template.Library()

SHOWN = 3
LONGEST = 200


@register.filter
def type_word(name: str) -> str:
    """A type in words; one that has none, as Arrow names it."""
    return str(TYPE_WORDS.get(name, name))


@register.filter
def label_of(column: Mapping[str, Any]) -> str:
    """What a column is called in the reader's language; its name where nobody said."""
    english = (get_language() or "").startswith("en") and column.get("label_en")
    return str(english or column["label"] or column["name"])


@register.filter
def unit_hint(unit: str) -> str:
    """How UCUM writes a unit that isn't written so."""
    return suggested(unit)


@register.filter
def field_word(name: str) -> str:
    """A field of the dictionary in words."""
    return str(FIELD_WORDS[name])


@register.filter
def said(value: Any) -> str:
    """What a field of the dictionary says, as people write it."""
    if isinstance(value, Mapping):
        return "\n".join(f"{code} = {label}" for code, label in value.items())
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


WARNINGS = {
    "all_missing": gettext_lazy("Every value is missing."),
    "constant": gettext_lazy("There is only one value."),
    "too_much_memory": gettext_lazy("Counting this column needs more memory than it may take."),
    "looks_nir": gettext_lazy("These look like social security numbers (NIR, INS): nothing of them is shown."),
    "looks_email": gettext_lazy("These look like e-mail addresses: nothing of them is shown."),
    "looks_phone": gettext_lazy("These look like telephone numbers: nothing of them is shown."),
    "looks_ipp": gettext_lazy("These look like a hospital’s numbers of patients: nothing of them is shown."),
    "looks_some_nir": gettext_lazy("Some look like social security numbers (NIR, INS): nothing of them is shown."),
    "looks_some_email": gettext_lazy("Some look like e-mail addresses: nothing of them is shown."),
    "looks_some_phone": gettext_lazy("Some look like telephone numbers: nothing of them is shown."),
}
QUANTILES = {
    "0.05": gettext_lazy("5 %"),
    "0.25": gettext_lazy("1st quartile"),
    "0.5": gettext_lazy("Median"),
    "0.75": gettext_lazy("3rd quartile"),
    "0.95": gettext_lazy("95 %"),
}


@register.filter
def warning_word(code: str) -> str:
    return str(WARNINGS[code])


@register.filter
def quantile_word(at: str) -> str:
    return str(QUANTILES[at])


@register.filter
def unlocalized(value: float) -> str:
    """A number as SVG writes it, whatever the language."""
    return str(value)


@register.filter
def counted(count: int | None) -> str:
    """A count, or that it is hidden."""
    return words(count)


register.filter("value_shown", lambda value: shown(value))
register.filter("measure", measure)
register.filter("bars", bars)


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
    if isinstance(value, int):
        return formats.localize(value, use_l10n=True)
    if isinstance(value, float):
        return formats.number_format(float(f"{value:.15g}"))  # the digits that a double holds for sure, as Excel shows
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
