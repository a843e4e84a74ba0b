"""A definition as it is: JSON."""

from __future__ import annotations

import json
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.faults import Fault, Refused

DEEPEST = 200


def read(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    """What the file says; whether it is a definition is found out when it is loaded."""
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=said_once, parse_constant=refused)
    except UnicodeDecodeError:
        raise Refused([Fault("file", "not_utf8")]) from None
    except RecursionError:
        raise Refused([Fault("file", "too_deep", {"limit": DEEPEST})]) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refused([Fault(place, "not_json", {"detail": error.msg[:200]})]) from None
    except ValueError as error:
        raise Refused([Fault("file", "not_json", {"detail": str(error)[:200]})]) from None
    if not isinstance(data, dict) or not isinstance(data.get("title"), dict) or not data.get("languages"):
        raise Refused([Fault("file", "not_a_definition")])
    return data, []


def said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is said twice")
    return made


def refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def write(definition: Definition) -> tuple[bytes, list[Fault]]:
    return json.dumps(definition.data, ensure_ascii=False, indent=2).encode() + b"\n", []
