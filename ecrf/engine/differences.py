"""What differs between two versions of a form, change by change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.difference import PAGE_PARTS, Difference


def of_study(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Title, languages, arms and events."""
    if before["title"] != after["title"]:
        yield Difference("title_changed", "", before["title"], after["title"])
    yield from (Difference("language_added", name) for name in after["languages"] if name not in before["languages"])
    yield from (Difference("language_removed", name) for name in before["languages"] if name not in after["languages"])
    for part, word in (("arms", "arm"), ("events", "event")):
        yield from of_rows(before.get(part, ()), after.get(part, ()), word)


def of_rows(before: Any, after: Any, word: str) -> Iterator[Difference]:
    old, new = ({row["key"]: row for row in rows} for rows in (before, after))
    for key, row in new.items():
        if key not in old:
            yield Difference(f"{word}_added", key, after=row["title"])
            continue
        for name in sorted({*old[key], *row} - {"key", "source"}):
            if old[key].get(name) != row.get(name):
                yield Difference(f"{word}_changed", key, old[key].get(name), row.get(name), name)
    yield from (Difference(f"{word}_removed", key, old[key]["title"]) for key in old if key not in new)


def of_pages(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = ({page["key"]: page for page in data["pages"]} for data in (before, after))
    for key, page in new.items():
        if key not in old:
            yield Difference("page_added", key, after=page["title"])
            continue
        for name, code in PAGE_PARTS.items():
            if old[key].get(name) != page.get(name):
                yield Difference(code, key, old[key].get(name), page.get(name))
    yield from (Difference("page_removed", key, old[key]["title"]) for key in old if key not in new)
