"""From a definition to native text: everything that it says, in the short forms where there is one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import yaml

from ecrf.engine.definition import SCHEMA, Definition
from ecrf.engine.exchange.native.formulas import BARE, text_of
from ecrf.engine.exchange.native.shapes import KEYED, SHAPES
from ecrf.engine.exchange.native.words import CONDITIONS, LONG, WORDS
from ecrf.engine.faults import Fault

DEFS: Mapping[str, Any] = SCHEMA["$defs"]
FIRST = ("title", "label", "description", "languages", "type")
WIDTH = 110
SHORT_TEXTS = 70


class Plain(str):
    """A number or a constant of a tree, which stands without quotes."""


class Quoted(str):
    """A text of a tree that would be something else without quotes."""


class Flow(list[Any]):
    """A list on one line."""


class Short(dict[str, str]):
    """A mapping on one line."""


class Emitter(yaml.emitter.Emitter, yaml.serializer.Serializer, yaml.representer.BaseRepresenter, yaml.resolver.BaseResolver):
    """Writes texts without quotes wherever they can stand so: whoever reads them takes ``Yes`` for a text too."""

    def __init__(self, stream: Any) -> None:
        yaml.emitter.Emitter.__init__(self, stream, width=WIDTH, allow_unicode=True)
        yaml.serializer.Serializer.__init__(self)
        yaml.representer.BaseRepresenter.__init__(self, sort_keys=False)
        yaml.resolver.BaseResolver.__init__(self)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def quoted(text: str) -> bool:
    return text in ("", "~", "null") or text != text.strip() or "\x85" in text


Emitter.add_representer(
    str,
    lambda emitter, text: emitter.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else '"' if quoted(text) else None
    ),
)
Emitter.add_representer(Plain, lambda emitter, text: emitter.represent_scalar("tag:yaml.org,2002:str", str(text)))
Emitter.add_representer(Quoted, lambda emitter, text: emitter.represent_scalar("tag:yaml.org,2002:str", str(text), style='"'))
Emitter.add_representer(dict, lambda emitter, data: emitter.represent_mapping("tag:yaml.org,2002:map", data.items()))
Emitter.add_representer(
    list, lambda emitter, data: emitter.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=False)
)
Emitter.add_representer(
    Short,
    lambda emitter, data: emitter.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True),
)
Emitter.add_representer(
    Flow, lambda emitter, data: emitter.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)


def write(definition: Definition) -> tuple[bytes, list[Fault]]:
    """Nothing is lost: what is read from it again is the same definition."""
    data = definition.data
    writer = Writer(data["languages"][0])
    said = writer.thing({name: value for name, value in data.items() if name != "format"}, SCHEMA)
    stream = io.StringIO()
    emitter = Emitter(stream)
    emitter.open()
    emitter.represent(said)
    emitter.close()
    return stream.getvalue().encode(), []


class Writer:
    def __init__(self, language: str) -> None:
        self.language = language

    def value(self, value: Any, schema: Mapping[str, Any]) -> Any:
        name = schema.get("$ref", "").rpartition("/")[2]
        if name == "text":
            return self.words(value)
        if name == "expression":
            return formula(value)
        if name:
            schema = DEFS[name]
        if schema.get("type") == "array":
            return self.several(value, schema)
        if schema.get("type") == "object":
            return self.thing(value, schema, name)
        return scalar(value)

    def words(self, texts: Mapping[str, str]) -> Any:
        if [*texts] == [self.language]:
            return texts[self.language]
        return Short(texts) if len("".join(texts.values())) < SHORT_TEXTS else dict(texts)

    def several(self, values: list[Any], schema: Mapping[str, Any]) -> Any:
        inside = schema["items"]
        name = inside.get("$ref", "").rpartition("/")[2]
        if name in KEYED:
            keys = [value[KEYED[name]] for value in values]
            if len({*keys}) == len(keys) and keys:
                return {value[KEYED[name]]: self.named(value, name) for value in values}
        if inside.get("type", DEFS.get(name, {}).get("type")) == "string":
            return Flow(values)
        return [self.value(value, inside) for value in values]

    def named(self, value: Mapping[str, Any], name: str) -> Any:
        rest = {each: part for each, part in value.items() if each != KEYED[name]}
        only = SHAPES[name].words if name in SHAPES else ""
        if only and [*rest] == [only] and rest[only]:
            return self.words(rest[only])
        return self.thing(rest, DEFS[name], name)

    def thing(self, value: Mapping[str, Any], schema: Mapping[str, Any], name: str = "") -> dict[str, Any]:
        known = schema.get("properties")
        if known is None:
            inside = schema["additionalProperties"]
            return {key: self.value(part, inside) for key, part in value.items()}
        order = [*(each for each in FIRST if each in value), *(each for each in known if each in value)]
        made: dict[str, Any] = {}
        for own in dict.fromkeys(order):
            made[LONG.get(own, own) if name else own] = self.value(value[own], known[own])
        if name == "item":
            self.item(value, made)
        elif name == "check" and value["severity"] == "block":
            del made["severity"]
        elif name == "page" and [[*group] for group in value["groups"]] == [["items"]]:
            made["items"] = made.pop("groups")[0]["items"]
        return made

    def item(self, value: Mapping[str, Any], made: dict[str, Any]) -> None:
        word = WORDS.get((value["type"], value.get("look", "")))
        if word:
            made["type"] = word
            made.pop("look", None)
        for name, conditional in CONDITIONS.items():
            condition = made.get(conditional)
            if name not in value and isinstance(condition, str) and condition not in ("true", "false"):
                made[name] = made.pop(conditional)


def scalar(value: Any) -> Any:
    if value is True or value is False:
        return Plain(str(value).lower())
    return Plain(value) if isinstance(value, int) else value


def formula(node: list[Any]) -> Any:
    """As people write it; as a tree where the language has no words for it."""
    text = text_of(node)
    return text if text is not None else flow(node)


def flow(node: Any) -> Any:
    if isinstance(node, list | tuple):
        return Flow([flow(part) for part in node])
    if isinstance(node, dict):
        return {key: flow(part) for key, part in node.items()}
    if isinstance(node, str):
        return Quoted(node) if BARE.fullmatch(node) else node
    return Plain("null") if node is None else scalar(node)
