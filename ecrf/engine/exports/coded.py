"""What texts were coded as, as questions of their own behind the texts: each format tells codes as it tells values."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ecrf.engine.coding import coded_items
from ecrf.engine.definition import Definition, load
from ecrf.engine.exchange.records import Code, Record

PARTS = ("code", "term", "path")
WORDS = {"fr": {"code": "code", "term": "terme", "path": "rattachement"}}
LONGEST = 100
"""Signs of a key."""
Names = Mapping[str, Mapping[str, str]]
"""Coded item -> part -> the key of the question that tells it."""


def names(definition: Definition, ranked: Collection[str]) -> Names:
    """``term__code`` and ``term__term``; ``term__path`` too where the terms of the dictionary belong to something."""
    taken = {key.lower() for key in (*definition.items, *definition.groups, *(page.key for page in definition.pages))}

    def free(item: str, part: str) -> str:
        tail, number = f"__{part}", 2
        while (name := item[: LONGEST - len(tail)] + tail).lower() in taken:
            tail, number = f"__{part}_{number}", number + 1
        taken.add(name.lower())
        return name

    return {
        item: {part: free(item, part) for part in PARTS if part != "path" or dictionary in ranked}
        for item, dictionary in coded_items(definition).items()
    }


def with_codes(definition: Definition, names: Names) -> Definition:
    """The form with these questions behind the texts that they are about."""
    if not names:
        return definition
    data = json.loads(json.dumps(definition.data))
    for page in data["pages"]:
        for group in page["groups"]:
            group["items"] = [
                one for item in group["items"] for one in (item, *questions(item, names.get(item["key"], {})))
            ]
    return load(data)


def questions(item: Mapping[str, Any], own: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for part, key in own.items():
        label = {
            language: f"{text} ({WORDS.get(language, {}).get(part, part)})" for language, text in item["label"].items()
        }
        found: dict[str, Any] = {"key": key, "type": "text", "label": label, "annotate": False}
        if item.get("identifier"):
            found["identifier"] = True
        yield found


def tell(record: Record, names: Names) -> None:
    """Put a record's codes among its values, where there are questions for them."""
    for place, code in record.codes.items():
        row, _, item = place.rpartition(".")
        values = record.values
        if row:
            group, _, number = row.removesuffix("]").partition("[")
            values = record.values[group][int(number)]
        said = {"code": code.code, "term": code.label, "path": path(code)}
        values |= {key: said[part] for part, key in names.get(item, {}).items() if said[part]}


def path(code: Code) -> str:
    """``G1 General disorders > G12 Fevers``, the highest first."""
    return " > ".join(" ".join(filter(None, step)) for step in code.path)
