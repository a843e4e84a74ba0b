"""What differs between two versions of the items of a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.difference import PARTS, Difference


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
