"""A form as somebody sees it from whom some of its pages are kept: neither their questions nor what depends on them.

An expression that reads a withheld page can't be told or computed by the reader. What it comes to is fixed as it is
now: a condition holds or it doesn't, a calculation is a value that is read only; checks are left to the server.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.expressions import elsewhere, references
from ecrf.engine.state import Evaluated

NEVER = ["same", ["text", "0"], ["text", "1"]]
CONDITIONS = ("required_if", "readonly_if")
DROPPED = ("min", "max", "default", "choice_filter")


def narrowed(
    definition: Definition, hidden: Collection[str], state: Evaluated | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The definition without these pages, and the items of which something was fixed. `state`: how things are now."""
    data: dict[str, Any] = deepcopy(dict(definition.data))
    data.pop("source", None)
    withheld = names_of(definition, hidden)
    data["pages"] = [narrow_page(page, withheld, state) for page in data["pages"] if page["key"] not in hidden]
    fixed = [key for page in data["pages"] for key in page.pop("withheld")]
    lists = {item.get("list") for page in data["pages"] for group in page["groups"] for item in group["items"]}
    if "lists" in data:
        data["lists"] = {name: choices for name, choices in data["lists"].items() if name in lists}
    if "events" in data:
        data["events"] = [narrow_event(event, hidden, withheld) for event in data["events"]]
    if not any("script" in page for page in data["pages"]):
        data.pop("modules", None)
    return data, fixed


def names_of(definition: Definition, hidden: Collection[str]) -> frozenset[str]:
    """What expressions call the withheld pages, their items and their rows."""
    items = {item.key for item in definition.items.values() if item.page in hidden}
    return frozenset(items | set(hidden) | {key for key, group in definition.groups.items() if group.page in hidden})


def reads(node: Any, withheld: Collection[str]) -> bool:
    """Whether an expression reads something of this, here or at another event."""
    names = {*references(node), *(name for _, name in elsewhere(node)), *bare(node)}
    return not names.isdisjoint(withheld)


def bare(node: Any) -> Iterator[str]:
    """Every text of an expression that may be a name: what other operators than those of variables are given."""
    for part in node[1:] if node and node[0] != "text" else ():
        if isinstance(part, str):
            yield part
        elif isinstance(part, list | tuple):
            yield from bare(part)


def narrow_page(page: dict[str, Any], withheld: frozenset[str], state: Evaluated | None) -> dict[str, Any]:
    fixed: list[str] = []
    for name in ("source", "unconverted"):
        page.pop(name, None)
    page_fixed = drop(page, "visible_if", withheld)
    for name in ("row_title", "summary"):
        drop(page, name, withheld)
    for group in page["groups"]:
        group.pop("source", None)
        group_fixed = drop(group, "visible_if", withheld) or page_fixed
        if repeat := group.get("repeat"):
            drop(repeat, "row_title", withheld)
        fixed += [
            item["key"]
            for item in group["items"]
            if narrow_item(item, withheld, state, outer=group_fixed, rows=bool(repeat))
        ]
    return {**page, "withheld": fixed}


def drop(spec: dict[str, Any], name: str, withheld: frozenset[str]) -> bool:
    """Take an expression out where it reads what is withheld; says whether it did."""
    if name in spec and reads(spec[name], withheld):
        del spec[name]
        return True
    return False


def narrow_item(
    item: dict[str, Any], withheld: frozenset[str], state: Evaluated | None, *, outer: bool, rows: bool
) -> bool:
    key = item["key"]
    for name in ("source", "unconverted"):
        item.pop(name, None)
    own = drop(item, "visible_if", withheld)
    if (own or (outer and "visible_if" not in item)) and state is not None and not rows and key not in state.visible:
        item["visible_if"] = NEVER
    dropped = {name for name in (*CONDITIONS, *DROPPED) if drop(item, name, withheld)}
    if state is not None and not rows:
        if "required_if" in dropped and key in state.required:
            item["required"] = True
        if "readonly_if" in dropped and key in state.readonly:
            item["readonly"] = True
    if drop(item, "calc", withheld):
        item["readonly"] = True
        dropped.add("calc")
    if "checks" in item:
        kept = [check for check in item["checks"] if not reads(check["holds"], withheld)]
        if len(kept) < len(item["checks"]):
            dropped.add("checks")
            item["checks"] = kept
    return bool(own or outer or dropped)


def narrow_event(event: dict[str, Any], hidden: Collection[str], withheld: frozenset[str]) -> dict[str, Any]:
    found = {name: value for name, value in event.items() if name != "source"}
    for name in ("pages", "repeating_pages"):
        if name in found:
            found[name] = [page for page in found[name] if page not in hidden]
    for name in ("from", "visible_if"):
        drop(found, name, withheld)
    if found.get("date") in withheld:
        del found["date"]
    return found


def narrow_values(values: Mapping[str, Any], withheld: Collection[str]) -> dict[str, Any]:
    """Values, notes or pages by key or place, without what belongs to the withheld pages."""
    return {
        place: value
        for place, value in values.items()
        if place.partition("[")[0] not in withheld and place.rpartition(".")[2] not in withheld
    }
