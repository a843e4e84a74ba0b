"""Values as people read them: labels of choices, dates and numbers of the language, units."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.web.templatetags.web import when
from ecrf import engine
from ecrf.engine import Sheet, moments

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
    if item.kind == "file" and str(value).startswith("sha256:"):
        return _("file %(digest)s") % {"digest": str(value)[7:15]}
    if item.kind == "partial_date":
        return str(value)
    if item.kind == "date" and (day := moments.parse_date(str(value))):
        return when(day)
    if item.kind == "datetime" and (moment := moments.parse_datetime(str(value))):
        return when(moment, "second" if moment.second else "minute")
    return str(value)


def readable_at(definition: engine.Definition, key: str, value: Any, language: str) -> str:
    """What is stored under a key in words: one value, or rows one under the other."""
    if key not in definition.groups:
        return readable(definition, definition.items.get(key), value, language)
    rows = value if isinstance(value, list) else []
    return "\n".join(
        ", ".join(
            f"{label(definition, name, language)}: {readable(definition, definition.items.get(name), cell, language)}"
            for name, cell in row.items()
            if cell not in (None, [])
        )
        for row in rows
    )


def label(definition: engine.Definition, key: str, language: str) -> str:
    item = definition.items.get(key)
    return (definition.text(item.spec["label"], language) if item else "") or key


def readable_pages(definition: engine.Definition, state: engine.Evaluated, language: str) -> list[dict[str, Any]]:
    """Every shown item of every page with its value, to be read where no script runs and printed."""
    return [
        {
            "title": definition.text(page.title, language),
            "lines": [line for group in page.groups for line in group_lines(definition, page, group, state, language)],
        }
        for page in definition.pages
        if page.key in state.pages
    ]


def group_lines(
    definition: engine.Definition, page: engine.Page, group: Any, state: engine.Evaluated, language: str
) -> list[dict[str, str]]:
    items = [
        item for item in page.items if item.group is group and item.kind != "output" and not item.spec.get("hidden")
    ]
    rows: Any = state.values.get(group.repeat) or [] if group.repeat else [state.values]
    found = []
    for number, row in enumerate(rows):
        before = f"{group.repeat}[{number}]." if group.repeat else ""
        for item in items:
            if f"{before}{item.key}" in state.visible:
                name = label(definition, item.key, language)
                said = readable(definition, item, row.get(item.key), language) or _("not answered")
                found.append({"label": f"{number + 1}. {name}" if group.repeat else name, "value": said})
    return found


def sheet_title(definition: engine.Definition, sheet: Sheet, language: str) -> str:
    """What a sheet is called: its event, and the number of a copy."""
    event = definition.events.get(sheet.event)
    words = [definition.text(event.title, language) or sheet.event] if event else []
    if sheet.page:
        words.append(f"{definition.text(definition.page(sheet.page).title, language) or sheet.page} {sheet.instance}")
    elif event is not None and event.spec.get("repeats"):
        words.append(str(sheet.instance))
    return " · ".join(words)
