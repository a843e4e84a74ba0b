"""The script pages of a sheet, run one after the other without a database: for who tries a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.goupile.run import Runner
from ecrf.engine.goupile.state import ScriptState, entered, evaluate_script, types
from ecrf.engine.state import Context


def run_pages(
    definition: Definition,
    values: Mapping[str, Any],
    context: Context,
    *,
    notes: Mapping[str, Any] | None = None,
    thread: Mapping[str, Any] | None = None,
    language: str = "",
    runner: Runner | None = None,
) -> dict[str, ScriptState]:
    """What each script page comes to, as at a save; later ones read what earlier ones compute. Raises ScriptFault."""
    states: dict[str, ScriptState] = {}
    known = dict(values)
    for page in definition.pages_of(context.event, context.page):
        if "script" not in page.spec:
            continue
        told = {**thread_of(definition, known), **(thread or {})}
        states[page.key] = state = evaluate_script(
            definition.data,
            page.spec,
            known,
            now=context.now,
            notes=notes,
            thread=told,
            saving=True,
            language=language,
            runner=runner,
        )
        known |= state.values
    return states


def thread_of(definition: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Goupile's `thread` for these values: each page that holds something is an entry of its store."""
    entries: dict[str, Any] = {}
    kinds: dict[str, Any] = {}
    for page in definition.pages:
        store = store_of(page.spec)
        kinds.setdefault(store, {}).update(types(page.spec))
        data = entered(page.spec, values)
        if any(value is not None for value in data.values()):
            entries.setdefault(store, {"store": store, "data": {}})["data"].update(data)
    return {"saved": bool(entries), "entries": entries, "types": kinds, "counters": {}}


def store_of(page: Mapping[str, Any]) -> str:
    """The table of Goupile in which a page keeps its data."""
    source = page.get("source", {})
    return str(source.get("goupile.store") or source.get("goupile.page") or page["key"])
