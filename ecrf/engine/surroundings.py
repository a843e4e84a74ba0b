"""What lies around an entry that is evaluated: other events, copies of pages, the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.state import Context, Values
from ecrf.engine.values import Unreadable, read


def typed_values(definition: Definition, values: Values) -> dict[str, Any]:
    """What can be read of stored values, for expressions."""
    found: dict[str, Any] = {}
    for key, stored in values.items():
        item = definition.items.get(key)
        if item is None or item.repeat or item.kind == "output":
            continue
        try:
            value = read(item, stored)[1]
        except Unreadable:
            continue
        if value is not None:
            found[key] = value
    return found


def elsewhere(definition: Definition, context: Context) -> dict[str, dict[str, Any]]:
    """What other events hold of the items that expressions read there; null where it is asked and not answered."""
    names = {name for _, name in definition.read_elsewhere}
    found: dict[str, dict[str, Any]] = {}
    for key in definition.events if names else ():
        if key == context.event:
            continue
        asked = {item.key for page in definition.pages_of(key) for item in page.items}
        typed = typed_values(definition, context.others.get(key, {}))
        found[key] = {name: typed.get(name) for name in sorted(names & asked)}
    return found


def earlier(definition: Definition, context: Context) -> tuple[str, ...]:
    """The events before this one on the subject's way through the study, in their order."""
    keys = [key for key, event in definition.events.items() if event.is_of(context.arm)]
    return tuple(keys[: keys.index(context.event)]) if context.event in keys else ()


def is_retired(choice: Mapping[str, Any], today: date) -> bool:
    since = choice.get("retired")
    return since is True or (isinstance(since, str) and since <= today.isoformat())
