"""From native text to a definition. The schema says what there may be; short forms are put into its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ecrf.engine.definition import SCHEMA, load
from ecrf.engine.exchange.native.formulas import formula
from ecrf.engine.exchange.native.shapes import KEYED, SHAPES
from ecrf.engine.exchange.native.tree import Node, parse
from ecrf.engine.exchange.native.words import CONDITIONS, SHORT, TYPES, YES_NO
from ecrf.engine.faults import Fault, Refused

DEFS: Mapping[str, Any] = SCHEMA["$defs"]
LANGUAGE = re.compile(DEFS["language"]["pattern"])
WHOLE = re.compile(r"-?[0-9]{1,15}")
FLAGS = {"true": True, "yes": True, "false": False, "no": False}


def read(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    """The data of the definition. Raises Refused with every fault, each with its line and column."""
    root = parse(content)
    if root.kind != "map":
        raise Refused([root.fault("wanted_map")])
    reader = Reader(root, language)
    data = reader.thing(root, SCHEMA, "")
    if reader.faults:
        raise Refused(reader.faults)
    data.setdefault("format", 1)
    data.setdefault("languages", [reader.language])
    try:
        load(data)
    except Refused as refused:
        raise Refused([reader.placed(fault) for fault in refused.faults]) from None
    return data, []


class Reader:
    def __init__(self, root: Node, language: str) -> None:
        self.faults: list[Fault] = []
        self.places: dict[str, Node] = {"": root}
        """Where each part of the definition stands."""
        said = root.get("languages")
        first = said.parts[0] if said and said.parts else said
        self.language = first.text if first and LANGUAGE.fullmatch(first.text) else language

    def placed(self, fault: Fault) -> Fault:
        """A fault of the definition, at the nearest part that stands in the text."""
        path = fault.place
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        node = self.places[path]
        params = {"line": node.line, "column": node.column, **fault.params}
        return Fault(node.place, fault.code, params)

    def wrong(self, node: Node, code: str, **params: object) -> None:
        self.faults.append(node.fault(code, **params))

    def value(self, node: Node, schema: Mapping[str, Any], path: str) -> Any:
        self.places[path] = node
        name = schema.get("$ref", "").rpartition("/")[2]
        if name == "text":
            return self.words(node, path)
        if name == "expression":
            return self.formula(node)
        if name:
            schema = DEFS[name]
        if node.empty:
            self.wrong(node, "value_empty")
            return None
        if "oneOf" in schema:
            return self.one_of(node, schema["oneOf"])
        if "const" in schema or "enum" in schema or schema.get("type") in ("string", "integer"):
            return self.scalar(node, schema)
        if schema.get("type") == "array":
            return self.several(node, schema, path)
        return self.thing(node, schema, path, name)

    def scalar(self, node: Node, schema: Mapping[str, Any]) -> Any:
        if node.kind != "text":
            self.wrong(node, "wanted_text")
        elif schema.get("const") is True or schema.get("const") is False:
            flag = FLAGS.get(node.text.lower())
            if flag is schema["const"]:
                return flag
            self.wrong(node, "wanted_flag", wanted=str(schema["const"]).lower())
        elif schema.get("type") == "integer" or isinstance(schema.get("const"), int):
            if WHOLE.fullmatch(node.text):
                return int(node.text)
            self.wrong(node, "wanted_whole")
        elif "enum" in schema and node.text not in schema["enum"]:
            self.wrong(node, "wanted_one_of", given=node.text[:40], wanted=", ".join(schema["enum"]))
        else:
            return node.text
        return None

    def one_of(self, node: Node, ways: list[Mapping[str, Any]]) -> Any:
        for way in ways:
            if way.get("const") is True and node.text.lower() == "true":
                return True
            if way.get("type") == "integer" and WHOLE.fullmatch(node.text):
                return int(node.text)
            if way.get("const") == node.text:
                return node.text
        return self.scalar(node, {"type": "string"})

    def words(self, node: Node, path: str) -> dict[str, str]:
        """A text in the first language, or a text per language."""
        if node.kind == "text":
            return {self.language: node.text if not node.empty else ""}
        if node.kind == "list":
            self.wrong(node, "wanted_words")
            return {}
        made = {}
        for key, value in node.pairs:
            self.places[f"{path}.{key.text}"] = value
            if not LANGUAGE.fullmatch(key.text):
                self.wrong(key, "not_a_language", name=key.text[:40])
            elif value.kind != "text":
                self.wrong(value, "wanted_text")
            else:
                made[key.text] = value.text
        return made

    def formula(self, node: Node, kind: str = "", codes: frozenset[str] = frozenset()) -> Any:
        if node.empty:
            self.wrong(node, "value_empty")
            return None
        found, faults = formula(node, kind, codes)
        self.faults += faults
        return found

    def several(self, node: Node, schema: Mapping[str, Any], path: str) -> list[Any]:
        inside = schema["items"]
        name = inside.get("$ref", "").rpartition("/")[2]
        if node.kind == "map" and name in KEYED:
            return [
                self.named(key, value, name, f"{path}.{number}") for number, (key, value) in enumerate(node.pairs)
            ]
        if node.kind == "text" and inside.get("type", DEFS.get(name, {}).get("type")) == "string":
            return [self.value(node, inside, f"{path}.0")]
        if node.kind != "list":
            self.wrong(node, "wanted_list")
            return []
        return [self.value(part, inside, f"{path}.{number}") for number, part in enumerate(node.parts)]

    def named(self, key: Node, node: Node, name: str, path: str) -> dict[str, Any]:
        """One of a mapping by key: ``visit: {…}``, or ``1: Yes`` where only its words are told."""
        self.places[path] = self.places[f"{path}.{KEYED[name]}"] = key
        only = SHAPES[name].words if name in SHAPES else ""
        made = {KEYED[name]: key.text}
        languages = node.kind == "map" and bool(node.pairs) and all(LANGUAGE.fullmatch(each) for each in node.names())
        if only and (node.kind == "text" or languages):
            return {**made, only: self.words(node, f"{path}.{only}")}
        return {**made, **self.thing(node, DEFS[name], path, name, given=frozenset(made), at=key)}

    def thing(
        self,
        node: Node,
        schema: Mapping[str, Any],
        path: str,
        name: str = "",
        *,
        given: frozenset[str] = frozenset(),
        at: Node | None = None,
    ) -> dict[str, Any]:
        if node.kind != "map":
            self.wrong(node, "wanted_map")
            return {}
        made: dict[str, Any] = {}
        known = schema.get("properties")
        for key, value in node.pairs:
            place = f"{path}.{key.text}".lstrip(".")
            if known is None:
                made[key.text] = self.value(value, schema["additionalProperties"], place)
                continue
            own = SHORT.get(key.text, key.text) if name != "" else key.text
            place = f"{path}.{own}".lstrip(".")
            if name == "page" and own == "items":
                made["groups"] = [{"items": self.value(value, DEFS["group"]["properties"]["items"], f"{path}.groups.0.items")}]
            elif own not in known or own in given or own in made:
                self.wrong(key, "unknown_property", name=key.text[:60], known=", ".join(sorted(known)))
            elif name == "item" and own in ("type", *CONDITIONS, "min", "max", "default"):
                self.places[place] = value
            else:
                made[own] = self.value(value, known[own], place)
        if name == "item":
            self.item(node, made, path)
        if name == "check":
            made.setdefault("severity", "block")
        return made

    def item(self, node: Node, made: dict[str, Any], path: str) -> None:
        """What depends on the type of the question."""
        word = node.get("type")
        if word is None:
            self.wrong(node, "type_missing", wanted=", ".join(sorted({*TYPES, *SHAPES["item"].types})))
        elif word.text in TYPES:
            made["type"], look = TYPES[word.text]
            if look:
                made.setdefault("look", look)
        elif word.text in SHAPES["item"].types:
            made["type"] = word.text
        else:
            known = ", ".join(sorted({*TYPES, *SHAPES["item"].types}))
            self.wrong(word, "wanted_one_of", given=word.text[:40], wanted=known)
        if made.get("look") == "yesno" and not made.keys() & {"choices", "list"}:
            languages = {self.language, "en", "fr"} if self.language not in ("en", "fr") else {self.language}
            made["choices"] = [
                {"code": code, "label": {name: label[name] for name in sorted(languages & label.keys())}}
                for code, label in YES_NO.items()
            ]
        codes = frozenset(str(choice.get("code")) for choice in made.get("choices", ()) if choice)
        for name in ("min", "max", "default"):
            if (value := node.get(name)) is not None:
                made[name] = self.formula(value, made.get("type", ""), codes)
        for name, conditional in CONDITIONS.items():
            if (value := node.get(name)) is None:
                continue
            if value.text.lower() not in FLAGS:
                self.places[f"{path}.{conditional}"] = value
                made[conditional] = self.formula(value)
            elif FLAGS[value.text.lower()]:
                made[name] = True
