"""What a format can't say of a definition."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ecrf.engine.faults import Fault


class Losses:
    """Told by the place in the definition and the name of what is lost there."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, place: str, name: str, code: str = "not_in_format", **params: object) -> None:
        fault = Fault(place, code, {"name": place, "property": name, **params})
        if fault not in self.faults:
            self.faults.append(fault)

    def properties(self, place: str, part: Mapping[str, Any], carried: Collection[str]) -> None:
        """Every property of a part that the format has no word for."""
        for name, value in part.items():
            if name not in carried and value not in ({}, [], ""):
                self.add(f"{place}.{name}".lstrip("."), name)
