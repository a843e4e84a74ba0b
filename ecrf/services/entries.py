"""Save what was entered: everything is evaluated again here, and nothing is half saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core import access
from ecrf import permissions
from ecrf.engine import Sheet
from ecrf.models import Form, Source, Subject
from ecrf.services import doors, script_failures
from ecrf.services.asked import Asked, Batch, Saved, current_version, entry_on
from ecrf.services.contexts import ALONE, context_of
from ecrf.services.judging import StaleEntry
from ecrf.services.keeping import difference
from ecrf.services.saving import Saving

if TYPE_CHECKING:
    from core.access.scope import Actor

__all__ = [
    "Batch",
    "Saved",
    "StaleEntry",
    "context_of",
    "current_version",
    "difference",
    "entry_on",
    "keep",
    "save_entry",
]


@script_failures.told
@transaction.atomic
def save_entry(
    actor: Actor,
    subject: Subject,
    form: Form,
    base: int,
    values: Mapping[str, Any],
    *,
    sheet: Sheet = ALONE,
    notes: Mapping[str, Any] | None = None,
    complete: Mapping[str, bool] | None = None,
    reason: str = "",
    shown: int | None = None,
    draft: bool = False,
    source: Source = Source.WEB,
    said_at: datetime | None = None,
    merge: bool = False,
) -> Saved:
    """Save the changed `values` and `notes` of a sheet, and which pages are complete, on revision `base`.

    `notes`: by place, ``{"status": "na", "comment": "…"}``, or null to take the note away. `shown`: the number of the
    form's version in which the questions were asked, where that is known. A `draft` may break the form's checks. With
    `merge`, what others changed meanwhile is no hindrance as long as it is elsewhere, and on no page that is completed
    here. Raises StaleEntry when the entry has moved on, Conflict when it is locked or the form has a newer version than
    was shown, Invalid with every fault of the values.
    """
    access.require(actor, permissions.SAVE, subject.project, site=subject.site, obj=subject)
    with doors.acting_for(actor, subject, form, sheet, values, notes or {}, complete or {}):
        return keep(
            actor,
            subject,
            form,
            base,
            values,
            sheet=sheet,
            notes=notes or {},
            complete=complete or {},
            reason=reason,
            shown=shown,
            draft=draft,
            source=source,
            said_at=said_at,
            merge=merge,
        )


def keep(
    actor: Actor, subject: Subject, form: Form, base: int, values: Mapping[str, Any], *, sheet: Sheet, **asked: Any
) -> Saved:
    """What every way of saving does once it is granted, inside a transaction; `asked` is the rest of `Asked`.

    What must hold besides for who acts as a person is in doors.py.
    """
    saving = Saving(actor, subject, form, base, Asked(sheet, values, **asked))
    saving.read()
    saving.judge()
    if saving.entry is not None and saving.changes_nothing:
        return Saved(saving.entry, saving.after)
    entry = saving.write()
    saving.follow(entry)
    return Saved(entry, saving.after)
