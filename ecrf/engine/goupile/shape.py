"""The shape that an evaluated form must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHAPE: Mapping[str, type] = {
    "widgets": list,
    "variables": dict,
    "values": dict,
    "errors": list,
    "notes": dict,
    "following": dict,
    "tags": list,
    "notices": list,
    "counters": dict,
    "constraints": dict,
}


def well_formed(answer: Mapping[str, Any]) -> bool:
    """Whether the parts of an evaluated form have the shapes that its readers count on."""
    if not all(isinstance(answer.get(name), kind) for name, kind in SHAPE.items()):
        return False
    faults = all(isinstance(one, dict) and isinstance(one.get("path"), str) for one in answer["errors"])
    return (
        faults
        and tree_formed(answer["widgets"], 0)
        and all(isinstance(one, dict) for one in answer["variables"].values())
    )


def tree_formed(widgets: Any, depth: int) -> bool:
    return depth < 60 and all(
        isinstance(one, dict)
        and isinstance(one.get("type"), str)
        and isinstance(one.get("children", []), list)
        and tree_formed(one.get("children", []), depth + 1)
        for one in widgets
    )
