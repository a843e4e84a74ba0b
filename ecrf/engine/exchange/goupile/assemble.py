"""Pages of a definition from what was found in page scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ecrf.engine.exchange.goupile import logic
from ecrf.engine.exchange.goupile.page import Page
from ecrf.engine.exchange.goupile.values import UNDEFINED, Found, Tree
from ecrf.engine.goupile.run import Project, Runner, ScriptFault, run

KEPT = {
    "key",
    "type",
    "look",
    "label",
    "help",
    "choices",
    "ends",
    "ticks",
    "decimals",
    "rows",
    "columns",
    "seconds",
    "prefix",
    "suffix",
    "placeholder",
    "image",
    "annotate",
    "untoggle",
    "public",
    "tags",
    "hidden",
}
"""What an item of a script page keeps: nothing that only the script can tell."""

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


def key_of(entry: Mapping[str, Any]) -> str:
    key = str(entry["key"])
    return key if key[:1].isalpha() else f"p{key}"


def base(entry: Mapping[str, Any], page: Page) -> dict[str, Any]:
    made: dict[str, Any] = {"key": key_of(entry), "title": {page.language: entry["title"]}}
    lock = entry["options"].get("lock")
    if lock is True:
        made["lock"] = "save"
    elif isinstance(lock, int | float) and not isinstance(lock, bool) and lock >= 0:
        made["lock"] = max(1, round(lock / 1000))
    source = {"goupile.page": entry["key"]} if made["key"] != entry["key"] else {}
    if entry["filename"] != f"pages/{entry['key']}.js":
        source["goupile.filename"] = entry["filename"]
    if entry["store"] not in (None, entry["key"]):
        source["goupile.store"] = entry["store"]
    kept = {name: value for name, value in entry["options"].items() if name not in ("enabled", "lock", "filename")}
    if kept:
        source["goupile.options"] = json.dumps(kept, ensure_ascii=False)
    if entry["path"]:
        source["goupile.menu"] = json.dumps(entry["path"], ensure_ascii=False)
    return made | ({"source": source} if source else {})


def native_page(entry: Mapping[str, Any], page: Page, opened: Tree | None) -> dict[str, Any]:
    made = base(entry, page)
    if opened is not None and opened.node != logic.TRUE:
        made["visible_if"] = opened.node
    if page.summary:
        made["summary"] = page.summary
    if page.hid:
        made["source"] = {**made.get("source", {}), "goupile.hid": json.dumps(page.hid)}
    specs = {path: specified(path, found) for path, found in page.found.items()}
    return made | {"groups": groups(page, specs)}


def specified(path: tuple[str, ...], found: Found) -> dict[str, Any]:
    spec = dict(found.spec)
    if found.visible is not None and found.visible.node != logic.TRUE:
        spec["visible_if"] = found.visible.node
    if source := sources(path, found):
        spec["source"] = source
    return spec


def sources(path: tuple[str, ...], found: Found) -> dict[str, str]:
    source = dict(found.spec.get("source", {}))
    if found.spec["type"] != "output" and path != (found.key,):
        source["goupile.path"] = ".".join(path)
    if found.values and any(value != code for code, value in found.values):
        values = [None if value is UNDEFINED else value for _, value in found.values]
        source["goupile.values"] = json.dumps(values, ensure_ascii=False)
    return source


def groups(page: Page, specs: Mapping[tuple[str, ...], dict[str, Any]]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for number, group in enumerate(page.groups):
        placed = [
            (page.found[path].place[1], spec) for path, spec in specs.items() if page.found[path].place[0] == number
        ]
        lines = [
            [spec for _, spec in members]
            for _, members in groupby(sorted(placed, key=lambda one: one[0]), lambda one: one[0])
        ]
        title = group.title
        for size, run_of_lines in groupby(lines, lambda line: min(len(line), 6)):
            items = [spec for line in run_of_lines for spec in line]
            one: dict[str, Any] = {"items": items}
            if title:
                one |= {"title": {page.language: title}, "level": max(1, min(group.level, 4))}
                title = ""
            if size > 1:
                one["columns"] = size
            if group.tab:
                one["tab"] = {page.language: group.tab}
            if group.repeat:
                one["repeat"] = {"key": group.repeat}
                if group.path != group.repeat:
                    one["source"] = {"goupile.path": group.path}
            made.append(hoisted(one))
    return together(made)


def hoisted(group: dict[str, Any]) -> dict[str, Any]:
    """A condition that all items share is the group's."""
    tests = [item.get("visible_if") for item in group["items"]]
    if len(tests) > 1 and tests[0] is not None and all(test == tests[0] for test in tests):
        items = [{name: value for name, value in item.items() if name != "visible_if"} for item in group["items"]]
        return {**group, "visible_if": tests[0], "items": items}
    return group


def together(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups of one repeat are one group: its rows are one list."""
    found: list[dict[str, Any]] = []
    for group in made:
        before = next((one for one in found if one.get("repeat") and one.get("repeat") == group.get("repeat")), None)
        if before is None:
            found.append(group)
            continue
        for one in (before, group):
            if test := one.pop("visible_if", None):
                one["items"] = [{**item, "visible_if": test} for item in one["items"]]
        before["items"] = [*before["items"], *group["items"]]
    return found


def script_page(entry: Mapping[str, Any], page: Page, files: Mapping[str, str], runner: Runner) -> dict[str, Any]:
    """The page as it was written, with what it may ask: what stands in the script, and what an empty run asks."""
    made = base(entry, page) | {"script": files[entry["filename"]]}
    specs = {path: plain(specified(path, found)) for path, found in page.found.items()}
    rest = missing(entry, page, files, runner)
    listed = groups(page, specs)
    for group in listed:
        group.pop("visible_if", None)
    return made | {"groups": [*listed, *([{"items": rest}] if rest else [])]}


def plain(spec: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in spec.items() if name in KEPT}
    source = dict(spec.get("source", {}))
    if "calc" in spec:
        kept["readonly"] = True
        source["goupile.calc"] = "1"
    return kept | ({"source": source} if source else {})


def missing(entry: Mapping[str, Any], page: Page, files: Mapping[str, str], runner: Runner) -> list[dict[str, Any]]:
    """The items of an empty run that reading didn't find."""
    try:
        answer = run(Project(files), entry["key"], runner=runner)
    except ScriptFault:
        return []
    known = {".".join(path) for path in page.found}
    found = []
    for path, variable in answer["variables"].items():
        plain_path = path.replace(".*", "")
        if path in known or plain_path in known or variable["type"] == "repeat":
            continue
        kind = TYPES.get(variable["type"]) or KINDS.get(variable.get("kind", ""), "text")
        key = page.names.key(page.key, tuple(plain_path.split(".")))
        item: dict[str, Any] = {"key": key, "type": kind, "label": {page.language: variable.get("label") or ""}}
        source = {} if path == key else {"goupile.path": plain_path}
        if kind in ("choice", "choices"):
            props = variable.get("props") or []
            if not props:
                continue
            item["choices"] = [
                {"code": one["code"], "label": {page.language: one["label"]}}
                | ({"exclusive": True} if one["value"] is None else {})
                for one in props
            ]
            source["goupile.values"] = json.dumps([one["value"] for one in props], ensure_ascii=False)
        if variable["type"] == "calc":
            item["readonly"] = True
            source["goupile.calc"] = "1"
        found.append(item | ({"source": source} if source else {}))
    return found
