"""What the expressions of a sheet may know besides its values: the moment, the subject, the rest of his casebook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from ecrf import engine
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, Subject

ALONE = Sheet()


def local(at: datetime | None = None) -> datetime:
    """The time at the hospital, now or at another moment, as forms know it: without a zone."""
    return timezone.localtime(at).replace(tzinfo=None, microsecond=0)


def context_of(
    subject: Subject,
    at: datetime | None = None,
    *,
    form: Form | None = None,
    definition: engine.Definition | None = None,
    sheet: Sheet = ALONE,
    casebook: Iterable[Entry] | None = None,
) -> engine.Context:
    """The context of a sheet. `casebook`: the subject's other entries in the form, where the caller has them already."""
    own = engine.Context(
        now=local(at),
        subject=subject.number,
        site=subject.site.code,
        arm=subject.arm,
        event=sheet.event,
        page=sheet.page,
        instance=sheet.instance,
    )
    if definition is None or form is None or not needs_casebook(definition, sheet):
        return own
    if casebook is None:
        casebook = Entry.objects.filter(subject=subject, form=form, removed_at=None, revision__gt=0)
    base: dict[str, Any] = {}
    copies: dict[str, list[Any]] = defaultdict(list)
    others: dict[str, Any] = {}
    for entry in sorted(casebook, key=lambda entry: entry.instance):
        if entry.sheet == sheet:
            continue
        if entry.event == sheet.event and not entry.page:
            base = entry.values
        elif entry.event == sheet.event and entry.page in definition.read_copies:
            copies[entry.page].append(entry.values)
        elif entry.event != sheet.event and not entry.page:
            others.setdefault(entry.event, entry.values)
    names = {name for _, name in definition.read_elsewhere}
    return engine.Context(
        now=own.now,
        subject=own.subject,
        site=own.site,
        arm=own.arm,
        event=own.event,
        page=own.page,
        instance=own.instance,
        base=base if sheet.page else {},
        copies=dict(copies),
        others={event: {key: values[key] for key in values.keys() & names} for event, values in others.items()},
    )


def needs_casebook(definition: engine.Definition, sheet: Sheet) -> bool:
    """Whether an expression of the form may read another sheet."""
    return bool(sheet.page or definition.read_elsewhere or definition.read_copies)
