"""The dictionary of a script page grows with its runs: what a script asks and no item holds becomes an item.

A learned part is ``{"item": {...}}`` or ``{"item": {...}, "repeat": key, "path": path}`` for what is asked in rows, or
``{"choices": [...], "values": [...]}`` for choices that a script added to an item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecrf.engine.goupile.places import Place, places

TYPES = {
    "text": "text",
    "password": "text",
    "number": "decimal",
    "date": "date",
    "month": "partial_date",
    "time": "time",
    "enum": "choice",
    "multi": "choices",
    "file": "file",
}
KINDS = {"number": "decimal", "date": "date", "time": "time"}
MOST = 2000
"""Learned parts of one form: a script that makes up a name at each run must end somewhere."""

Learned = dict[str, Any]


def with_learned(data: Mapping[str, Any], learned: Sequence[tuple[str, str, Learned]]) -> dict[str, Any]:
    """The definition with what was learned: (page, key of the item, part). What no longer fits is left out."""
    taken = names(data)
    pages = [dict(page) for page in data["pages"]]
    for page in pages:
        own = [(key, part) for name, key, part in learned if name == page["key"]]
        if own and "script" in page:
            page["groups"] = list(grown(page, own, taken))
    return {**data, "pages": pages}


def names(data: Mapping[str, Any]) -> set[str]:
    """Every name that a key may not have again, in small letters."""
    taken = set()
    lists = data.get("lists", {})
    for page in data["pages"]:
        for group in page["groups"]:
            if "repeat" in group:
                taken.add(group["repeat"]["key"].lower())
            for item in group["items"]:
                taken.add(item["key"].lower())
                if item["type"] == "choices":
                    choices = item.get("choices") or lists.get(item.get("list"), ())
                    taken |= {f"{item['key']}___{choice['code']}".lower() for choice in choices}
    return taken


def grown(page: Mapping[str, Any], own: Sequence[tuple[str, Learned]], taken: set[str]) -> Iterator[dict[str, Any]]:
    groups = [{**group, "items": list(group["items"])} for group in page["groups"]]
    known = {item["key"]: (group, place) for group in groups for place, item in enumerate(group["items"])}
    rest: list[dict[str, Any]] = []
    for key, part in own:
        if "choices" in part:
            if key in known:
                group, place = known[key]
                group["items"][place] = widened(group["items"][place], part)
            continue
        item, repeat = part["item"], part.get("repeat", "")
        columns = {key.lower(), *(f"{key}___{choice['code']}".lower() for choice in item.get("choices", ()))}
        if columns & taken:
            continue
        if not repeat:
            rest.append(item)
        else:
            group = next((one for one in groups if one.get("repeat", {}).get("key") == repeat), {})
            if not group:
                if repeat.lower() in taken:
                    continue
                taken.add(repeat.lower())
                group = {"repeat": {"key": repeat}, "items": []}
                if part.get("path", repeat) != repeat:
                    group["source"] = {"goupile.path": part["path"]}
                groups.append(group)
            group["items"].append(item)
        taken |= columns
    yield from groups
    if rest:
        yield {"items": rest}


def widened(item: Mapping[str, Any], part: Learned) -> dict[str, Any]:
    """An item with the choices that its script added."""
    source = dict(item.get("source", {}))
    had = [choice["code"] for choice in item["choices"]]
    values = json.loads(source["goupile.values"]) if "goupile.values" in source else [*had]
    more = [(one, value) for one, value in zip(part["choices"], part["values"], strict=True) if one["code"] not in had]
    source["goupile.values"] = json.dumps([*values, *(value for _, value in more)], ensure_ascii=False)
    return {**item, "choices": [*item["choices"], *(one for one, _ in more)], "source": source}


def news(
    data: Mapping[str, Any], page: Mapping[str, Any], answer: Mapping[str, Any], language: str
) -> Iterator[tuple[str, Learned]]:
    """(key, part) for each variable or choice of an evaluated form that its page doesn't know, at most MOST."""
    known = {
        ".".join([*place.path[:-1], "*", place.path[-1]] if place.repeat else place.path): place.item
        for place in places(page)
    }
    repeats = {
        group.get("source", {}).get("goupile.path", group["repeat"]["key"]): group["repeat"]["key"]
        for group in page["groups"]
        if "repeat" in group
    }
    taken = names(data)
    for path, variable in list(answer["variables"].items())[:MOST]:
        item = known.get(path)
        props = [one for one in variable.get("props") or () if isinstance(one, Mapping)]
        if item is not None:
            if "choices" in item and (added := unknown_choices(item, props)):
                yield (
                    item["key"],
                    {
                        "choices": [choice(one, language) for one in added],
                        "values": [one["value"] for one in added],
                    },
                )
            continue
        made = specified(path, variable, props, page["key"], taken, language)
        if made is None:
            continue
        head, star, last = path.partition(".*.")
        if star:
            if "." in last:
                continue  # rows within rows, and objects within rows, have no column
            repeat = repeats.get(head) or free(re.sub(r"\W", "_", head, flags=re.ASCII), page["key"], taken)
            repeats[head] = repeat
            yield made["key"], {"item": made, "repeat": repeat, "path": head}
        else:
            yield made["key"], {"item": made}


def starred_path(place: Place) -> str:
    """As the runtime names its variables: the number of a row is a star."""
    return ".".join([*place.path[:-1], "*", place.path[-1]] if place.repeat else place.path)


def unknown_choices(item: Mapping[str, Any], props: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    had = {one["code"] for one in item["choices"]}
    return [one for one in props if str(one.get("code")) not in had]


def choice(prop: Mapping[str, Any], language: str) -> dict[str, Any]:
    made = {"code": str(prop["code"])[:100], "label": {language: str(prop.get("label") or prop["code"])[:2000]}}
    return made | ({"exclusive": True} if prop.get("value") is None else {})


def specified(
    path: str,
    variable: Mapping[str, Any],
    props: Sequence[Mapping[str, Any]],
    page: str,
    taken: set[str],
    language: str,
) -> dict[str, Any] | None:
    """An item for a variable; None for one that holds no value of its own."""
    kind = TYPES.get(str(variable.get("type"))) or KINDS.get(str(variable.get("kind")), "text")
    if variable.get("type") == "repeat" or (kind in ("choice", "choices") and not props):
        return None
    plain = path.replace(".*", "")
    key = free(re.sub(r"\W", "_", plain.rpartition(".")[2] if ".*." in path else plain, flags=re.ASCII), page, taken)
    item: dict[str, Any] = {"key": key, "type": kind, "label": {language: str(variable.get("label") or "")[:2000]}}
    source = {"goupile.learned": "1"}
    if plain != key:
        source["goupile.path"] = plain
    if kind == "text":
        item["look"] = "lines"  # holds any text; how it is asked is the script's affair
    if props and kind in ("choice", "choices"):
        item["choices"] = [choice(one, language) for one in props]
        source["goupile.values"] = json.dumps([one["value"] for one in props], ensure_ascii=False)
    if variable.get("public"):
        item["public"] = True
    if variable.get("type") == "calc":
        item["readonly"] = True
        source["goupile.calc"] = "1"
    taken.add(key.lower())
    taken.update(f"{key}___{one['code']}".lower() for one in item.get("choices", ()) if kind == "choices")
    return item | {"source": source}


def free(name: str, page: str, taken: set[str]) -> str:
    """A key that nothing has yet, as near to a name as can be."""
    wanted = (name if name[:1].isalpha() else f"p{name}")[:80]
    candidates = (wanted, f"{page}_{wanted}"[:90], *(f"{wanted}_{number}" for number in range(2, MOST)))
    return next(one for one in candidates if one.lower() not in taken)


def more_choices(part: Learned, added: Learned) -> Learned:
    """A learned part with choices that were learned later."""
    if "choices" in part:
        had = {one["code"] for one in part["choices"]}
        pairs = [pair for pair in zip(added["choices"], added["values"], strict=True) if pair[0]["code"] not in had]
        return {
            **part,
            "choices": [*part["choices"], *(one for one, _ in pairs)],
            "values": [*part["values"], *(value for _, value in pairs)],
        }
    return {**part, "item": widened(part["item"], added)}
