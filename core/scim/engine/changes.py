"""PATCH (RFC 7644, section 3.5.2): add, replace and remove, with paths and filters of values, on a resource as a dict.

The caller takes the result as a PUT would bring it. Names are found whatever their case; what a schema doesn't know is
refused where it is named by a path, and left out where it comes with a whole resource.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from core.scim.engine import filters, schemas
from core.scim.engine.errors import INVALID_PATH, INVALID_SYNTAX, INVALID_VALUE, MUTABILITY, NO_TARGET, TOO_MANY, Fault
from core.scim.engine.matching import matches

MOST = 1000
"""Operations in one message."""
PATH = re.compile(r"(?P<attribute>[\w.:$-]+?)(?:\[(?P<filter>.*)\])?(?:\.(?P<part>[\w$-]+))?")


def apply(schema: str, resource: Mapping[str, Any], message: Any) -> dict[str, Any]:
    """The resource after all operations of a message, or none of them. Raises Fault."""
    said = {str(key).lower(): value for key, value in message.items()} if isinstance(message, Mapping) else {}
    operations = said.get("operations")
    if not schemas.declares(message, schemas.PATCH):
        raise Fault(INVALID_SYNTAX, f"The message isn't one of the schema {schemas.PATCH}.")
    if not isinstance(operations, list) or not operations:
        raise Fault(INVALID_SYNTAX, "“Operations” is a list of at least one operation.")
    if len(operations) > MOST:
        raise Fault(TOO_MANY, f"At most {MOST} operations at once.")
    changed = copy.deepcopy(dict(resource))
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise Fault(INVALID_SYNTAX, "Each operation is an object.")
        told = {str(key).lower(): value for key, value in operation.items()}
        verb = str(told.get("op", "")).lower()
        if verb not in ("add", "replace", "remove"):
            raise Fault(INVALID_SYNTAX, "“op” is add, replace or remove.")
        path = told.get("path")
        if path is not None and not isinstance(path, str):
            raise Fault(INVALID_PATH, "“path” is a text.")
        if verb != "remove" and "value" not in told:
            raise Fault(INVALID_VALUE, f"“{verb}” needs a value.")
        _operate(schema, changed, verb, path, told.get("value"))
    return changed


def _operate(schema: str, resource: dict[str, Any], verb: str, path: str | None, value: Any) -> None:
    if not path:
        if verb == "remove":
            raise Fault(NO_TARGET, "“remove” needs a path.")
        if not isinstance(value, Mapping):
            raise Fault(INVALID_VALUE, "Without a path the value is an object.")
        for name, each in value.items():
            if _is_known(schema, str(name)):
                _operate(schema, resource, verb, str(name), each)
        return
    attribute, node, part = _read_path(schema, path)
    _refuse_read_only(attribute, part)
    name = attribute["name"]
    if attribute["multiValued"]:
        resource[name] = _several(attribute, resource.get(name) or [], verb, node, part, value)
    elif attribute["type"] == "complex":
        resource[name] = _one(attribute, dict(resource.get(name) or {}), verb, part, value)
    else:
        resource[name] = None if verb == "remove" else value
    if resource[name] in (None, [], {}):
        resource.pop(name)


def _read_path(schema: str, path: str) -> tuple[dict[str, Any], filters.Node | None, dict[str, Any] | None]:
    """The attribute, the filter of its values and the part that a path names. Raises Fault `invalidPath`."""
    text = path
    if len(text) > filters.LONGEST:
        raise Fault(INVALID_PATH, "The path is too long.")
    if text.lower().startswith(f"{schema.lower()}:"):
        text = text[len(schema) + 1 :]
    found = PATH.fullmatch(text)
    if found is None:
        raise Fault(INVALID_PATH, f"“{path[:60]}” isn't a path.")
    head, _dot, rest = found["attribute"].partition(".")
    attribute = schemas.known(schema).get(head.lower())
    part_name = (found["part"] or rest).lower()
    if attribute is None or (found["part"] and rest):
        raise Fault(INVALID_PATH, f"“{path[:60]}” isn't an attribute of it.")
    part = schemas.parts(attribute).get(part_name) if part_name else None
    if part_name and part is None:
        raise Fault(INVALID_PATH, f"“{path[:60]}” isn't an attribute of it.")
    if found["filter"] is None:
        return attribute, None, part
    if not attribute["multiValued"]:
        raise Fault(INVALID_PATH, f"“{attribute['name']}” has one value only.")
    return attribute, filters.parse(found["filter"]), part


def _is_known(schema: str, name: str) -> bool:
    """What comes beside, of a schema that isn't ours, is left out."""
    if name.lower().startswith(f"{schema.lower()}:"):
        name = name[len(schema) + 1 :]
    head = name.partition(".")[0].partition("[")[0].lower()
    known = schemas.known(schema).get(head)
    return known is not None and head != "schemas" and known["mutability"] != "readOnly"


def _refuse_read_only(attribute: dict[str, Any], part: dict[str, Any] | None) -> None:
    whole, its_part = attribute["mutability"] == "readOnly", part is not None and _is_ours(part)
    if whole or its_part or attribute["name"] == "schemas":
        raise Fault(MUTABILITY, f"“{attribute['name']}” isn't changed by a directory.")


def _one(attribute: dict[str, Any], held: dict[str, Any], verb: str, part: dict[str, Any] | None, value: Any) -> Any:
    if part is not None:
        if verb == "remove":
            held.pop(part["name"], None)
        else:
            held[part["name"]] = value
        return held
    if verb == "remove":
        return None
    if not isinstance(value, Mapping):
        raise Fault(INVALID_VALUE, f"“{attribute['name']}” is an object.")
    return {**held, **_named(attribute, value)}


def _several(
    attribute: dict[str, Any],
    held: list[dict[str, Any]],
    verb: str,
    node: filters.Node | None,
    part: dict[str, Any] | None,
    value: Any,
) -> list[dict[str, Any]]:
    if node is None and part is None:
        if verb == "remove":
            return _without(attribute, held, value) if value is not None else []
        given = [_as_value(attribute, each) for each in (value if isinstance(value, list) else [value])]
        return given if verb == "replace" else _with(held, given)
    chosen = [each for each in held if node is None or matches(node, each)]
    if not chosen and verb != "add":
        raise Fault(NO_TARGET, f"No value of “{attribute['name']}” is meant by this path.")
    if verb == "remove" and part is None:
        return [each for each in held if each not in chosen]
    if not chosen:  # «add» to a value that isn't there yet, as some directories do for the first address
        chosen = [{}]
        held = [*held, *chosen]
    for each in chosen:
        if part is None:
            each.update(_as_value(attribute, value))
        elif verb == "remove":
            each.pop(part["name"], None)
        else:
            each[part["name"]] = value
    return held


def _with(held: list[dict[str, Any]], given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A value that is there already isn't added again."""
    there = {str(each.get("value")) for each in held}
    fresh = {str(each.get("value")): each for each in given if str(each.get("value")) not in there}
    return [*held, *fresh.values()]


def _without(attribute: dict[str, Any], held: list[dict[str, Any]], value: Any) -> list[dict[str, Any]]:
    """Some directories name what they remove by values instead of by a filter."""
    given = [_as_value(attribute, each) for each in (value if isinstance(value, list) else [value])]
    gone = {str(each.get("value")) for each in given}
    return [each for each in held if str(each.get("value")) not in gone]


def _as_value(attribute: dict[str, Any], value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"value": value}
    if not isinstance(value, Mapping):
        raise Fault(INVALID_VALUE, f"The values of “{attribute['name']}” are objects.")
    return _named(attribute, value)


def _named(attribute: dict[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that are known, under their proper names."""
    parts = schemas.parts(attribute)
    return {
        parts[str(name).lower()]["name"]: each
        for name, each in value.items()
        if str(name).lower() in parts and not _is_ours(parts[str(name).lower()])
    }


def _is_ours(part: dict[str, Any]) -> bool:
    return bool(part["mutability"] == "readOnly")


def tidy(schema: str, message: Any) -> dict[str, Any]:
    """A whole resource as it was sent: the attributes that are known and may be changed, under their proper names."""
    if not isinstance(message, Mapping):
        raise Fault(INVALID_SYNTAX, "The message is a JSON object.")
    if not schemas.declares(message, schema):
        raise Fault(INVALID_SYNTAX, f"The message isn't one of the schema {schema}.")
    tidied: dict[str, Any] = {}
    for name, value in message.items():
        if _is_known(schema, str(name)) and value not in (None, [], {}) and "." not in str(name):
            _operate(schema, tidied, "replace", str(name), value)
    return tidied
