"""What is said of a question beside its value or in its place: a status, a comment, a lock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core import access
from core.errors import Fault
from ecrf import engine, messages, permissions
from ecrf.models import Subject

if TYPE_CHECKING:
    from core.access.scope import Actor

PLACE = re.compile(r"(?:([A-Za-z]\w{0,99})\[(\d{1,4})\]\.)?([A-Za-z]\w{0,99})", re.ASCII)
MAX_COMMENT = 2000


def merged(
    actor: Actor,
    definition: engine.Definition,
    subject: Subject,
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> tuple[dict[str, Any], list[Fault]]:
    """The notes with the changes, and what is wrong with these."""
    found = dict(before)
    faults: list[Fault] = []
    for place, raw in changes.items():
        item = item_at(definition, place)
        note = engine.Note.read(raw)
        code = ""
        if item is None or not isinstance(raw, Mapping | None):
            code = "unknown_variable"
        elif not definition.may_annotate(item):
            code = "no_notes_here"
        elif note.status and note.status not in definition.statuses:
            code = "unknown_status"
        elif len(note.comment) > MAX_COMMENT:
            code = "comment_too_long"
        elif note.locked != engine.Note.read(before.get(place)).locked and not may_lock(actor, subject):
            code = "locked"
        if code:
            faults.append(Fault(str(place)[:220], code, messages.words(code, {"limit": MAX_COMMENT})))
            continue
        found[place] = {
            name: value
            for name, value in (("status", note.status), ("comment", note.comment.strip()), ("locked", note.locked))
            if value
        }
    return {place: note for place, note in found.items() if note}, faults


def may_lock(actor: Actor, subject: Subject) -> bool:
    return access.can(actor, permissions.LOCK, subject.project, subject.site)


def fitting(definition: engine.Definition, state: engine.Evaluated, notes: Mapping[str, Any]) -> dict[str, Any]:
    """The notes without statuses in place of values that are there: typing a value takes the status away."""
    kept: dict[str, Any] = {}
    for place, note in notes.items():
        replaces = definition.statuses.get(note.get("status", ""), False)
        if replaces and value_at(state, place) not in (None, [], ""):
            note = {name: value for name, value in note.items() if name != "status"}
        if note:
            kept[place] = note
    return kept


def item_at(definition: engine.Definition, place: Any) -> engine.Item | None:
    """The item of a place: ``key``, or ``rows[0].key`` for one that is asked in rows."""
    found = PLACE.fullmatch(place) if isinstance(place, str) else None
    item = definition.items.get(found[3]) if found else None
    return item if item is not None and found is not None and (found[1] or "") == item.repeat else None


def value_at(state: engine.Evaluated, place: str) -> Any:
    found = PLACE.fullmatch(place)
    if found is None or not found[1]:
        return state.values.get(place)
    rows: Any = state.values.get(found[1]) or []
    return rows[int(found[2])].get(found[3]) if int(found[2]) < len(rows) else None
