"""Which attributes an answer shows: `attributes` and `excludedAttributes` (RFC 7644, section 3.9)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from core.scim.engine.errors import INVALID_VALUE, Fault
from core.scim.engine.filters import parse_path

ALWAYS = frozenset({"schemas", "id"})
MOST = 50


def names(text: str, schema: str) -> set[str]:
    """The paths of a list with commas, in lower case. Raises Fault."""
    listed = [part.strip() for part in text.split(",") if part.strip()]
    if len(listed) > MOST:
        raise Fault(INVALID_VALUE, f"At most {MOST} attributes.")
    return {parse_path(name, (schema,)).text for name in listed}


def show(resource: dict[str, Any], only: Collection[str], without: Collection[str]) -> dict[str, Any]:
    """The resource with what was asked for. `id` and `schemas` are always there."""
    if not only and not without:
        return resource
    shown: dict[str, Any] = {}
    for name, value in resource.items():
        key = name.lower()
        if key in ALWAYS or (only and key in only):
            shown[name] = value
        elif only:
            kept = _parts(value, key, lambda path: path in only)
            if kept not in (None, {}, []):
                shown[name] = kept
        elif key not in without:
            shown[name] = _parts(value, key, lambda path: path not in without) if _names_part(key, without) else value
    return shown


def _names_part(key: str, paths: Collection[str]) -> bool:
    return any(path.startswith(f"{key}.") for path in paths)


def _parts(value: Any, key: str, wanted: Any) -> Any:
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if wanted(f"{key}.{name.lower()}")}
    if isinstance(value, list):
        kept = [_parts(each, key, wanted) for each in value if isinstance(each, dict)]
        return [each for each in kept if each]
    return None
