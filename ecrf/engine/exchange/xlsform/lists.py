"""The choices sheet: lists that questions share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.exchange.names import code_of, key_of
from ecrf.engine.exchange.xlsform.languages import Languages, cleaned
from ecrf.engine.exchange.xlsform.structure import dumped
from ecrf.engine.faults import Fault

OWN = frozenset({"name", "label", "media", "list_name", "list name"})
NAME = "xlsform_name"
"""The attribute that holds the name of a choice, where that can't be its code."""
MEDIA = "xlsform_media"
ROWS = "xlsform_rows"
"""The attribute that keeps the columns of each row of a name that comes twice."""
LONGEST = 200


def lists(
    survey: Mapping[str, Any], languages: Languages, remarks: list[Fault]
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """The lists by key, and the key of each name."""
    found: dict[str, list[dict[str, Any]]] = {}
    keys: dict[str, str] = {}
    for name, rows in survey.get("choices", {}).items():
        key = key_of(str(name), "list")
        while key.lower() in {each.lower() for each in found}:
            key = f"{key}_2"
        keys[str(name)] = key
        found[key] = [*choices(str(name), rows, languages, remarks)]
    return found, keys


def choices(
    name: str, rows: list[Mapping[str, Any]], languages: Languages, remarks: list[Fault]
) -> Iterator[dict[str, Any]]:
    """A name that comes twice is one choice: its columns then hold the values of all its rows, for filters to find."""
    codes: dict[str, str] = {}
    made: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        own = str(row.get("name", ""))
        if own not in codes:
            code = code_of(own)
            while code in codes.values():
                code = f"{code}_2"
            codes[own] = code
        made.setdefault(own, []).append(choice(name, own, codes[own], row, languages, remarks))
    for own, alike in made.items():
        yield alike[0] if len(alike) == 1 else together(name, own, alike, remarks)


def choice(
    name: str, own: str, code: str, row: Mapping[str, Any], languages: Languages, remarks: list[Fault]
) -> dict[str, Any]:
    labels, said = cleaned(languages.texts(row.get("label")))
    remarks += [Fault(f"choices, {name}", each, {"name": own[:80]}) for each in said]
    made: dict[str, Any] = {"code": code, "label": labels or {languages.order[0]: own}}
    attributes = {NAME: own} if code != own else {}
    for column, value in row.items():
        if column in OWN:
            continue
        text = value if isinstance(value, str) else dumped(value)
        if len(text) > LONGEST:
            remarks.append(Fault(f"choices, {name}", "text_too_long", {"limit": LONGEST}))
        elif text:
            attributes[key_of(str(column), "column")] = text
    if row.get("media"):
        media = dumped(row["media"])
        if len(media) <= LONGEST:
            attributes[MEDIA] = media
        remarks.append(Fault(f"choices, {name}", "column_kept", {"name": "media"}))
    if attributes:
        made["attributes"] = attributes
    return made


def together(name: str, own: str, alike: list[dict[str, Any]], remarks: list[Fault]) -> dict[str, Any]:
    """One choice of several rows: ``cf`` is ``washington texas``."""
    rows = [one.get("attributes", {}) for one in alike]
    names = dict.fromkeys(each for row in rows for each in row if not each.startswith("xlsform_"))
    joined = {each: " ".join(row.get(each, "") for row in rows) for each in names}
    kept = dumped([{each: row[each] for each in names if each in row} for row in rows])
    if len({dumped(one["label"]) for one in alike}) > 1 or any(
        len(text) > LONGEST for text in (kept, *joined.values())
    ):
        remarks.append(Fault(f"choices, {name}", "choice_twice", {"choice": own[:80]}))
    first = alike[0]
    if any(len(text) > LONGEST for text in (kept, *joined.values())) or not names:
        return first
    return {**first, "attributes": {**first.get("attributes", {}), **joined, ROWS: kept}}


def widened(node: Any, several: frozenset[str]) -> Any:
    """A filter that compares a column with a value, for columns that hold those of several rows.

    None where it does something else with such a column.
    """
    if not isinstance(node, list) or not several:
        return node
    if node[0] in ("=", "same") and len(node) == 3:
        for column, value in ((node[1], node[2]), (node[2], node[1])):
            if column[0] == "choice" and column[1] in several and value[0] != "choice":
                return ["contains", between_spaces(column), between_spaces(value)]
    if node[0] == "choice" and node[1] in several:
        return None
    parts = [widened(part, several) for part in node]
    return None if any(new is None and old is not None for new, old in zip(parts, node, strict=True)) else parts


def between_spaces(node: Any) -> list[Any]:
    return ["concat", ["text", " "], node, ["text", " "]]
