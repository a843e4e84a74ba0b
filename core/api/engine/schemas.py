"""The schemas of an OpenAPI document as Python types: answers as pydantic models, what is sent as TypedDicts."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
ANSWERED = {"date-time": "datetime", "date": "date", "uuid": "UUID", "binary": "bytes"}
SENT = {"date-time": "datetime | str", "date": "date | str", "uuid": "UUID | str", "binary": "File"}
"""What a program may give: a text is taken as well."""
TAKEN = frozenset({"copy", "json", "schema", "dict", "construct", "validate", "register", "etag", "fields"})
"""Names that pydantic's models have themselves."""
REFERENCE = "#/components/schemas/"


def type_of(schema: Schema, *, sent: bool) -> str:
    """The annotation of a value. Of a choice that is answered, values that come later are taken too."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    found = choice_of(schema, sent=sent) if {"oneOf", "anyOf", "allOf"} & schema.keys() else plain(schema, sent=sent)
    return f"{found} | None" if schema.get("nullable") and "None" not in found else found


def choice_of(schema: Schema, *, sent: bool) -> str:
    kinds = [type_of(each, sent=sent) for name in ("oneOf", "anyOf", "allOf") for each in schema.get(name, ())]
    return " | ".join(dict.fromkeys(kinds))


def plain(schema: Schema, *, sent: bool) -> str:
    if "enum" in schema:
        values = ", ".join(repr(value) for value in schema["enum"] if value is not None)
        return f"Literal[{values}]" if sent and values else "str"
    kinds = schema.get("type", [])
    found = [one(schema, kind, sent=sent) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " | ".join(found) or "Any"


def one(schema: Schema, kind: str, *, sent: bool) -> str:
    if kind == "array":
        inner = type_of(schema.get("items", {}), sent=sent)
        return f"Sequence[{inner}]" if sent else f"list[{inner}]"
    if kind == "object":
        inside = schema.get("additionalProperties")
        inner = type_of(inside, sent=sent) if isinstance(inside, Mapping) else "Any"
        return f"Mapping[str, {inner}]" if sent else f"dict[str, {inner}]"
    return PLAIN[kind] if kind == "null" else (SENT if sent else ANSWERED).get(str(schema.get("format")), PLAIN[kind])


def references(schema: Any) -> Iterator[str]:
    """The names of all schemas that this one speaks of itself."""
    if isinstance(schema, Mapping):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.removeprefix(REFERENCE)
        for inner in schema.values():
            yield from references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from references(inner)


def closed(names: Collection[str], schemas: Mapping[str, Schema]) -> set[str]:
    """These schemas and all that they need."""
    found, open_ = set[str](), list(names)
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += references(schemas[name])
    return found


def in_order(names: Collection[str], schemas: Mapping[str, Schema]) -> list[str]:
    """Each after those that it needs."""
    done: list[str] = []

    def visit(name: str, above: frozenset[str]) -> None:
        if name in done or name in above or name not in names:
            return
        for inner in sorted(set(references(schemas[name]))):
            visit(inner, above | {name})
        done.append(name)

    for name in sorted(names):
        visit(name, frozenset())
    return done


def definition(name: str, schema: Schema, *, sent: bool) -> str:
    """A schema as a class, or as another name of a plain type."""
    if schema.get("type") != "object" or "properties" not in schema:
        return f"{name} = {type_of(schema, sent=sent)}\n"
    required = set(schema.get("required", ()))
    said = docstring(schema.get("description", ""))
    lines = [f"class {name}({'TypedDict' if sent else 'Model'}):", *([f"    {said}", ""] if said else [])]
    for field, inner in schema["properties"].items():
        if sent and inner.get("readOnly"):
            continue
        lines.append("    " + member(field, inner, required=field in required, sent=sent))
        if help_ := docstring(inner.get("description", "")):
            lines.append(f"    {help_}")
    return "\n".join([*lines, *([] if len(lines) > 1 else ["    pass"]), ""])


def member(name: str, schema: Schema, *, required: bool, sent: bool) -> str:
    kind = type_of(schema, sent=sent)
    if sent:
        return f"{name}: {kind if required else f'NotRequired[{kind}]'}"
    optional = kind if required or "None" in kind else f"{kind} | None"
    if safe(name) == name and name not in TAKEN:
        return f"{name}: {optional}" + ("" if required else " = None")
    default = "" if required else "default=None, "
    return f'{safe(name).rstrip("_")}_: {optional} = Field({default}alias="{name}")'


def safe(name: str) -> str:
    """A name that Python takes."""
    plain_ = re.sub(r"\W", "_", name)
    return f"{plain_}_" if keyword.iskeyword(plain_) else plain_


def docstring(text: str) -> str:
    """The words about something, as one line or paragraphs; lists of choices are told by the type."""
    words = "\n".join(line for line in str(text).split("\n") if not line.startswith("* ")).strip()
    words = words.replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{words}{" " if words.endswith(chr(34)) else ""}"""' if words else ""
