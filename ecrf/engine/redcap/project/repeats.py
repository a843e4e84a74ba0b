"""What repeats in a project XML, and the labels of its repeats."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.exchange.xml import Element, local
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.pages import key_of
from ecrf.engine.redcap.project.attributes import own

PIPED = re.compile(r"\[([a-z][a-z0-9_]*)\]")


def repeats(variables: Element, pages: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]]) -> list[Fault]:
    """Mark what repeats, everywhere or at one event. What names no form or event of the project is reported."""
    found: list[Fault] = []
    by_key = {page["key"]: page for page in pages}
    by_name = {one["source"]["redcap.event"]: one for one in events}
    for element in variables.iter():
        if not isinstance(element.tag, str):
            continue
        name = own(element, "UniqueEventName")
        if local(element) == "RepeatingEvent" and name in by_name:
            by_name[name]["repeats"] = True
        if local(element) != "RepeatingInstrument":
            continue
        page = by_key.get(key_of(own(element, "RepeatInstrument")))
        if page is None or (events and name not in by_name):
            found.append(Fault(f"line {element.line}", "repeat_of_nothing", {"name": own(element, "RepeatInstrument")}))
            continue
        if events:
            by_name[name].setdefault("repeating_pages", []).append(page["key"])
        else:
            page["repeats"] = True
        if label := own(element, "CustomLabel"):
            page.setdefault("source", {})["redcap.repeat_label"] = label
            row_title = piped(label, pages)
            if row_title:
                page["row_title"] = row_title
    return found


def piped(label: str, pages: Sequence[Mapping[str, Any]]) -> list[Any]:
    """``[dose] of [drug]`` as a text that is put together; nothing where it names something else than a value."""
    kinds = {item["key"]: item["type"] for page in pages for group in page["groups"] for item in group["items"]}
    parts: list[Any] = []
    place = 0
    for match in PIPED.finditer(label):
        kind = kinds.get(match[1])
        if kind in (None, "choices", "output", "file", "partial_date"):
            return []
        if match.start() > place:
            parts.append(["text", label[place : match.start()]])
        variable = ["var", match[1]]
        parts.append(variable if kind in ("text", "choice") else ["text", variable])
        place = match.end()
    if label[place:]:
        parts.append(["text", label[place:]])
    return (
        ["concat", *parts]
        if parts and "[" not in "".join(p[1] for p in parts if p[0] == "text" and isinstance(p[1], str))
        else []
    )
