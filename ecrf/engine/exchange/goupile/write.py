"""A definition as a Goupile project: main.js and a script for each page, and what scripts of Goupile can't say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.goupile.archive import packed, spelt
from ecrf.engine.exchange.goupile.javascript import LIBRARY, Printer, Untold
from ecrf.engine.exchange.goupile.script import PageWriter
from ecrf.engine.faults import Fault
from ecrf.engine.goupile.state import filename

HELPERS = "lib/helpers.js"
WHOLE = ("arms", "events", "missing_codes", "lists", "hidden_values", "description")


def write(definition: Definition) -> tuple[bytes, list[Fault]]:
    """The ZIP of the project, and what it couldn't carry, each with its place."""
    data = definition.data
    lost = [Fault(name, "not_carried", {"what": name}) for name in WHOLE if data.get(name)]
    if len(definition.languages) > 1:
        lost.append(Fault("languages", "goupile_one_language", {"language": definition.languages[0]}))
    files = dict(data.get("modules", {}))
    kept = files.pop("main.js", None)
    places = {item["key"]: page["key"] for page in data["pages"] for group in page["groups"] for item in group["items"]}
    for number, page in enumerate(data["pages"]):
        if "script" in page:
            files[filename(page)] = page["script"]
            continue
        writer = PageWriter(data, page, f"pages.{number}", places)
        files[filename(page)] = writer.script(HELPERS)
        lost += writer.lost
        if writer.helpers:
            files[HELPERS] = LIBRARY.read_text(encoding="utf-8")
    if kept is not None and all(
        spelt(page_key(page)) in kept or f"'{page_key(page)}'" in kept for page in data["pages"]
    ):
        files["main.js"] = kept
    else:
        files["main.js"], more = main(data, places)
        lost += more
    return packed(files), lost


def page_key(page: Mapping[str, Any]) -> str:
    return str(page.get("source", {}).get("goupile.page", page["key"]))


def main(data: Mapping[str, Any], places: Mapping[str, str]) -> tuple[str, list[Fault]]:
    """The project's script: its pages in their order, under one title."""
    language = data["languages"][0]
    lost: list[Fault] = []
    lines = ["app.annotate = true", ""] if data.get("annotate") else []
    lines.append(
        f"app.form({spelt(unused(data['pages']))}, {spelt(first(data['title'], language) or 'Project')}, () => {{"
    )
    for number, page in enumerate(data["pages"]):
        options = options_of(data, page, places, f"pages.{number}", lost)
        said = ", { " + ", ".join(options) + " }" if options else ""
        lines.append(
            f"    app.form({spelt(page_key(page))}, {spelt(first(page['title'], language) or page['key'])}{said})"
        )
    return "\n".join([*lines, "})", ""]), lost


def options_of(
    data: Mapping[str, Any], page: Mapping[str, Any], places: Mapping[str, str], place: str, lost: list[Fault]
) -> list[str]:
    source = page.get("source", {})
    options = [
        f"{name}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in json.loads(source.get("goupile.options", "{}")).items()
        if value != "function"
    ]
    if page.get("lock") == "save":
        options.append("lock: true")
    elif "lock" in page:
        options.append(f"lock: {page['lock'] * 1000}")
    if test := page.get("visible_if"):
        writer = PageWriter(data, page, place, places)
        printer = Printer(lambda key: f"thread.data.{places.get(key, '')}.{key}", writer.printer.kinds, writer.value)
        try:
            options.append(f"enabled: thread => {printer.true(test)}")
        except Untold as fault:
            lost.append(Fault(f"{place}.visible_if", "not_carried", {"what": str(fault)}))
        if printer.helpers:
            lost.append(Fault(f"{place}.visible_if", "not_carried", {"what": ", ".join(sorted(printer.helpers))}))
            options.pop()
    lost += [
        Fault(f"{place}.{name}", "not_carried", {"what": name})
        for name in ("repeats", "row_title", "sign", "help", "consent")
        if page.get(name)
    ]
    return options


def unused(pages: Iterable[Mapping[str, Any]]) -> str:
    taken = {page_key(page) for page in pages}
    return next(
        name for name in ("project", *(f"project{count}" for count in range(len(taken) + 1))) if name not in taken
    )


def first(texts: Mapping[str, str] | None, language: str) -> str:
    return (texts or {}).get(language) or next(iter((texts or {}).values()), "")
