"""What REDCap calls the arms and events of a definition: an event belongs to one arm there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ecrf.engine.values import EXPRESSION_TYPES


def arm_numbers(data: Mapping[str, Any]) -> dict[str, str]:
    """Arm -> its number; one without a name where the study has none."""
    return {
        arm["key"]: arm.get("source", {}).get("redcap.number") or str(number)
        for number, arm in enumerate(data.get("arms", ()), start=1)
    } or {"": "1"}


def event_names(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Event -> arm -> its unique name."""
    numbers = arm_numbers(data)
    found: dict[str, dict[str, str]] = {}
    for event in data.get("events", ()):
        own = event.get("source", {}).get("redcap.event")
        arms = event.get("arms") or list(numbers)
        found[event["key"]] = {
            arm: own if own and len(arms) == 1 else f"{event['key'].lower()}_arm_{numbers[arm]}" for arm in arms
        }
    return found


def items(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [item for page in data["pages"] for group in page["groups"] for item in group["items"]]


@dataclass(frozen=True)
class Names:
    """What the logic of a definition speaks of."""

    data: Mapping[str, Any]

    @cached_property
    def choices(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The choices of each item that has some, its own or those of a shared list."""
        lists = self.data.get("lists", {})
        return {
            item["key"]: item.get("choices") or lists.get(item.get("list", ""), ())
            for item in items(self.data)
            if item["type"] in ("choice", "choices")
        }

    @cached_property
    def codes(self) -> Mapping[str, list[str]]:
        return {key: [one["code"] for one in found] for key, found in self.choices.items()}

    @cached_property
    def types(self) -> Mapping[str, str]:
        return {item["key"]: EXPRESSION_TYPES.get(item["type"], "text") for item in items(self.data)}

    @cached_property
    def events(self) -> Mapping[str, str]:
        """Where an event is in several arms, the name that it has in the first."""
        return {event: next(iter(names.values())) for event, names in event_names(self.data).items()}
