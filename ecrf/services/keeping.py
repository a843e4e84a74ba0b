"""What of an evaluated entry is stored, and how far its pages are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from core.errors import Fault
from ecrf import engine, messages
from ecrf.models import Entry
from ecrf.models.forms import reader_language


def known(definition: engine.Definition, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The stored values that this version of the form still asks for."""
    return {key: value for key, value in stored.items() if definition.holds(key)}


def page_of(definition: engine.Definition, key: str) -> str:
    """The page that asks for a value or rows, also for one that a script names by its path; empty for strangers."""
    if "/" in key:
        page = key.partition("/")[0]
        return page if any(one.key == page for one in definition.pages) else ""
    if key in definition.groups:
        return definition.groups[key].page
    return definition.items[key].page if key in definition.items else ""


def pages_of(definition: engine.Definition, places: Iterable[str]) -> set[str]:
    """The pages of values and notes, by their places."""
    return {page for place in places if (page := page_of(definition, place.partition("[")[0]))}


def page_states(
    definition: engine.Definition, state: engine.Evaluated, before: Mapping[str, Any], asked: Mapping[str, bool]
) -> tuple[dict[str, Any], list[Fault]]:
    """How far each page is. It is complete only while nothing is missing; where that is asked, every lack is named."""
    pages: dict[str, Any] = {}
    faults = [
        Fault(str(key)[:100], "unknown_page", messages.words("unknown_page", {}))
        for key in asked
        if key not in state.pages
    ]
    for key, page in state.pages.items():
        lacks = bool(page.missing or page.errors)
        wanted = asked.get(key, before.get(key, {}).get("complete", False))
        pages[key] = {**asdict(page), "complete": wanted and not lacks}
    for finding in (*state.missing, *state.errors):
        if asked.get(page_of(definition, finding.key)):
            message = messages.of_finding(finding, definition, reader_language())
            faults.append(Fault(finding.place, finding.code, message))
    return pages, faults


def worth_keeping(
    definition: engine.Definition, state: engine.Evaluated, pages: set[str], *, emptied: Collection[str] = ()
) -> dict[str, Any]:
    """What to store: defaults of the pages that somebody saw, and emptied fields whose default would come back."""
    kept: dict[str, Any] = {}
    for key, value in state.values.items():
        if key in definition.groups:
            if value:
                kept[key] = [{name: cell for name, cell in row.items() if cell is not None} for row in rows(value)]
            continue
        item = definition.items[key]
        if key in state.defaults and item.page not in pages:
            continue
        if value is not None or item.default is not None or key in emptied:
            kept[key] = value
    return kept


def rows(value: Any) -> list[dict[str, Any]]:
    return list(value)


def tags(state: engine.Evaluated, pages: Mapping[str, Any], entry: Entry | None, *, draft: bool) -> list[str]:
    """What lists show and filter by: that of the state, and whether it is a draft or locked."""
    found = list(state.tags)
    if draft or (entry and "draft" in entry.tags and not any(page["complete"] for page in pages.values())):
        found.append("draft")
    if entry and entry.locked_at:
        found.append("locked")
    return found


MISSING = object()


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What is now another, null where it is gone."""
    return {key: after.get(key) for key in {**before, **after} if before.get(key, MISSING) != after.get(key, MISSING)}
