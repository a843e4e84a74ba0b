"""From one version of a form to the next: what was chosen stays readable, what changes for data that exist is said."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.soundness import walk


@dataclass(frozen=True)
class Difference:
    """One change: a code such as ``label_changed``, the key of what it is about, what was there and what is now."""

    code: str
    key: str
    before: Any = None
    after: Any = None
    detail: str = ""
    """The choice, check or language that it is about."""


@dataclass(frozen=True)
class Changes:
    """What a new version means for the data: items by key."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    retyped: tuple[str, ...]
    retired: tuple[str, ...]
    """``item: code``"""
    details: tuple[Difference, ...] = field(default=())
    """Every change, in the order of the new form."""

    @property
    def any(self) -> bool:
        return bool(self.details)


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


def carried_over(before: Definition, after: Definition) -> dict[str, Any]:
    """The new definition with the choices that the old one offered and it doesn't: retired, never dropped."""
    data = copy.deepcopy(after.data)
    for _, item in walk(data):
        old = before.items.get(item["key"])
        if old is None or old.kind != item["type"] or "choices" not in item:
            continue
        codes = {choice["code"] for choice in item["choices"]}
        item["choices"] += [{**choice, "retired": True} for code, choice in old.codes.items() if code not in codes]
    return data


def changes(before: Definition, after: Definition) -> Changes:
    """The difference, to be looked at before publishing."""
    shared = [key for key in after.items if key in before.items]
    return Changes(
        added=tuple(key for key in after.items if key not in before.items),
        removed=tuple(key for key in before.items if key not in after.items),
        retyped=tuple(key for key in shared if before.items[key].kind != after.items[key].kind),
        retired=tuple(
            f"{key}: {code}"
            for key in shared
            for code, choice in before.items[key].codes.items()
            if code not in after.items[key].codes and not choice.get("retired")
        ),
        details=(*of_study(before.data, after.data), *of_pages(before.data, after.data), *of_items(before, after)),
    )


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


def of_items(before: Definition, after: Definition) -> Iterator[Difference]:
    for key, item in after.items.items():
        old = before.items.get(key)
        if old is None:
            yield Difference("item_added", key, after=item.spec["label"])
            continue
        if old.kind != item.kind:
            yield Difference("item_retyped", key, old.kind, item.kind)
        if old.page != item.page:
            yield Difference("item_moved", key, old.page, item.page)
        for name, code in PARTS.items():
            if old.spec.get(name) != item.spec.get(name):
                yield Difference(code, key, old.spec.get(name), item.spec.get(name), name)
        yield from of_choices(key, old.codes, item.codes)
        yield from of_checks(key, old.spec.get("checks", ()), item.spec.get("checks", ()))
    yield from (
        Difference("item_removed", key, item.spec["label"])
        for key, item in before.items.items()
        if key not in after.items
    )


def of_choices(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for code, choice in after.items():
        old = before.get(code)
        if old is None:
            yield Difference("choice_added", key, after=choice["label"], detail=code)
            continue
        if old["label"] != choice["label"]:
            yield Difference("choice_relabelled", key, old["label"], choice["label"], code)
        if bool(old.get("retired")) != bool(choice.get("retired")):
            yield Difference(
                "choice_retired" if choice.get("retired") else "choice_back", key, choice["label"], detail=code
            )
    for code, choice in before.items():
        if code not in after and not choice.get("retired"):
            yield Difference("choice_retired", key, choice["label"], detail=code)


def of_checks(key: str, before: Any, after: Any) -> Iterator[Difference]:
    old, new = ({check["key"]: check for check in checks} for checks in (before, after))
    yield from (
        Difference("check_added", key, after=new[name]["message"], detail=name) for name in new if name not in old
    )
    yield from (Difference("check_removed", key, old[name]["message"], detail=name) for name in old if name not in new)
    for name in new:
        if name in old and old[name] != new[name]:
            yield Difference("check_changed", key, old[name], new[name], name)
