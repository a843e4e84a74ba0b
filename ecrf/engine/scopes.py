"""Where the questions of an entry are asked: once, or in each row of a group."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ecrf.engine.expressions import Environment
from ecrf.engine.items import Item
from ecrf.engine.state import Note
from ecrf.engine.values import Stored


@dataclass(slots=True, eq=False)
class Scope:
    """The entry outside of rows, or one row."""

    given: Mapping[str, Any]
    env: Environment
    typed: MutableMapping[str, Any]
    stored: dict[str, Stored] = field(default_factory=dict)
    row: str = ""
    """``rows[0]``"""


@dataclass(slots=True, eq=False)
class Asked:
    """An item where it is asked: ``key``, or ``rows[0].key``."""

    item: Item
    scope: Scope
    place: str
    shown: bool = False


def asked(item: Item, scope: Scope) -> Asked:
    return Asked(item, scope, f"{scope.row}.{item.key}" if scope.row else item.key)


def row_scope(key: str, number: int, given: Mapping[str, Any], around: Environment, notes: Mapping[str, Note]) -> Scope:
    """The row of this number, from 0, in what is around it."""
    name = f"{key}[{number}]"
    prefix = f"{name}."
    typed: dict[str, Any] = {}
    own = {
        place.removeprefix(prefix): note.status
        for place, note in notes.items()
        if note.status and place.startswith(prefix)
    }
    env = replace(
        around,
        values=ChainMap(typed, cast(Any, around.values)),
        instance=number + 1,
        statuses=ChainMap(own, cast(Any, around.statuses)) if own else around.statuses,
    )
    return Scope(given, env, typed, row=name)
