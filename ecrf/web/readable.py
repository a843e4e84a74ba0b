"""Values as people read them: labels of choices, dates and numbers of the language, units."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.web.templatetags.web import when
from ecrf import engine
from ecrf.engine import moments

NBSP = "\N{NO-BREAK SPACE}"


def readable(definition: engine.Definition, item: engine.Item | None, value: Any, language: str) -> str:
    """One stored value in words; empty where there is none."""
    if value is None or value == []:
        return ""
    if item is None:
        return ", ".join(value) if isinstance(value, list) else str(value)
    if item.codes:
        codes = value if isinstance(value, list) else [value]
        labels = {code: definition.text(item.codes[code]["label"], language) for code in codes if code in item.codes}
        return ", ".join(labels.get(code) or str(code) for code in codes)
    if item.kind in ("integer", "decimal"):
        number = str(value).replace(".", ",") if language == "fr" else str(value)
        return f"{number}{NBSP}{item.spec['unit']}" if item.spec.get("unit") else number
    if item.kind == "date" and (day := moments.parse_date(str(value))):
        return when(day)
    if item.kind == "datetime" and (moment := moments.parse_datetime(str(value))):
        return when(moment, "second" if moment.second else "minute")
    return str(value)


def readable_pages(definition: engine.Definition, state: engine.Evaluated, language: str) -> list[dict[str, Any]]:
    """Every shown item of every page with its value, to be read where no script runs and printed."""
    return [
        {
            "title": definition.text(page.title, language),
            "lines": [
                {
                    "label": definition.text(item.spec["label"], language),
                    "value": readable(definition, item, state.values.get(item.key), language) or _("not answered"),
                }
                for item in page.items
                if item.key in state.visible and item.kind != "output" and not item.spec.get("hidden")
            ],
        }
        for page in definition.pages
    ]
