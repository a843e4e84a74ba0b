"""Whether one value of a resource matches a filter: for ``members[value eq "…"]`` in a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.scim.engine.filters import Among, Both, Compare, Either, Node, Not, Path, Present


def matches(node: Node, values: Mapping[str, Any]) -> bool:
    match node:
        case Both(left, right):
            return matches(left, values) and matches(right, values)
        case Either(left, right):
            return matches(left, values) or matches(right, values)
        case Not(inner):
            return not matches(inner, values)
        case Present(path):
            return any(value not in (None, "") for value in found(path, values))
        case Among(attribute, inner):
            several = found(Path(attribute), values)
            return any(isinstance(each, Mapping) and matches(inner, each) for each in several)
        case Compare(path, operator, wanted):
            if wanted is None:
                nothing = not found(path, values)
                return nothing if operator == "eq" else operator == "ne" and not nothing
            held = [compare(value, operator, wanted) for value in found(path, values)]
            return all(held) if operator == "ne" else any(held)
    raise AssertionError(node)


def found(path: Path, values: Mapping[str, Any]) -> list[Any]:
    """The values that a path leads to, whatever the case of its names."""
    reached: list[Any] = [values]
    for name in filter(None, (path.attribute, path.part)):
        below: list[Any] = []
        for value in reached:
            if isinstance(value, Mapping):
                below += [held for key, held in value.items() if key.lower() == name]
        reached = [each for value in below for each in (value if isinstance(value, list) else [value])]
    return reached


def compare(value: Any, operator: str, wanted: str | bool | int | float) -> bool:
    """Texts without regard to case, as all of ours that aren't identifiers are."""
    if isinstance(value, Mapping):
        value = next((held for key, held in value.items() if key.lower() == "value"), None)
    left: Any
    right: Any
    if isinstance(value, bool) or isinstance(wanted, bool) or isinstance(value, int | float):
        if type(value) is not type(wanted):
            return operator == "ne"
        left, right = value, wanted
    else:
        left, right = str(value).casefold(), str(wanted).casefold()
    match operator:
        case "eq":
            return bool(left == right)
        case "ne":
            return bool(left != right)
        case "gt":
            return bool(left > right)
        case "ge":
            return bool(left >= right)
        case "lt":
            return bool(left < right)
        case "le":
            return bool(left <= right)
    left, right = str(left), str(right)
    return bool({"co": right in left, "sw": left.startswith(right), "ew": left.endswith(right)}[operator])
