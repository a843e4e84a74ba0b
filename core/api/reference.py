"""The OpenAPI document as people read it: by tool, with examples. Made once for each language, as the document is."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from core import tool
from core.api.api.schema import document
from core.api.engine import examples
from core.api.engine.operations import METHODS, ROOT, Operation, tree
from core.api.engine.schemas import REFERENCE
from core.api.permissions import ADMINISTRATOR

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

DEEPEST = 3
"""Levels of a schema that are shown inside each other."""


@dataclass(frozen=True)
class Entry:
    """An operation: how it is called, and what its page shows."""

    id: str
    operation: Operation
    python: str
    """Its name in the client of Python."""

    @property
    def method(self) -> str:
        return self.operation.method.upper()

    @property
    def path(self) -> str:
        return self.operation.path

    @property
    def steps(self) -> list[str]:
        """The path in the pieces between which a line may be broken."""
        return re.findall(r"/[^/]+(?:/$)?", self.path)

    @property
    def words(self) -> str:
        return str(self.operation.said.get("description", ""))

    @property
    def line(self) -> str:
        return self.words.strip().split("\n")[0]

    @property
    def is_safe(self) -> bool:
        return self.operation.method == "get"

    def has(self, words: list[str]) -> bool:
        text = f"{self.method} {self.path} {self.words} {self.python}".lower()
        return all(word in text for word in words)


@dataclass(frozen=True)
class Group:
    key: str
    label: _StrPromise | str
    icon: str
    entries: tuple[Entry, ...]


@functools.cache
def described(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document(language)[0])
    return found


@functools.cache
def entries(language: str) -> dict[str, Entry]:
    """Every operation by its id, in the order of the paths."""
    paths = described(language)["paths"]
    names = {
        (each.method, each.path): f"{place}.{name}"
        for head, root in tree(paths).items()
        for place, resource in root.places(head)
        for name, each in resource.operations.items()
    }
    found = [
        Operation(method, path, paths[path][method]) for path in paths for method in METHODS if method in paths[path]
    ]
    return {
        each.said["operationId"]: Entry(each.said["operationId"], each, names.get((each.method, each.path), ""))
        for each in found
    }


def groups(language: str, search: str = "") -> list[Group]:
    """By tool; the rest belongs to the portal. With words, only what has each of them."""
    words = search.lower().split()
    tools = {room.label: room for room in tool.rooms() if isinstance(room, tool.ToolConfig)}
    by_tool: dict[str, list[Entry]] = {"": [], **{label: [] for label in tools}}
    for entry in entries(language).values():
        if entry.has(words):
            head = entry.path.removeprefix(ROOT).split("/")[0]
            by_tool[head if head in tools else ""].append(entry)
    made = [Group("portal", _("The portal"), icon="home", entries=tuple(by_tool[""]))]
    made += [Group(label, room.label_, room.icon, tuple(by_tool[label])) for label, room in tools.items()]
    return [group for group in made if group.entries]


def page(language: str, entry: Entry, address: str) -> dict[str, Any]:
    """What the page of an operation shows."""
    schemas = described(language)["components"]["schemas"]
    operation, sent = entry.operation, None
    if operation.body:
        media, schema = operation.body
        sent = {"media": media, "fields": fields(schema, schemas), "example": examples.value(schema, schemas)}
        sent["text"] = json.dumps(sent["example"], indent=2, ensure_ascii=False)
        sent["is_form"] = media.startswith("multipart/")
    answers = [
        {"status": status, "media": media, "caption": f"{status} {media}", "fields": fields(said["schema"], schemas)}
        for status, content in operation.answers.items()
        for media, said in (content or {"": {"schema": {}}}).items()
    ]
    labels = {each.code: each for room in tool.rooms() for each in room.permissions}
    codes = operation.said.get("x-permissions", [])
    return {
        "entry": entry,
        "parameters": [parameter(each) for each in operation.said.get("parameters", ())],
        "sent": sent,
        "answers": answers,
        "permissions": [labels[code] for code in codes if code in labels],
        "for_administrators": ADMINISTRATOR in codes,
        "scope": "api:read" if entry.is_safe else "api",
        "in_person": any(labels[code].in_person for code in codes if code in labels),
        "examples": examples.of(operation, entry.python, address, sent["example"] if sent else None),
    }


def parameter(said: Mapping[str, Any]) -> dict[str, Any]:
    schema = said.get("schema", {})
    return {
        "name": said["name"],
        "place": said["in"],
        "required": said.get("required", False),
        "words": said.get("description", ""),
        "kind": kind_of(schema),
        "choices": schema.get("enum", []),
    }


def kind_of(schema: Mapping[str, Any]) -> str:
    """A schema in a word or two."""
    if reference := schema.get("$ref"):
        return str(reference).removeprefix(REFERENCE)
    for name in ("oneOf", "anyOf", "allOf"):
        if name in schema:
            return " | ".join(kind_of(each) for each in schema[name])
    kinds = schema.get("type", "")
    inner = f" of {kind_of(schema['items'])}" if "items" in schema else ""
    text = (" | ".join(kinds) if isinstance(kinds, list) else str(kinds)) + inner
    return f"{text} ({schema['format']})" if schema.get("format") else text


def fields(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> list[dict[str, Any]]:
    """The fields of a schema, and of what lies inside, each with its depth."""
    while reference := schema.get("$ref"):
        schema = schemas[str(reference).removeprefix(REFERENCE)]
    if schema.get("type") == "array":
        return fields(schema["items"], schemas, depth)
    found = []
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        words, one = str(inner.get("description", "")), inner.get("allOf", [inner])[0]
        found.append(
            {"name": name, "kind": kind_of(one), "required": name in required, "words": words, "depth": depth,
             "is_file": inner.get("format") == "binary"}
        )  # fmt: skip
        if depth < DEEPEST:
            found += fields(one, schemas, depth + 1)
    return found
