"""The words of the native text that are shorter than what a definition says."""

from __future__ import annotations

TYPES: dict[str, tuple[str, str]] = {
    "number": ("decimal", ""),
    "whole": ("integer", ""),
    "slider": ("integer", "slider"),
    "vas": ("decimal", "vas"),
    "lines": ("text", "lines"),
    "pin": ("text", "pin"),
    "secret": ("text", "secret"),
    "yesno": ("choice", "yesno"),
    "radio": ("choice", "radio"),
    "buttons": ("choice", "buttons"),
    "dropdown": ("choice", "list"),
    "search": ("choice", "search"),
    "checkboxes": ("choices", ""),
    "image": ("file", "image"),
    "drawing": ("file", "drawing"),
    "signature": ("file", "signature"),
    "audio": ("file", "audio"),
    "video": ("file", "video"),
    "note": ("output", ""),
}
"""A word for `type` -> the type and the look that it stands for."""
WORDS = {pair: word for word, pair in TYPES.items() if pair[1] or word == "note"}
WORDS |= {("decimal", ""): "number", ("choices", ""): "checkboxes"}

SHORT = {"if": "visible_if", "check": "checks", "filter": "choice_filter"}
"""A short name of a property -> its own. `required` and `readonly` take a condition besides true."""
CONDITIONS = {"required": "required_if", "readonly": "readonly_if"}
LONG = {name: short for short, name in SHORT.items()}

YES_NO = {"1": {"en": "Yes", "fr": "Oui"}, "0": {"en": "No", "fr": "Non"}}
