"""pyxform's tree as a list of questions, each with the groups and repeats that it stands in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RESERVED = "reserved_name_for_field_list_labels_"
CONTAINERS = frozenset({"group", "repeat", "loop"})


@dataclass
class Node:
    """A group or a repeat. `said` is what pyxform found out about it."""

    name: str
    kind: str
    said: Mapping[str, Any]
    column: str = ""
    """The label that a loop puts into the texts inside."""
    reserved: bool = False
    """A table whose header pyxform made."""


@dataclass
class Question:
    name: str
    said: Mapping[str, Any]
    path: tuple[Node, ...]


def questions(survey: Mapping[str, Any]) -> Iterator[Question]:
    """In their order. What pyxform adds of its own is left out."""
    children = survey.get("children", ())
    helpers = dict(counters(children))
    yield from walk(children, (), helpers)


def counters(children: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The calculations that pyxform adds for the number of rows of a repeat: their name and what they say."""
    known = {}
    for child in children:
        count = str(child.get("control", {}).get("jr:count", ""))
        name = count.removeprefix("${").removesuffix("}")
        if child.get("type") == "repeat" and name == f"{child.get('name')}_count" and name in known:
            yield name, known[name]
        if child.get("type") == "calculate":
            known[str(child.get("name"))] = str(child.get("bind", {}).get("calculate", ""))
        yield from counters(child.get("children", ()))


def walk(
    children: Sequence[Mapping[str, Any]], path: tuple[Node, ...], helpers: Mapping[str, str]
) -> Iterator[Question]:
    for child in children:
        name, kind = str(child.get("name", "")), str(child.get("type", ""))
        if name == "meta" and child.get("control", {}).get("bodyless"):
            continue
        if kind not in CONTAINERS:
            if not name.startswith(RESERVED) and name not in helpers:
                yield Question(name, child, path)
            continue
        said = dict(child)
        count = str(child.get("control", {}).get("jr:count", ""))
        if count:
            said["count"] = helpers.get(count.removeprefix("${").removesuffix("}"), count)
        inside: Sequence[Mapping[str, Any]] = child.get("children", ())
        reserved = any(str(each.get("name", "")).startswith(RESERVED) for each in inside)
        if reserved:
            inside = [without_label(each) for each in inside]
        node = Node(name, "repeat" if kind == "repeat" else "group", said, reserved=reserved)
        if kind != "loop":
            yield from walk(inside, (*path, node), helpers)
            continue
        for column in child.get("columns", ()):
            one = Node(str(column["name"]), "group", {"label": column.get("label", "")}, column=labelled(column))
            yield from walk(filled(inside, column), (*path, node, one), helpers)


def without_label(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """A line of a table that pyxform made one, as it was before."""
    control = said.get("control", {})
    if control.get("appearance") != "list-nolabel":
        return said
    return {**said, "control": {name: value for name, value in control.items() if name != "appearance"}}


def labelled(column: Mapping[str, Any]) -> str:
    label = column.get("label", "")
    return str(next(iter(label.values()), "") if isinstance(label, Mapping) else label)


def filled(children: Any, column: Mapping[str, Any]) -> Any:
    """The questions of a loop, with the name and the label of what it goes over put into their texts."""
    if isinstance(children, Mapping):
        return {name: filled_text(value, column) for name, value in children.items()}
    return [filled(child, column) for child in children]


def filled_text(value: Any, column: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return value.replace("%(label)s", labelled(column)).replace("%(name)s", str(column["name"]))
    if isinstance(value, Mapping):
        label = column.get("label", "")
        return {
            name: part.replace("%(label)s", str(label.get(name, labelled(column)) if isinstance(label, Mapping) else label))
            .replace("%(name)s", str(column["name"]))
            if isinstance(part, str)
            else filled_text(part, column)
            for name, part in value.items()
        }
    return [filled(part, column) for part in value] if isinstance(value, list) else value


def kept(node: Node, texts: Any) -> dict[str, Any]:
    """What a group is in its workbook, for an export that puts it back."""
    control = {name: value for name, value in node.said.get("control", {}).items() if name not in ("jr:count", "bodyless")}
    appearance = "table-list" if node.reserved else control.get("appearance", "")
    found: dict[str, Any] = {
        "name": node.name,
        "repeat": node.kind == "repeat",
        "label": texts(node.said.get("label")),
        "relevant": str(node.said.get("bind", {}).get("relevant", "")),
        "appearance": appearance,
        "count": str(node.said.get("count", "")),
    }
    return {name: value for name, value in found.items() if value or name == "name"}


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
