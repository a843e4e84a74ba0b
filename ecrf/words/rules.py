"""The rules of data quality in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from ecrf import messages
from ecrf.engine.numbers import parse
from ecrf.words import quality as found_words
from ecrf.words.values import VALUES

BUILT_IN: Mapping[str, Any] = {
    "A": _("Blank values"),
    "B": _("Blank values of required fields"),
    "C": _("Values of the wrong type"),
    "D": _("Values out of range"),
    "E": _("Outliers"),
    "F": _("Values of fields that the answers hide"),
    "G": _("Codes that are no choices"),
    "H": _("Wrong results of calculations"),
    "I": _("Reasons for missing data"),
}
METHODS = [
    ("iqr", _("Tukey’s fences: beyond k times the distance between the quartiles")),
    ("mad", _("Beyond k scaled median absolute deviations")),
    ("sd", _("Beyond k standard deviations from the mean")),
]


def said(code: str, params: Mapping[str, Any]) -> Any:
    """What a finding says."""
    words = found_words.QUALITY if code in found_words.QUALITY else VALUES
    limits = {name: number_format(params[name]) for name in ("low", "high") if name in params}
    return messages.words(code, {**params, **limits}, of=words)


def spelt(value: float) -> str:
    """A limit that was computed, short enough to be read."""
    text = f"{value:.4g}" if abs(value) < 1e6 else f"{value:.0f}"
    return text if parse(text) is not None else f"{value:.0f}"
