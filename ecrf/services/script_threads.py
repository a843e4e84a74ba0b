"""What a script knows of the participant: his other pages, whether they were saved, the numbers that he drew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ecrf import engine
from ecrf.engine import Sheet
from ecrf.engine.goupile import state as scripts
from ecrf.engine.goupile.sheet import store_of
from ecrf.models import Entry, Form, Subject
from ecrf.services import drawing


def thread_of(
    subject: Subject,
    form: Form,
    definition: engine.Definition,
    sheet: Sheet,
    entry: Entry | None,
    values: Mapping[str, Any],
    drawn: Mapping[str, drawing.Draw],
    reads: Callable[[str], bool] = lambda page: True,
) -> dict[str, Any]:
    """Goupile's `thread`: `values` are those of this sheet as they are about to be; of other sheets, what is saved.

    `reads`: whether a page is for him to whom this is told.
    """
    entries: dict[str, Any] = {}
    types: dict[str, Any] = {}
    held = Entry.objects.filter(subject=subject, form=form, removed_at=None, revision__gt=0)
    others = [one for one in held.select_related("subject__project") if one.sheet != sheet] if definition.events else []
    for page in filter(lambda one: reads(one.key), definition.pages):
        store = store_of(page.spec)
        types.setdefault(store, {}).update(scripts.types(page.spec))
        own = page in definition.pages_of(sheet.event, sheet.page)
        elsewhere = next((one for one in others if page in definition.pages_of(one.event, one.page)), None)
        source = entry if own else elsewhere
        given = values if own else source.values if source else {}
        memory = ((source.scripts if source else None) or {}).get(page.key, {})
        data = scripts.entered(page.spec, given, memory.get("extra"))
        if source is None and not own:
            continue
        begun = any(value is not None for value in data.values())
        if begun or store in entries:
            entries.setdefault(store, described(source, store))["data"].update(data)
    return {
        "tid": str(subject.pk),
        "saved": bool(entry),
        "locked": bool(entry and entry.locked_at),
        "sequence": subject.sequence,
        "hid": subject.number,
        "counters": drawing.told(drawn),
        "entries": entries,
        "types": types,
    }


def described(entry: Entry | None, store: str) -> dict[str, Any]:
    return {
        "store": store,
        "ctime": entry.created_at.isoformat() if entry else None,
        "mtime": entry.updated_at.isoformat() if entry else None,
        "anchor": entry.revision if entry else None,
        "tags": entry.tags if entry else [],
        "data": {},
    }
