"""A Goupile project as a definition: what can be told becomes native, the rest stays script, each line says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.definition import load
from ecrf.engine.exchange.goupile import archive
from ecrf.engine.exchange.goupile.asking import Names
from ecrf.engine.exchange.goupile.assemble import native_page, script_page
from ecrf.engine.exchange.goupile.main import conditions
from ecrf.engine.exchange.goupile.page import Page, Report
from ecrf.engine.exchange.goupile.values import UNDEFINED, Ast, Const, Env, Found, Unknown, Unsupported
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.goupile.run import Project, Runner, ScriptFault, run, shared

TRIES = 4
PASSES = 5


@dataclass
class Reader:
    files: Mapping[str, str]
    language: str
    runner: Runner
    trees: dict[str, Ast] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    known: dict[str, dict[tuple[str, ...], Found]] = field(default_factory=dict)
    stores: dict[str, list[str]] = field(default_factory=dict)
    modules: dict[tuple[int, str], Env] = field(default_factory=dict)
    early: bool = False

    def tree(self, path: str) -> Ast:
        """The syntax of a file, whose nodes know their file. Raises Refused."""
        if path not in self.trees:
            try:
                program = self.runner.ask("parse", {"code": self.files[path]})["program"]
            except ScriptFault as fault:
                raise Refused([wrong(path, fault)]) from None
            located(program, path)
            self.trees[path] = program
        return self.trees[path]

    def page(self, key: str, file: str, *, early: bool) -> Page:
        page = Page(key, self.language, self.names, self.known.get(key, {}), self.other, self.imports, file)
        page.early = self.early = early
        page.statements(self.tree(file)["body"], Env())
        return page

    def pages(self, entries: list[dict[str, Any]]) -> dict[str, Page]:
        """Read the pages until nothing more is found: what stands further down is known the next time."""
        count = -1
        for turn in range(PASSES):
            known = sum(len(found) for found in self.known.values())
            early = turn == 0 or (known > count and turn < PASSES - 1)
            count = known
            self.modules.clear()
            pages = {entry["key"]: self.page(entry["key"], entry["filename"], early=early) for entry in entries}
            self.known = {key: page.found for key, page in pages.items()}
            if not early:
                break
        return pages

    def other(self, store: str, name: str, node: Ast) -> Any:
        for key in self.stores.get(store, ()):
            found = self.known.get(key, {}).get((name,))
            if found:
                if found.several:
                    raise Unsupported(node, "repeat_in_repeat")
                return found.tree()
        return Unknown("known_later") if self.early else Const(UNDEFINED)

    def imports(self, wanted: str, source: str, page: Page, env: Env) -> Env:
        path = resolved(wanted, source, self.files)
        if path is None:
            raise Unsupported(None, "import")
        if (id(page), path) in self.modules:
            return self.modules[id(page), path]
        made = self.modules[id(page), path] = Env()
        if path.endswith(".json"):
            raise Unsupported(None, "import")
        inner = Env()
        page.files.append(path)
        try:
            page.statements(self.tree(path)["body"], inner)
        finally:
            page.files.pop()
        made.names |= exported(self.tree(path), inner, page)
        return made


def read(content: bytes, *, language: str, runner: Runner | None = None) -> tuple[dict[str, Any], list[Fault]]:
    """The definition as data, and every line that stays script or lost something. Raises Refused."""
    files, left = archive.files(content)
    reader = Reader(files, language, runner or shared())
    try:
        menu = run(Project(files), None, runner=reader.runner)["project"] if "main.js" in files else single(files)
    except ScriptFault as fault:
        raise Refused([wrong("main.js", fault)]) from None
    entries = [entry for entry in menu["pages"] if entry["filename"] in files]
    missing = [
        Fault(entry["filename"], "goupile_no_file", {"page": entry["key"]})
        for entry in menu["pages"]
        if entry not in entries
    ]
    if not entries:
        raise Refused([*missing, Fault("main.js", "goupile_no_page")])
    for entry in entries:
        reader.stores.setdefault(entry["store"] or entry["key"], []).append(entry["key"])
    pages = reader.pages(entries)
    opened, doubts = conditions(reader, pages) if "main.js" in files else ({}, [])
    return settled(reader, menu, entries, pages, opened, [*left, *missing, *doubts])


def single(files: Mapping[str, str]) -> dict[str, Any]:
    """A project of scripts without main.js: each file of pages/ is a page."""
    names = sorted(path for path in files if path.startswith("pages/")) or sorted(files)
    pages = [
        {"key": name.split("/")[-1].removesuffix(".js"), "filename": name, "options": {}, "path": []} for name in names
    ]
    return {"annotate": False, "pages": [{**page, "title": page["key"], "store": page["key"]} for page in pages]}


def settled(
    reader: Reader,
    menu: dict[str, Any],
    entries: list[dict[str, Any]],
    pages: Mapping[str, Page],
    opened: Mapping[str, Any],
    faults: list[Fault],
) -> tuple[dict[str, Any], list[Fault]]:
    """Put the pages together; one whose native form is not sound stays script."""
    scripts: dict[str, list[Fault]] = {
        key: [] for key, page in pages.items() if any(report.hard for report in page.reports)
    }
    for entry in entries:
        if isinstance(opened.get(entry["key"]), Report):
            scripts.setdefault(entry["key"], [])
    for _ in range(TRIES):
        data = whole(reader, menu, entries, pages, opened, scripts)
        try:
            load(data)
        except Refused as refused:
            more = {
                int(fault.place.split(".")[1]): fault for fault in refused.faults if fault.place.startswith("pages.")
            }
            keys = {entries[number]["key"]: fault for number, fault in more.items() if number < len(entries)}
            if not keys.keys() - scripts.keys():
                raise
            scripts |= {key: [fault] for key, fault in keys.items() if key not in scripts}
            continue
        return data, [*faults, *told(reader, entries, pages, opened, scripts)]
    raise Refused([Fault("", "goupile_not_sound")])


def whole(
    reader: Reader,
    menu: dict[str, Any],
    entries: list[dict[str, Any]],
    pages: Mapping[str, Page],
    opened: Mapping[str, Any],
    scripts: Mapping[str, list[Fault]],
) -> dict[str, Any]:
    made = []
    for entry in entries:
        page = pages[entry["key"]]
        if entry["key"] in scripts:
            made.append(script_page(entry, page, reader.files, reader.runner))
        else:
            made.append(native_page(entry, page, opened.get(entry["key"])))
    title = next((entry["path"][0] for entry in entries if entry["path"]), entries[0]["title"])
    data: dict[str, Any] = {
        "format": 1,
        "title": {reader.language: title},
        "languages": [reader.language],
        "pages": made,
    }
    if menu["annotate"]:
        data["annotate"] = True
    if scripts:
        own = {entry["filename"] for entry in entries}
        data["modules"] = {path: text for path, text in reader.files.items() if path not in own}
    return data


def told(
    reader: Reader,
    entries: list[dict[str, Any]],
    pages: Mapping[str, Page],
    opened: Mapping[str, Any],
    scripts: Mapping[str, list[Fault]],
) -> list[Fault]:
    """Line by line: why a page stays script, and what a native one has lost."""
    faults = []
    for entry in entries:
        key, file = entry["key"], entry["filename"]
        if key in scripts:
            faults.append(Fault(file, "goupile_script_page", {"page": key}))
            faults += [
                Fault(file, "goupile_not_sound", {"page": key, "what": fault.code, "place": fault.place})
                for fault in scripts[key]
            ]
        reports = [*pages[key].reports]
        if isinstance(opened.get(key), Report):
            reports.append(opened[key])
        for report in reports:
            if report.hard or key not in scripts:
                faults.append(line(report, key, file, reader.files))
        lost = [name for name in entry["options"] if name not in ("enabled", "lock", "filename", "claim")]
        lost += ["lock"] if entry["options"].get("lock") is False else []
        faults += [Fault("main.js", "goupile_option_lost", {"page": key, "what": name}) for name in sorted(lost)]
    return faults


def line(report: Report, page: str, file: str, files: Mapping[str, str]) -> Fault:
    path = report.file or file
    lines = files.get(path, "").split("\n")
    text = lines[report.line - 1].strip()[:200] if 0 < report.line <= len(lines) else ""
    params = {"page": page, "line": report.line, "column": report.column, "text": text}
    return Fault(
        f"{path}:{report.line}:{report.column}", report.code, params | ({"what": report.what} if report.what else {})
    )


def wrong(path: str, fault: ScriptFault) -> Fault:
    place = f"{fault.file or path}:{fault.line}" if fault.line else fault.file or path
    return Fault(place, f"goupile_{fault.code}", {"detail": fault.message[:300]})


def located(node: Any, path: str) -> None:
    """Write the file into the place of every node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            if isinstance(one.get("loc"), dict):
                one["loc"]["start"]["file"] = path
            waiting += [value for name, value in one.items() if name != "loc" and isinstance(value, dict | list)]


def resolved(wanted: str, source: str, files: Mapping[str, str]) -> str | None:
    """The file that an import means; as the runtime finds it."""

    def walk(start: list[str], path: str) -> str:
        steps = list(start)
        for step in path.split("/"):
            if step == "..":
                steps = steps[:-1]
            elif step not in ("", "."):
                steps.append(step)
        return "/".join(steps)

    folder = [] if wanted.startswith("/") else source.split("/")[:-1]
    for path in (walk(folder, wanted), walk([], wanted)):
        for one in (path, f"{path}.js"):
            if one in files:
                return one
    return None


def exported(program: Ast, env: Env, page: Page) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in program["body"]:
        if node["type"] == "ExportDefaultDeclaration":
            inner = node["declaration"]
            named = inner["id"]["name"] if inner.get("id") else None
            found["default"] = (
                env.names[named]
                if named
                else page.value(
                    {**inner, "type": inner["type"].replace("FunctionDeclaration", "FunctionExpression")}, env
                )
            )
        elif node["type"] == "ExportNamedDeclaration" and node["declaration"]:
            inner = node["declaration"]
            ids = [one["id"] for one in inner.get("declarations", [])] or [inner["id"]]
            found |= {
                one["name"]: env.names[one["name"]]
                for one in ids
                if one["type"] == "Identifier" and one["name"] in env.names
            }
        elif node["type"] == "ExportNamedDeclaration" and not node["source"]:
            for one in node["specifiers"]:
                if one["local"]["name"] in env.names:
                    found[one["exported"]["name"]] = env.names[one["local"]["name"]]
    return found
