"""What a save is asked for, what it comes to, and the sheet that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Conflict
from ecrf import engine
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, FormVersion, Source, Subject
from ecrf.services.automatic import Settled


@dataclass(frozen=True)
class Batch:
    """What one of many saves needn't ask for again: who makes the batch holds the form, and says that data changed."""

    version: FormVersion
    settled: Settled | None = None
    imported: Mapping[str, Any] | None = None
    """How the file spelt this record (`Entry.imported`)."""


@dataclass(frozen=True)
class Saved:
    entry: Entry
    state: engine.Evaluated


@dataclass(frozen=True)
class Asked:
    """What is to be saved on a sheet, and how: see save_entry."""

    sheet: Sheet
    values: Mapping[str, Any]
    notes: Mapping[str, Any]
    complete: Mapping[str, bool]
    reason: str
    shown: int | None
    draft: bool
    source: Source
    said_at: datetime | None
    batch: Batch | None = None
    merge: bool = False
    at: datetime | None = None
    """When the questions were answered, for what depends on the day."""
    unasked: Mapping[str, Any] = field(default_factory=dict)
    """Values of an older version of the form that this one doesn't ask or can't read any more: kept as they are."""


def current_version(form: Form) -> FormVersion:
    """The published version now; its definition stays in memory from one save to the next."""
    return Form.objects.select_related("current").defer("current__definition").get(pk=form.pk).published


def entry_on(subject: Subject, form: Form, sheet: Sheet) -> Entry | None:
    """The entry of a sheet, held until the transaction ends. Raises Conflict where it was removed."""
    entry = (
        Entry.objects.select_for_update(of=("self",))
        .filter(subject=subject, form=form, event=sheet.event, page=sheet.page, instance=sheet.instance)
        .first()
    )
    if entry is not None and entry.removed_at is not None:
        raise Conflict(_("This record was removed: restore it first."), "removed")
    return entry
