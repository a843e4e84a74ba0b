"""The schema's values to JSON (camel case, nothing empty) and back."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def encode(value: Any) -> Any:
    """A JSON value; fields that hold their default are left out."""
    if value.__class__ in PLAIN:
        return value
    if isinstance(value, float):
        rounded = round(value, 6)
        return int(rounded) if rounded == int(rounded) else rounded
    if isinstance(value, (tuple, list)):
        return [encode(inner) for inner in value]
    if isinstance(value, dict):
        return {key: encode(inner) for key, inner in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        shown = {}
        for name, key, standing in _fields(type(value)):
            inner = getattr(value, name)
            if inner is not None and inner not in EMPTY and not (inner == standing and type(inner) is type(standing)):
                shown[key] = inner if inner.__class__ in PLAIN else encode(inner)
        return shown
    return value


PLAIN = frozenset({str, int, bool, type(None)})
EMPTY: tuple[Any, ...] = ((), {})


@lru_cache(maxsize=64)
def _fields(cls: Any) -> tuple[tuple[str, str, Any], ...]:
    """Of each field: its name, its name in JSON, and the value that is left out (a sequence is always written)."""
    return tuple((one.name, camel(one.name), None if one.name == "sequence" else one.default) for one in fields(cls))


@lru_cache(maxsize=64)
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def decode(cls: type[T], data: dict[str, Any]) -> T:
    """The value that `encode` wrote. Raises ValueError for what the schema doesn't know."""
    hints: dict[str, Any] = _hints(cls)  # type: ignore[arg-type]
    known = {camel(name): name for name in hints}
    if unknown := data.keys() - known.keys():
        raise ValueError(f"{cls.__name__} has no {', '.join(sorted(unknown))}")
    absent = {one.name: None for one in fields(cls) if one.default is MISSING and _may_be_none(hints[one.name])}  # type: ignore[arg-type]
    try:
        return cls(**absent | {known[key]: _value(hints[known[key]], inner) for key, inner in data.items()})
    except TypeError as error:
        raise ValueError(str(error)) from error


def _may_be_none(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def _value(hint: Any, data: Any) -> Any:
    if data is None:
        return None
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return _value(inner[0], data)
    if origin is tuple:
        args = typing.get_args(hint)
        if not isinstance(data, (list, tuple)):
            raise ValueError("a list is expected")
        return tuple(_value(args[0], one) for one in data)
    if origin is dict:
        return {key: tuple(pair) for key, pair in data.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        if not isinstance(data, dict):
            raise ValueError(f"{hint.__name__} is an object")
        return decode(hint, data)
    if hint is float and isinstance(data, (int, float)) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, hint):
        raise ValueError(f"{data!r} is not a {hint.__name__}")
    return data
