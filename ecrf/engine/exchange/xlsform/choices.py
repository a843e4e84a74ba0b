"""Lists of choices as rows of the choices sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecrf.engine.exchange.xlsform.lists import MEDIA, NAME

if TYPE_CHECKING:
    from ecrf.engine.exchange.xlsform.writing import Writer

CHOICE = frozenset({"code", "label", "attributes"})


class Lists:
    """Each list once: those that questions share, and one for each question with choices of its own."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        source = writer.data.get("source", {})
        self.names = {key: source.get(f"xlsform.list.{key}", key) for key in writer.data.get("lists", {})}
        self.found = {name: writer.data["lists"][key] for key, name in self.names.items()}
        for key, name in self.names.items():
            for number, choice in enumerate(self.found[name]):
                writer.losses.properties(f"lists.{key}.{number}", choice, CHOICE)

    @property
    def repeated(self) -> bool:
        return any(len({choice["code"] for choice in choices}) < len(choices) for choices in self.found.values())

    def name_of(self, place: str, item: Mapping[str, Any]) -> str:
        """The list that a question offers."""
        if "list" in item:
            return str(self.names[item["list"]])
        for number, choice in enumerate(item["choices"]):
            self.writer.losses.properties(f"{place}.choices.{number}", choice, CHOICE)
        alike = next((name for name, choices in self.found.items() if choices == item["choices"]), None)
        if alike is None:
            alike = item["key"]
            while alike in self.found:
                alike = f"{alike}_list"
            self.found[alike] = item["choices"]
        return alike

    def rows(self) -> list[dict[str, str]]:
        return [self.row(name, choice) for name, choices in self.found.items() for choice in choices]

    def row(self, name: str, choice: Mapping[str, Any]) -> dict[str, str]:
        attributes = dict(choice.get("attributes", {}))
        row = {"list_name": name, "name": attributes.pop(NAME, choice["code"])}
        row |= self.writer.texts("label", choice["label"])
        media = json.loads(attributes.pop(MEDIA, "{}"))
        row |= translated("media", media)
        return row | attributes


def translated(column: str, said: Any) -> dict[str, str]:
    """``{"image": {"English (en)": "a.png"}}`` as columns."""
    if isinstance(said, str):
        return {column: said}
    made: dict[str, str] = {}
    for name, value in said.items():
        made |= translated(column if name == "default" else f"{column}::{name}", value)
    return made
