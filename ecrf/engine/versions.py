"""From one version of a form to the next: what was chosen stays readable, what changes for data that exist is said."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.difference import Difference
from ecrf.engine.differences import of_pages, of_study
from ecrf.engine.item_differences import of_items
from ecrf.engine.soundness import walk


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
