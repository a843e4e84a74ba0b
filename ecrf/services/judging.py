"""What a save may not do: overtake another, write what is fixed, and bring errors into a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Conflict, Fault
from ecrf import engine, messages
from ecrf.models import Entry, Fragment
from ecrf.models.forms import reader_language
from ecrf.queries import Change, changes_since
from ecrf.services import keeping, locks

MOST_VALUES = 5000


class StaleEntry(Conflict):
    """Somebody saved since the caller read: `changes` names what, by whom and when."""

    def __init__(self, message: str, changes: list[Change]) -> None:
        super().__init__(message, "stale")
        self.changes = changes


def is_elsewhere(
    entry: Entry | None, base: int, definition: engine.Definition, touched: set[str], complete: Mapping[str, bool]
) -> bool:
    """Whether all that others changed since `base` is something else, on no page that is completed now."""
    if entry is None or not 0 <= base < entry.revision:
        return False
    fragments = Fragment.objects.filter(entry=entry, number__gt=base).values_list("keys", "noted")
    theirs = {place.partition("[")[0] for keys, noted in fragments for place in (*keys, *noted)}
    return not theirs & touched and not keeping.pages_of(definition, theirs) & complete.keys()


def check_free(entry: Entry | None, base: int, definition: engine.Definition, held: locks.Held) -> None:
    """Nobody locked the entry, nor saved since the caller read it."""
    if held.all:
        raise Conflict(held.message, "locked")
    revision = entry.revision if entry else 0
    if base == revision:
        return
    since = changes_since(entry, base, definition, reader_language()) if entry else []
    names = ", ".join(dict.fromkeys(change.label for change in since[:8]))
    people = ", ".join(dict.fromkeys(str(change.by) for change in since))
    text = _("Saved in the meantime by %(people)s: %(names)s.") % {"people": people, "names": names}
    raise StaleEntry(text if since else _("This record is not at the revision that you name."), since)


def refused_writes(
    definition: engine.Definition,
    before: engine.Evaluated,
    values: Mapping[str, Any],
    held: locks.Held,
    *,
    by_hand: bool = True,
) -> list[Fault]:
    """What nobody may write: calculations and locked fields, masses of them, and by hand those that are fixed."""
    if len(values) > MOST_VALUES:
        return [Fault("", "too_many_values", messages.words("too_many_values", {}))]
    faults: list[Fault] = []
    for key, value in values.items():
        if value == before.values.get(key):
            continue
        item = definition.items.get(key)
        code = "locked" if held.covers(keeping.page_of(definition, key), key) else ""
        if item is not None and not code:
            fixed = by_hand and (item.spec.get("readonly") or key in before.readonly)
            code = "computed" if item.calc else "readonly" if fixed else ""
        if code:
            faults.append(Fault(key, code, messages.words(code, {})))
    return faults


def new_errors(
    definition: engine.Definition,
    before: engine.Evaluated,
    after: engine.Evaluated,
    values: Mapping[str, Any],
    *,
    draft: bool,
) -> list[Fault]:
    """Errors that this save brings; one that an older version of the form left elsewhere doesn't block the others."""
    known = {(finding.place, finding.code) for finding in before.errors}
    return [
        Fault(finding.place, finding.code, messages.of_finding(finding, definition, reader_language()))
        for finding in after.errors
        if not (draft and finding.code in engine.WAIVED)
        and (
            finding.key in values
            or finding.row.partition("[")[0] in values
            or (finding.place, finding.code) not in known
        )
    ]
