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
    """A name may come twice: then a filter tells which of the two is meant, and the data say the same for both."""
    names: dict[str, str] = {}
    for row in rows:
        own = str(row.get("name", ""))
        code = names.get(own)
        if code is None:
            code = code_of(own)
            while code in names.values():
                code = f"{code}_2"
            names[own] = code
        labels, said = cleaned(languages.texts(row.get("label")))
        remarks += [Fault(f"choices, {name}", each, {"name": own[:80]}) for each in said]
        choice: dict[str, Any] = {"code": code, "label": labels or {languages.order[0]: own}}
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
            choice["attributes"] = attributes
        yield choice
