"""What a format can't say of a definition."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ecrf.engine.faults import Fault

PATH = re.compile(r"pages\.(?P<page>\d+)(?:\.groups\.(?P<group>\d+)(?:\.items\.(?P<item>\d+))?)?(?:\.(?P<rest>.*))?")


def key_at(place: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """The item or the page that a path in a definition is about, and the rest of the path."""
    found = PATH.fullmatch(place)
    if found is None:
        return "", place
    page = data["pages"][int(found["page"])]
    if found["item"] is None:
        return str(page["key"]), found["rest"] or ""
    item = page["groups"][int(found["group"])]["items"][int(found["item"])]
    return str(item["key"]), found["rest"] or ""


class Losses:
    """Told by the place in the definition and the name of what is lost there."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.faults: list[Fault] = []

    def add(self, place: str, name: str, code: str = "not_in_format", **params: object) -> None:
        fault = Fault(place, code, {"name": key_at(place, self.data)[0] or place, "property": name, **params})
        if fault not in self.faults:
            self.faults.append(fault)

    def properties(self, place: str, part: Mapping[str, Any], carried: Collection[str]) -> None:
        """Every property of a part that the format has no word for."""
        for name, value in part.items():
            if name not in carried and value not in ({}, [], ""):
                self.add(f"{place}.{name}".lstrip("."), name)
