"""Script pages among native ones: stored values go in, and the evaluated form comes back in the engine's terms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.faults import Finding, Severity
from ecrf.engine.goupile.places import Place, places
from ecrf.engine.goupile.run import Project, Runner, ScriptFault, run

MISSING = "required"
Stored = str | list[Any] | None


@dataclass(frozen=True)
class ScriptState:
    """A script page as evaluated. Places are keys of items, or ``rows[0].key`` for what is asked in rows."""

    values: Mapping[str, Stored]
    visible: frozenset[str]
    required: frozenset[str]
    findings: tuple[Finding, ...]
    defaults: frozenset[str]
    notes: Mapping[str, Mapping[str, Any]]
    tags: tuple[str, ...]
    summary: str
    hid: str
    counters: Mapping[str, Mapping[str, Any]]
    constraints: Mapping[str, Mapping[str, bool]]
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What the script keeps and no item of the page holds: the whole values of such keys, by path."""
    form: Mapping[str, Any] = field(default_factory=dict)
    """The evaluated form, as the browser has it too."""
    enabled: bool = True
    """Whether the project's main script opens the page now."""


def project_of(data: Mapping[str, Any]) -> Project:
    """The files of the scripts of a definition."""
    files = dict(data.get("modules", {}))
    files |= {filename(page): page["script"] for page in data["pages"] if "script" in page}
    return Project(files)


def filename(page: Mapping[str, Any]) -> str:
    source = page.get("source", {})
    return str(source.get("goupile.filename") or f"pages/{source.get('goupile.page', page['key'])}.js")


def entered(
    page: Mapping[str, Any], stored: Mapping[str, Any], extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Stored values as the script's values. A key that is present and null was emptied by somebody."""
    values: dict[str, Any] = dict(extra or {})
    for place in places(page):
        if place.repeat:
            rows = stored.get(place.repeat) or []
            holder = inner(values, place.path[:-1])
            for number, row in enumerate(rows):
                if place.key in row:
                    holder.setdefault(str(number), {})[place.path[-1]] = row[place.key]
                else:
                    holder.setdefault(str(number), {})
        elif place.key in stored and place.item["type"] != "output":
            inner(values, place.path[:-1])[place.path[-1]] = stored[place.key]
    return values


def inner(values: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    for step in path:
        if not isinstance(values.get(step), dict):
            values[step] = {}
        values = values[step]
    return values


ROW = re.compile(r"(\w+)\[(\d+)\]\.(\w+)", re.ASCII)


def noted(page: Mapping[str, Any], notes: Mapping[str, Any]) -> dict[str, Any]:
    """Notes by the paths of the script."""
    known = {(place.repeat, place.key): place.path for place in places(page)}
    found: dict[str, Any] = {}
    for at, note in notes.items():
        row = ROW.fullmatch(at)
        path = known.get((row[1], row[3]) if row else ("", at))
        if path is not None:
            found[".".join((*path[:-1], row[2], path[-1]) if row else path)] = note
    return found


def evaluate_script(
    data: Mapping[str, Any],
    page: Mapping[str, Any],
    stored: Mapping[str, Any],
    *,
    now: datetime,
    notes: Mapping[str, Any] | None = None,
    thread: Mapping[str, Any] | None = None,
    extra: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    saving: bool = False,
    language: str = "",
    runner: Runner | None = None,
) -> ScriptState:
    """Run a script page on stored values. Raises ScriptFault. `saving` shows the faults that wait for a save."""
    said = {"language": language or data["languages"][0], "triggered": saving, "annotate": data.get("annotate", False)}
    answer = run(
        project_of(data),
        page.get("source", {}).get("goupile.page", page["key"]),
        entered(page, stored, extra),
        noted(page, notes or {}),
        thread,
        {"now": now.replace(tzinfo=None).isoformat(timespec="seconds"), **said, **(context or {})},
        types=types(page),
        runner=runner,
    )
    if not well_valued(answer):
        raise ScriptFault("bad_result")
    return state_of(page, answer, said["language"])


def types(page: Mapping[str, Any]) -> dict[str, Any]:
    """What the runtime is told of the variables, so that it knows each stored text for what it is."""
    kinds = {"text": "text", "integer": "number", "decimal": "number", "date": "date", "partial_date": "month"}
    kinds |= {"time": "time", "choice": "enum", "choices": "multi", "file": "file"}
    known: dict[str, Any] = {}
    for place in places(page):
        kind = kinds.get(place.item["type"])
        source = place.item.get("source", {})
        if kind is None or "goupile.calc" in source:
            continue
        variable: dict[str, Any] = {"type": kind}
        if choices := place.item.get("choices"):
            codes = [choice["code"] for choice in choices]
            values = json.loads(source["goupile.values"]) if "goupile.values" in source else codes
            variable["props"] = [{"code": code, "value": value} for code, value in zip(codes, values, strict=True)]
        path = [*place.path[:-1], "*", place.path[-1]] if place.repeat else place.path
        known[".".join(path)] = variable
    return known


def state_of(page: Mapping[str, Any], answer: Mapping[str, Any], language: str) -> ScriptState:
    known = {place.path: place for place in places(page)}
    values: dict[str, Stored] = {}
    rows = {place.repeat: row_values(place, answer["values"]) for place in known.values() if place.repeat}
    visible, required, defaults = set(), set(), set()
    extra: dict[str, Any] = {}
    for widget, row in widgets(answer["widgets"]):
        path = tuple(widget["path"].split("."))
        place = known.get(path if row is None else (*path[:-2], path[-1]))
        if widget["type"] == "repeat":
            continue
        if place is None or (row is not None and row >= len(rows.get(place.repeat, ()))):
            extra[path[0]] = answer["values"].get(path[0])
            continue
        stored, at = canonical(widget), place.key if row is None else f"{place.repeat}[{row}].{place.key}"
        if row is None:
            values[place.key] = stored
        else:
            rows[place.repeat][row][place.key] = stored
        visible |= {at} if widget.get("visible", True) else set()
        required |= {at} if widget.get("mandatory") and not widget.get("disabled") else set()
        defaults |= {at} if widget["path"] in answer["following"] and stored is not None else set()
    for path, place in known.items():
        if "goupile.assigned" in place.item.get("source", ()) and not place.repeat and place.key not in values:
            values[place.key] = canonical({"type": "calc", "value": inside(answer["values"], path)})
    values |= rows
    tops = {place.path[0] for place in known.values()}
    extra |= {name: value for name, value in answer["values"].items() if name not in tops}
    return ScriptState(
        values=values,
        visible=frozenset(visible),
        required=frozenset(required),
        findings=tuple(findings(answer["errors"], known, language)),
        defaults=frozenset(defaults),
        notes={at: note for path, note in answer["notes"].items() if (at := placed(path, known))},
        tags=tuple(map(str, answer["tags"])),
        summary=str(answer.get("summary") or "")[:1000],
        hid=str(answer.get("hid") or "")[:200],
        counters=answer["counters"],
        constraints={placed(path, known) or path: rule for path, rule in answer["constraints"].items()},
        extra=extra,
        form=answer,
        enabled=is_enabled(page, answer),
    )


def inside(values: Any, path: Sequence[str]) -> Any:
    """What stands at a path; nothing that no text can say."""
    for step in path:
        values = values.get(step) if isinstance(values, dict) else None
    return None if isinstance(values, dict | list) else values


def placed(path: str, known: Mapping[tuple[str, ...], Place]) -> str:
    """The place of a path; empty where no item holds it."""
    steps = tuple(path.split("."))
    if steps in known:
        return known[steps].key
    place = known.get((*steps[:-2], steps[-1])) if len(steps) > 2 and steps[-2].isdecimal() else None
    return f"{place.repeat}[{int(steps[-2])}].{place.key}" if place else ""


def is_enabled(page: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    key = page.get("source", {}).get("goupile.page", page["key"])
    listed = answer.get("project", {}).get("pages", [])
    return all(one.get("enabled") is not False for one in listed if one.get("key") == key)


def well_valued(answer: Mapping[str, Any]) -> bool:
    """Whether each counter and constraint is what its readers count on: a script may have spoilt them."""
    parts = (*answer["counters"].values(), *answer["constraints"].values(), *answer["notes"].values())
    return all(isinstance(one, dict) for one in parts)


def row_values(place: Place, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As many empty rows as the repeat has."""
    holder: Any = values
    for step in place.path[:-1]:
        holder = holder.get(step, {}) if isinstance(holder, dict) else {}
    count = 0
    while isinstance(holder, dict) and str(count) in holder:
        count += 1
    return [{} for _ in range(count)]


def widgets(
    tree: Sequence[Mapping[str, Any]], row: int | None = None
) -> Iterator[tuple[Mapping[str, Any], int | None]]:
    """Every widget that holds a value, with the row it stands in."""
    for widget in tree:
        if isinstance(widget.get("path"), str):
            yield widget, row
        inside = widget.get("index") if widget["type"] == "row" else row
        yield from widgets(widget.get("children", ()), inside)


def canonical(widget: Mapping[str, Any]) -> Stored:
    """The stored spelling of what a widget holds; null where it holds nothing, or nothing that can be stored."""
    value = widget.get("value")
    if value is None or value == "":
        return None
    kind = widget["type"]
    if kind in ("enum", "multi"):
        choices = widget.get("choices") or []
        given = value if isinstance(value, list) else [value]
        codes = [str(one["code"]) for one in choices if any(same(one.get("value"), each) for each in given)]
        return codes if kind == "multi" else codes[0] if codes else None
    if kind == "file":
        return str(value.get("sha256", "")) or None if isinstance(value, dict) else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return numbers.write(Decimal(repr(value)))
    text = str(value)
    if kind == "time" and (clock := moments.parse_time(text)):
        return moments.write(clock)
    return text


def same(one: Any, other: Any) -> bool:
    """Whether two codes are the same in JavaScript: 1 is not "1", and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    numeric = isinstance(one, int | float) and isinstance(other, int | float)
    return (numeric or type(one) is type(other)) and one == other


def findings(
    errors: Sequence[Mapping[str, Any]], known: Mapping[tuple[str, ...], Place], language: str
) -> Iterator[Finding]:
    for error in errors:
        at = placed(str(error["path"]), known)
        row, _, key = at.rpartition(".")
        key = key or str(error["path"])[:120]
        code, when = str(error.get("code")), "input" if error.get("shown", True) else "save"
        if code == MISSING:
            kind: Severity = "missing" if error.get("block") else "warning"
            yield Finding(key, MISSING, kind, row=row, when=when, waived=bool(error.get("waived")))
            continue
        severity: Severity = "error" if error.get("block") else "warning"
        message = {language: str(error.get("message", ""))[:2000]}
        yield Finding(
            key,
            "check_failed",
            severity,
            {"check": code},
            message,
            row=row,
            when=when,
            waived=bool(error.get("waived")),
        )


__all__ = ["ScriptState", "entered", "evaluate_script", "noted", "places", "project_of", "state_of", "types"]
