"""A study's own rules: an expression that holds where a record is to be looked at, ``[weight] > 200 and [sex] = '1'``.

A rule is run as one more check of the item that it is about, so that it sees what checks see: shown items only, other
rows and visits as far as expressions can name them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecrf.engine.definition import Definition, load
from ecrf.engine.faults import Refused
from ecrf.engine.quality.found import Found


@dataclass(frozen=True)
class OwnRule:
    """`tree` holds where a record is to be looked at; `item` is where that is said."""

    key: str
    item: str
    tree: Sequence[Any]
    message: Mapping[str, str]


def with_rules(definition: Definition, rules: Sequence[OwnRule]) -> Definition:
    """The form with these rules as checks. A rule that doesn't fit this version of the form is left out."""
    fitting: list[OwnRule] = []
    try:
        return load(widened(definition, rules))
    except Refused:
        pass
    for rule in rules:
        try:
            load(widened(definition, [*fitting, rule]))
        except Refused:
            continue
        fitting.append(rule)
    return load(widened(definition, fitting))


def widened(definition: Definition, rules: Sequence[OwnRule]) -> dict[str, Any]:
    data = copy.deepcopy(definition.data)
    for page in data["pages"]:
        for group in page["groups"]:
            for spec in group["items"]:
                own = [
                    {"key": one.key, "holds": ["not", one.tree], "severity": "warn", "message": dict(one.message)}
                    for one in rules
                    if one.item == spec["key"]
                ]
                if own:
                    spec["checks"] = [*spec.get("checks", ()), *own]
    return data


def broken(definition: Definition, warnings: Sequence[Any], keys: Mapping[str, str]) -> list[Found]:
    """The rules among the warnings of an evaluation; `keys` leads from a rule's key to its name."""
    found = []
    for finding in warnings:
        check_key = finding.params.get("check", "")
        item, row = finding.key, finding.row
        if finding.code == "check_failed" and check_key in keys and item in definition.items:
            found.append(Found(keys[check_key], item, definition.items[item].page, row, "own_rule"))
    return found
