"""What a JSON Schema can't say: keys once only, expressions that fit, choices where they belong, no circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.expressions import check, references
from ecrf.engine.faults import Fault
from ecrf.engine.values import EXPRESSION_TYPES, FORMATS


def problems(data: Mapping[str, Any]) -> tuple[list[Fault], list[str]]:
    """Every fault, and the keys in an order in which each item comes after what it reads."""
    placed = list(walk(data))
    faults = [*repeated(data, placed)]
    faults += [
        Fault(f"pages.{number}.groups", "page_empty")
        for number, page in enumerate(data["pages"])
        if not page["groups"] and "script" not in page
    ]
    types = {item["key"]: EXPRESSION_TYPES[item["type"]] for _, item in placed if item["type"] in EXPRESSION_TYPES}
    codes = {item["key"]: frozenset(choice["code"] for choice in choices_of(item, data)) for _, item in placed}
    for place, item in placed:
        faults += shape(place, item)
    for place, node, wanted in expressions(data):
        found, wrong = check(node, types, codes)
        faults += [Fault(place, problem.code, problem.params) for problem in wrong]
        if not wrong and found not in (None, "null", wanted):
            faults.append(Fault(place, "wrong_result", {"given": found, "wanted": wanted}))
    if faults:
        return faults, []
    order, circle = sort(dependencies(data))
    if circle:
        place, item = next((place, item) for place, item in placed if item["key"] == circle[0])
        own = (name for name in ("visible_if", "calc", "default") if circle[1] in references(item.get(name, NOTHING)))
        place = f"{place}.{next(own, '')}".rstrip(".")
        return [Fault(place, "circle", {"names": " → ".join(circle)})], []
    return [], order


NOTHING = ("null",)


def choices_of(item: Mapping[str, Any], data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An item's own choices, or those of the list that it names."""
    found: list[dict[str, Any]] = item.get("choices") or data.get("lists", {}).get(item.get("list", ""), [])
    return found


def walk(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for p, page in enumerate(data["pages"]):
        for g, group in enumerate(page["groups"]):
            for i, item in enumerate(group["items"]):
                yield f"pages.{p}.groups.{g}.items.{i}", item


def repeated(data: Mapping[str, Any], placed: list[tuple[str, dict[str, Any]]]) -> Iterator[Fault]:
    pages: Counter[str] = Counter()
    for number, page in enumerate(data["pages"]):
        pages[page["key"].lower()] += 1
        if pages[page["key"].lower()] == 2:
            yield Fault(f"pages.{number}.key", "repeated_key", {"name": page["key"]})
    columns: Counter[str] = Counter()
    for place, item in placed:
        names = [item["key"]]
        if item["type"] == "choices":
            names += [f"{item['key']}___{choice['code'].lower()}" for choice in item.get("choices", ())]
        for name in names:
            columns[name.lower()] += 1
            if columns[name.lower()] == 2:
                yield Fault(f"{place}.key", "repeated_key", {"name": name})


def shape(place: str, item: Mapping[str, Any]) -> Iterator[Fault]:
    kind = item["type"]
    if (kind in ("choice", "choices")) != (("choices" in item) + ("list" in item) == 1):
        yield Fault(f"{place}.choices", "choices_misplaced")
    if "format" in item and (kind != "text" or item["format"] not in FORMATS):
        yield Fault(f"{place}.format", "unknown_format", {"format": item["format"]})
    if "calc" in item and kind in ("choices", "file", "output"):
        yield Fault(f"{place}.calc", "calc_misplaced")
    if kind in ("choices", "file", "output", "text", "choice") and ("min" in item or "max" in item):
        yield Fault(f"{place}.min", "range_misplaced")
    if "default" in item and kind in ("choices", "file", "output"):
        yield Fault(f"{place}.default", "default_misplaced")
    seen = Counter(name for check_ in item.get("checks", ()) for name in [check_["key"]])
    yield from (Fault(f"{place}.checks", "repeated_key", {"name": name}) for name, count in seen.items() if count > 1)


def expressions(data: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Every expression with its place and the type that it must give."""
    for p, page in enumerate(data["pages"]):
        if "visible_if" in page:
            yield f"pages.{p}.visible_if", page["visible_if"], "boolean"
        for g, group in enumerate(page["groups"]):
            if "visible_if" in group:
                yield f"pages.{p}.groups.{g}.visible_if", group["visible_if"], "boolean"
    for place, item in walk(data):
        if "visible_if" in item:
            yield f"{place}.visible_if", item["visible_if"], "boolean"
        for name in ("calc", "default", "min", "max"):
            if name in item:
                yield f"{place}.{name}", item[name], EXPRESSION_TYPES.get(item["type"], "text")
        for number, check_ in enumerate(item.get("checks", ())):
            yield f"{place}.checks.{number}.holds", check_["holds"], "boolean"


def dependencies(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Item -> what must be known before it."""
    needed: dict[str, list[str]] = {}
    for page in data["pages"]:
        for group in page["groups"]:
            shared = [name for part in (page, group) if "visible_if" in part for name in references(part["visible_if"])]
            for item in group["items"]:
                own = [
                    name
                    for part in ("visible_if", "calc", "default")
                    if part in item
                    for name in references(item[part])
                ]
                needed[item["key"]] = [*dict.fromkeys([*shared, *own])]
    return needed


def sort(needed: Mapping[str, list[str]]) -> tuple[list[str], list[str]]:
    """Keys so that each follows what it needs, otherwise in the order of the form; or the first circle found."""
    done: dict[str, None] = {}
    for start in needed:
        path: list[str] = []
        stack = [(start, iter(needed[start]))] if start not in done else []
        on_path = {start}
        while stack:
            key, rest = stack[-1]
            if len(path) < len(stack):
                path.append(key)
            following = next((name for name in rest if name not in done), None)
            if following is None:
                stack.pop()
                path.pop()
                on_path.discard(key)
                done[key] = None
            elif following in on_path:
                return [], [*path[path.index(following) :], following]
            else:
                stack.append((following, iter(needed[following])))
                on_path.add(following)
    return list(done), []
