"""The form of a query's JSON, as JSON Schema (2020-12): anything else is refused before it is read."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from lowcode.engine.faults import Finding

TEXT_OPERATORS = ("equals", "differs", "one_of", "none_of", "contains", "starts_with", "ends_with")
ORDER_OPERATORS = ("equals", "differs", "less", "at_most", "more", "at_least", "between", "one_of", "none_of")
ANY_OPERATORS = ("missing", "present")
OPERATORS = tuple(dict.fromkeys((*TEXT_OPERATORS, *ORDER_OPERATORS, *ANY_OPERATORS)))
MEASURES = (
    "rows", "share", "distinct", "mean", "median", "minimum", "maximum", "sum", "deviation", "quantile", "spread",
    "missing",
)  # fmt: skip
TRUNCATIONS = ("year", "quarter", "month", "week", "day", "hour")
MAX_LIMIT = 10_000
MAX_DEPTH = 4

_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
_COLUMN = {"type": "string", "minLength": 1, "maxLength": 1000}
_SCALAR = {"type": ["string", "number", "boolean"], "maxLength": 1000}
_NUMBER = {"type": "number", "minimum": -1e15, "maximum": 1e15}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Query",
    **_object(
        ["source"],
        source=_object(
            ["dataset"],
            dataset={"type": "string", "minLength": 1, "maxLength": 200},
            version={"type": ["integer", "null"], "minimum": 1},
        ),
        where={"$ref": "#/$defs/group"},
        by={"type": "array", "maxItems": 4, "items": {"$ref": "#/$defs/key"}},
        measures={"type": "array", "maxItems": 12, "items": {"$ref": "#/$defs/measure"}},
        order={
            "type": "array",
            "maxItems": 8,
            "items": _object(["by"], by=_NAME, descending={"type": "boolean"}),
        },
        limit={"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
    ),
    "$defs": {
        "group": _object(
            ["match", "items"],
            match={"enum": ["all", "any", "none"]},
            items={"type": "array", "maxItems": 50, "items": {"$ref": "#/$defs/filter"}},
        ),
        "filter": {
            "type": "object",
            "if": {"required": ["match"]},
            "then": {"$ref": "#/$defs/group"},
            "else": {"$ref": "#/$defs/condition"},
        },
        "condition": _object(
            ["column", "is"],
            column=_COLUMN,
            **{"is": {"enum": list(OPERATORS)}},
            value=_SCALAR,
            values={"type": "array", "maxItems": 1000, "items": _SCALAR},
        ),
        "key": _object(
            ["column"],
            name=_NAME,
            column=_COLUMN,
            bin={
                **_object(
                    [],
                    width={"type": "number", "exclusiveMinimum": 0, "maximum": 1e15},
                    breaks={"type": "array", "minItems": 1, "maxItems": 50, "items": _NUMBER},
                ),
                "minProperties": 1,
                "maxProperties": 1,
            },
            truncate={"enum": list(TRUNCATIONS)},
            top={"type": "integer", "minimum": 1, "maximum": 100},
        ),
        "measure": _object(
            ["of"],
            name=_NAME,
            of={"enum": list(MEASURES)},
            column=_COLUMN,
            at={"type": "number", "minimum": 0, "maximum": 1},
        ),
    },
}
_VALIDATOR = Draft202012Validator(SCHEMA)


def faults_of_shape(raw: object) -> list[Finding]:
    """Where the JSON is not of a query's form: a missing part, an unknown one, a wrong type, a value out of bounds."""
    if _depth(raw) > 2 * MAX_DEPTH + 4:
        return [Finding("where", "too_deep", {"most": MAX_DEPTH})]
    found: list[Finding] = []
    for error in _VALIDATOR.iter_errors(raw):
        place = ".".join(str(part) for part in error.absolute_path)
        match str(error.validator):
            case "required":
                absent = [name for name in error.validator_value if name not in error.instance]
                found += [Finding(_join(place, name), "required") for name in absent]
            case "additionalProperties":
                extra = error.instance.keys() - error.schema["properties"].keys()
                found += [Finding(_join(place, str(name)), "unknown_part") for name in sorted(extra)]
            case "enum":
                found.append(Finding(place, "not_a_choice", {"choices": ", ".join(error.validator_value)}))
            case "type":
                found.append(Finding(place, "wrong_type"))
            case "pattern":
                found.append(Finding(place, "bad_name"))
            case _:
                found.append(Finding(place, "out_of_bounds"))
    return sorted(set_of(found), key=lambda finding: finding.place)


def set_of(found: list[Finding]) -> list[Finding]:
    """Each fault once: several rules may refuse the same thing."""
    return list({(finding.place, finding.code): finding for finding in found}.values())


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _depth(raw: object, depth: int = 0) -> int:
    """How deep the JSON nests, walked without recursion so that a hostile depth can't exhaust the stack."""
    deepest, waiting = depth, [(raw, depth)]
    while waiting:
        node, here = waiting.pop()
        deepest = max(deepest, here)
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting += [(child, here + 1) for child in children]
    return deepest
