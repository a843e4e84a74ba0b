"""The fields of a definition as rows that a person can read: type, choices, limits, conditions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecrf import engine
from ecrf.engine.expressions.native import write_native as write

KINDS = {
    "text": gettext_lazy("Text"),
    "integer": gettext_lazy("Whole number"),
    "decimal": gettext_lazy("Number"),
    "date": gettext_lazy("Date"),
    "partial_date": gettext_lazy("Date, perhaps without its day"),
    "datetime": gettext_lazy("Date and time"),
    "time": gettext_lazy("Time"),
    "choice": gettext_lazy("One choice"),
    "choices": gettext_lazy("Several choices"),
    "file": gettext_lazy("File"),
    "output": gettext_lazy("Text shown"),
}


def field_rows(definition: engine.Definition, language: str) -> list[dict[str, Any]]:
    """Each page with the rows of its items."""
    return [
        {
            "title": definition.text(page.title, language),
            "items": [row(definition, item, language) for item in page.items],
        }
        for page in definition.pages
    ]


def row(definition: engine.Definition, item: engine.Item, language: str) -> dict[str, Any]:
    spec = item.spec
    limits = [f"{sign} {write(spec[name])}" for name, sign in (("min", "≥"), ("max", "≤")) if name in spec]
    return {
        "key": item.key,
        "label": definition.text(spec["label"], language),
        "kind": _("Calculation") if item.calc else KINDS[item.kind],
        "unit": spec.get("unit", ""),
        "choices": [(code, definition.text(choice["label"], language)) for code, choice in item.codes.items()],
        "limits": ", ".join(limits),
        "required": bool(spec.get("required")),
        "identifier": bool(spec.get("identifier")),
        "condition": write(spec["visible_if"]) if "visible_if" in spec else "",
        "calc": write(spec["calc"]) if "calc" in spec else "",
        "unconverted": spec.get("unconverted", ()),
    }
