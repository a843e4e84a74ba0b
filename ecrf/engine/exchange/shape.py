"""Where a definition asks what: its events, the pages at each, what repeats, and the items of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ecrf.engine.definition import Definition


@dataclass(frozen=True)
class Asked:
    """An item, its page, and the key of the repeating group in which it stands, if it does."""

    spec: Mapping[str, Any]
    page: str
    group: str

    @property
    def key(self) -> str:
        return str(self.spec["key"])


class Shape:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.data: Mapping[str, Any] = definition.data

    @cached_property
    def events(self) -> Mapping[str, Mapping[str, Any]]:
        return {event["key"]: event for event in self.data.get("events", ())}

    @cached_property
    def arms(self) -> Mapping[str, Mapping[str, Any]]:
        return {arm["key"]: arm for arm in self.data.get("arms", ())}

    @cached_property
    def pages(self) -> Mapping[str, Mapping[str, Any]]:
        return {page["key"]: page for page in self.data["pages"]}

    @cached_property
    def asked(self) -> Mapping[str, Asked]:
        """Every item that holds a value, by its key."""
        return {
            item["key"]: Asked(item, page["key"], group.get("repeat", {}).get("key", ""))
            for page in self.data["pages"]
            for group in page["groups"]
            for item in group["items"]
            if item["type"] != "output"
        }

    @cached_property
    def by_page(self) -> Mapping[str, Sequence[Asked]]:
        return {key: [one for one in self.asked.values() if one.page == key] for key in self.pages}

    def pages_at(self, event: str) -> Sequence[str]:
        """The pages filled in at an event; without events, all."""
        return list(self.events[event]["pages"]) if event in self.events else [] if self.events else list(self.pages)

    def repeats(self, page: str, event: str) -> bool:
        """Whether a page is filled in as often as needed at this event."""
        here = self.events.get(event, {}).get("repeating_pages", ())
        return page in here or bool(self.pages[page].get("repeats"))

    def event_repeats(self, event: str) -> bool:
        return bool(self.events.get(event, {}).get("repeats"))

    @cached_property
    def anything_repeats(self) -> bool:
        return any(page.get("repeats") for page in self.pages.values()) or any(
            event.get("repeats") or event.get("repeating_pages") for event in self.events.values()
        )

    def single_pages(self, event: str) -> list[str]:
        """The pages that one entry of the event holds."""
        return [page for page in self.pages_at(event) if not self.repeats(page, event)]

    @cached_property
    def missing_codes(self) -> Mapping[str, Mapping[str, Any]]:
        return {one["code"]: one for one in self.data.get("missing_codes", ())}

    @cached_property
    def choices(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """The choices of each item that offers some, by code."""
        lists = self.data.get("lists", {})
        return {
            key: {one["code"]: one for one in found}
            for key, asked in self.asked.items()
            if (found := asked.spec.get("choices") or lists.get(asked.spec.get("list", ""), ()))
        }
