"""A form definition: canonical JSON, checked whole, hashed, compiled once. What loads can always be evaluated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ecrf.engine.expressions import compile_expression
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.items import Check, Group, Item
from ecrf.engine.soundness import choices_of, problems

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


@dataclass(frozen=True)
class Page:
    key: str
    title: Mapping[str, str]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Definition:
    data: dict[str, Any]
    hash: str
    pages: tuple[Page, ...]
    items: Mapping[str, Item]
    """In the order of the form."""
    order: tuple[Item, ...]
    """In the order of evaluation: what an item reads comes before it."""

    @property
    def languages(self) -> list[str]:
        return list(self.data["languages"])

    def text(self, texts: Mapping[str, str] | None, language: str) -> str:
        """A text in the reader's language, else in the form's first that has one."""
        return next((texts[name] for name in (language, *self.languages) if texts.get(name)), "") if texts else ""


def canonical(data: Mapping[str, Any]) -> str:
    """The one spelling of a definition: the same form has the same hash on every machine."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def load(data: Mapping[str, Any]) -> Definition:
    """Check and compile. Raises Refused with every fault, each with its path."""
    return _load(canonical(data))


@lru_cache(maxsize=64)
def _load(text: str) -> Definition:
    data = json.loads(text)
    faults = [
        Fault(".".join(map(str, error.absolute_path)), "schema", {"detail": error.message[:300]})
        for error in sorted(VALIDATOR.iter_errors(data), key=lambda error: list(map(str, error.absolute_path)))
    ]
    if faults:
        raise Refused(faults)
    faults, order = problems(data)
    if faults:
        raise Refused(faults)
    items = {item.key: item for item in compiled(data)}
    pages = tuple(
        Page(page["key"], page["title"], tuple(item for item in items.values() if item.page == page["key"]))
        for page in data["pages"]
    )
    return Definition(data, hashlib.sha256(text.encode()).hexdigest(), pages, items, tuple(items[key] for key in order))


def compiled(data: Mapping[str, Any]) -> Iterator[Item]:
    number = 0
    for page in data["pages"]:
        for spec in page["groups"]:
            conditions = tuple(compile_expression(part["visible_if"]) for part in (page, spec) if "visible_if" in part)
            group = Group(number, page["key"], spec, conditions)
            number += 1
            for item in spec["items"]:
                yield compiled_item(item, group, choices_of(item, data))


def compiled_item(spec: Mapping[str, Any], group: Group, choices: list[dict[str, Any]]) -> Item:
    run = {
        name: compile_expression(spec[name]) if name in spec else None
        for name in ("visible_if", "calc", "default", "min", "max")
    }
    return Item(
        key=spec["key"],
        kind=spec["type"],
        page=group.page,
        group=group,
        spec=spec,
        codes={choice["code"]: choice for choice in choices},
        condition=run["visible_if"],
        calc=run["calc"],
        default=run["default"],
        low=run["min"],
        high=run["max"],
        checks=tuple(
            Check(check["key"], compile_expression(check["holds"]), check["severity"], check["message"])
            for check in spec.get("checks", ())
        ),
    )
