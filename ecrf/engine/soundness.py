"""What a JSON Schema can't say: keys once only, expressions that fit, choices where they belong, no circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecrf.engine import consenting, patterns
from ecrf.engine.expressions import Scope, check, references
from ecrf.engine.faults import Fault
from ecrf.engine.values import EXPRESSION_TYPES, FORMATS


def problems(data: Mapping[str, Any]) -> tuple[list[Fault], list[str]]:
    """Every fault, and the keys in an order in which each item comes after what it reads."""
    placed = list(walk(data))
    faults = [*repeated(data, placed), *references_of_parts(data), *consenting.problems(data)]
    for place, item in placed:
        faults += shape(place, item, data)
    scope = scope_of(data, placed)
    for place, node, wanted in expressions(data):
        found, wrong = check(node, scope_at(place, data, scope), None)
        faults += [Fault(place, problem.code, problem.params) for problem in wrong]
        if not wrong and found not in (None, "null", wanted, "date" if wanted == "partial" else wanted):
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


def scope_of(data: Mapping[str, Any], placed: list[tuple[str, dict[str, Any]]]) -> Scope:
    """What an expression outside of rows may speak of."""
    types = {item["key"]: EXPRESSION_TYPES[item["type"]] for _, item in placed if item["type"] in EXPRESSION_TYPES}
    repeats: dict[str, dict[str, str]] = {}
    within: set[str] = set()
    for page in data["pages"]:
        keys = [item["key"] for group in page["groups"] for item in group["items"]]
        if page["key"] in repeating_pages(data):
            repeats[page["key"]] = {key: types[key] for key in keys if key in types}
        for group in page["groups"]:
            if "repeat" in group:
                own = [item["key"] for item in group["items"]]
                repeats[group["repeat"]["key"]] = {key: types[key] for key in own if key in types}
                within |= set(own)
    return Scope(
        types={key: kind for key, kind in types.items() if key not in within},
        codes={item["key"]: frozenset(choice["code"] for choice in choices_of(item, data)) for _, item in placed},
        repeats=repeats,
        events=frozenset(event["key"] for event in data.get("events", ())),
    )


def scope_at(place: str, data: Mapping[str, Any], scope: Scope) -> Scope:
    """What the expression at a place may speak of: in a row also of the row, in a filter also of the choice."""
    path = place.split(".")
    if path[0] != "pages" or len(path) < 5:
        return scope
    group = data["pages"][int(path[1])]["groups"][int(path[3])]
    if "repeat" in group and path[4] != "visible_if":
        scope = scope.inside(group["repeat"]["key"])
    if path[-1] == "choice_filter":
        choices = choices_of(group["items"][int(path[5])], data)
        scope = replace(scope, attributes=frozenset(name for one in choices for name in one.get("attributes", ())))
    return scope


def choices_of(item: Mapping[str, Any], data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The choices of an item, its own or those of a shared list."""
    found = data.get("lists", {}).get(item["list"], ()) if "list" in item else item.get("choices", ())
    return list(found)


def repeating_pages(data: Mapping[str, Any]) -> set[str]:
    """The pages that are filled in as often as needed, everywhere or at some event."""
    found = {page["key"] for page in data["pages"] if page.get("repeats")}
    return found.union(*(event.get("repeating_pages", ()) for event in data.get("events", ())))


def references_of_parts(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Parts that name others: pages and arms of events, dates of visits, shared lists."""
    pages = {page["key"] for page in data["pages"]}
    arms = {arm["key"] for arm in data.get("arms", ())}
    events = {event["key"] for event in data.get("events", ())}
    items = {item["key"]: item for _, item in walk(data)}
    for number, page in enumerate(data["pages"]):
        if not page["groups"] and "script" not in page:
            yield Fault(f"pages.{number}.groups", "page_empty")
    for number, event in enumerate(data.get("events", ())):
        place = f"events.{number}"
        for name in event["pages"]:
            if name not in pages:
                yield Fault(f"{place}.pages", "unknown_page_named", {"name": name})
        for name in event.get("repeating_pages", ()):
            if name not in event["pages"]:
                yield Fault(f"{place}.repeating_pages", "unknown_page_named", {"name": name})
        for name in event.get("arms", ()):
            if name not in arms:
                yield Fault(f"{place}.arms", "unknown_arm", {"name": name})
        if "after_visit" in event and event["after_visit"] not in events - {event["key"]}:
            yield Fault(f"{place}.after_visit", "unknown_event", {"name": event["after_visit"]})
        if "date" in event and items.get(event["date"], {}).get("type") not in ("date", "datetime"):
            yield Fault(f"{place}.date", "unknown_date_item", {"name": event["date"]})
    for kind in ("arms", "events"):
        seen = Counter(one["key"].lower() for one in data.get(kind, ()))
        yield from (Fault(kind, "repeated_key", {"name": name}) for name, count in seen.items() if count > 1)
    for p, page in enumerate(data["pages"]):
        for g, group in enumerate(page["groups"]):
            if "ranked" in group and not ("matrix" in group and group["items"][0]["type"] == "choice"):
                yield Fault(f"pages.{p}.groups.{g}.ranked", "ranked_misplaced")
    for name, choices in data.get("lists", {}).items():
        codes = Counter(choice["code"] for choice in choices)
        yield from (
            Fault(f"lists.{name}", "choice_twice", {"choice": code}) for code, count in codes.items() if count > 1
        )


NOTHING = ("null",)


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
    for p, page in enumerate(data["pages"]):
        for g, group in enumerate(page["groups"]):
            if "repeat" in group:
                columns[group["repeat"]["key"].lower()] += 1
                if columns[group["repeat"]["key"].lower()] == 2:
                    yield Fault(f"pages.{p}.groups.{g}.repeat.key", "repeated_key", {"name": group["repeat"]["key"]})
    for place, item in placed:
        names = [item["key"]]
        if item["type"] == "choices":
            names += [f"{item['key']}___{choice['code'].lower()}" for choice in choices_of(item, data)]
        for name in names:
            columns[name.lower()] += 1
            if columns[name.lower()] == 2:
                yield Fault(f"{place}.key", "repeated_key", {"name": name})


LOOKS = {
    "text": {"lines", "pin", "secret"},
    "integer": {"slider", "vas"},
    "decimal": {"slider", "vas"},
    "choice": {"radio", "buttons", "list", "search", "yesno", "likert"},
    "choices": {"buttons", "list", "search"},
    "file": {"image", "annotation", "drawing", "signature", "audio", "video"},
}


def shape(place: str, item: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[Fault]:
    kind = item["type"]
    if (kind in ("choice", "choices")) != (("choices" in item) != ("list" in item)):
        yield Fault(f"{place}.choices", "choices_misplaced")
    if "list" in item and item["list"] not in data.get("lists", {}):
        yield Fault(f"{place}.list", "unknown_list", {"name": item["list"]})
    if "choice_filter" in item and kind not in ("choice", "choices"):
        yield Fault(f"{place}.choice_filter", "choices_misplaced")
    if "pattern" in item and (kind != "text" or patterns.wrong(item["pattern"]) is not None):
        yield Fault(f"{place}.pattern", "bad_pattern", {"place": patterns.wrong(item["pattern"]) or 1})
    if "look" in item and item["look"] not in LOOKS.get(kind, ()):
        yield Fault(f"{place}.look", "unknown_look", {"name": item["look"]})
    if "untoggle" in item and kind != "choice":
        yield Fault(f"{place}.untoggle", "choices_misplaced")
    if ("accept" in item or "max_size" in item) and kind != "file":
        yield Fault(place, "files_misplaced")
    if item.get("image") and "files" in data and item["image"] not in data["files"]:
        yield Fault(f"{place}.image", "unknown_image", {"name": item["image"]})
    if "format" in item and (kind != "text" or item["format"] not in FORMATS):
        yield Fault(f"{place}.format", "unknown_format", {"format": item["format"]})
    if "coding" in item and kind != "text":
        yield Fault(f"{place}.coding", "coding_misplaced")
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
    for number, event in enumerate(data.get("events", ())):
        yield from (
            (f"events.{number}.{name}", event[name], kind)
            for name, kind in (("visible_if", "boolean"), ("from", "date"))
            if name in event
        )
    for p, page in enumerate(data["pages"]):
        yield from (
            (f"pages.{p}.{name}", page[name], kind)
            for name, kind in (("visible_if", "boolean"), ("summary", "text"), ("row_title", "text"))
            if name in page
        )
        for g, group in enumerate(page["groups"]):
            if "visible_if" in group:
                yield f"pages.{p}.groups.{g}.visible_if", group["visible_if"], "boolean"
            if "row_title" in group.get("repeat", ()):
                yield f"pages.{p}.groups.{g}.repeat.row_title", group["repeat"]["row_title"], "text"
    for place, item in walk(data):
        for name in ("visible_if", "required_if", "readonly_if", "choice_filter"):
            if name in item:
                yield f"{place}.{name}", item[name], "boolean"
        for name in ("calc", "default", "min", "max"):
            if name in item:
                yield f"{place}.{name}", item[name], EXPRESSION_TYPES.get(item["type"], "text")
        for number, check_ in enumerate(item.get("checks", ())):
            yield f"{place}.checks.{number}.holds", check_["holds"], "boolean"


def dependencies(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Item -> what must be known before it. The copies of a repeating page are known beforehand."""
    copied = repeating_pages(data)
    rows = {
        page["key"]: {item["key"] for group in page["groups"] for item in group["items"]}
        for page in data["pages"]
        if page["key"] in copied
    }
    needed: dict[str, list[str]] = {}
    for page in data["pages"]:
        for group in page["groups"]:
            shared = [
                name for part in (page, group) if "visible_if" in part for name in references(part["visible_if"], rows)
            ]
            for item in group["items"]:
                own = [
                    name
                    for part in ("visible_if", "calc", "default")
                    if part in item
                    for name in references(item[part], rows)
                ]
                needed[item["key"]] = [*dict.fromkeys([*shared, *own])]
    return {key: [name for name in names if name in needed] for key, names in needed.items()}


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
