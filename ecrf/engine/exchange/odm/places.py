"""Where each value of a definition stands in ODM's data: OIDs of events, forms, groups and items, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.odm.splitting import ALL, Splitting, foreign_codes
from ecrf.engine.exchange.shape import Asked, Shape


class Places:
    """For one version: in 1.3 an item with several values is one item per choice."""

    def __init__(self, definition: Definition, splitting: Splitting) -> None:
        self.shape, self.splitting, self.study = Shape(definition), splitting, splitting.study

    @cached_property
    def events(self) -> Mapping[str, str]:
        """Event -> OID; the pages of a study without events stand under one."""
        oids = list(self.study.events)
        return dict(zip(self.shape.events, oids, strict=True)) if self.shape.events else {"": ALL}

    @cached_property
    def event_keys(self) -> Mapping[str, str]:
        return {oid: key for key, oid in self.events.items()}

    @cached_property
    def page_keys(self) -> Mapping[str, str]:
        return {oid: key for key, oid in self.splitting.forms.items()}

    @cached_property
    def groups(self) -> Mapping[str, Mapping[str, list[Asked]]]:
        """Page -> OID of a group -> its items, in order. Items of a repeating group say so themselves."""
        found: dict[str, dict[str, list[Asked]]] = {page: {} for page in self.shape.pages}
        for key, asked in self.shape.asked.items():
            oid, _ = self.splitting.places[asked.page, key]
            found[asked.page].setdefault(oid, []).append(asked)
        return found

    @cached_property
    def items(self) -> Mapping[tuple[str, str, str], tuple[str, str]]:
        """Page, group and item by OID -> the key, and the code where the item is a box."""
        found: dict[tuple[str, str, str], tuple[str, str]] = {}
        for (page, key), (group, item) in self.splitting.places.items():
            found[page, group, item] = (key, "")
            if first := self.shape.asked[key].spec.get("source", {}).get("odm.oid"):
                found.setdefault((page, group, first), (key, ""))
            asked = self.shape.asked[key]
            if asked.spec["type"] == "choices" and self.splitting.boxes:
                for use in self.study.groups[group].items:
                    box = self.study.items[use.oid].box
                    if box is not None and box[0] == key:
                        found[page, group, use.oid] = box
        return found

    @cached_property
    def boxes(self) -> Mapping[tuple[str, str], str]:
        """Key and code -> OID of the box."""
        return {box: item.oid for item in self.study.items.values() if (box := item.box) is not None}

    @cached_property
    def codes(self) -> Mapping[str, Mapping[str, str]]:
        """Key -> our code -> the code in the file, where they differ."""
        return {key: found for key, asked in self.shape.asked.items() if (found := foreign_codes(asked.spec))}

    @cached_property
    def own_codes(self) -> Mapping[str, Mapping[str, str]]:
        return {key: {theirs: ours for ours, theirs in found.items()} for key, found in self.codes.items()}
