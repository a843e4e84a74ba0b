"""One change between two versions of a form, and what the change of each part is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One change: a code such as ``label_changed``, the key of what it is about, what was there and what is now."""

    code: str
    key: str
    before: Any = None
    after: Any = None
    detail: str = ""
    """The choice, check or language that it is about."""


PARTS = {
    "label": "label_changed",
    "help": "help_changed",
    "unit": "unit_changed",
    "required": "required_changed",
    "required_if": "required_changed",
    "visible_if": "condition_changed",
    "calc": "calc_changed",
    "default": "default_changed",
    "min": "limits_changed",
    "max": "limits_changed",
    "range": "limits_changed",
    "max_length": "limits_changed",
    "decimals": "limits_changed",
    "format": "format_changed",
    "pattern": "format_changed",
    "identifier": "identifier_changed",
    "readonly": "readonly_changed",
    "readonly_if": "readonly_changed",
    "hidden": "hidden_changed",
    "choice_filter": "filter_changed",
    "look": "look_changed",
}
PAGE_PARTS = {"title": "page_renamed", "visible_if": "condition_changed", "repeats": "page_repeats_changed"}
PAGE_PARTS |= {"consent": "consent_changed"}
