"""What publishing a draft would do to the entries that exist: counted at once where they are few, else by a job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core import access, jobs
from core.jobs.models import Job
from ecrf import engine, permissions
from ecrf.engine.impact import Case, Impact, impact
from ecrf.engine.versions import carried_over
from ecrf.models import Draft, Entry
from ecrf.services.contexts import context_of

if TYPE_CHECKING:
    from core.access.scope import Actor

AT_ONCE = 200
"""Entries that a page evaluates while its reader waits."""


def entries_of(draft: Draft) -> Any:
    """The entries of the form that the draft changes."""
    return (
        Entry.objects.filter(form=draft.form, removed_at=None)
        .select_related("subject__site", "subject__project", "form")
        .order_by("created_at", "pk")
    )


def cases(entries: Iterable[Entry], definition: engine.Definition) -> Iterator[Case]:
    """Each entry as it was saved, by the published version."""
    for entry in entries:
        context = context_of(entry.subject, entry.updated_at, form=entry.form, definition=definition, sheet=entry.sheet)
        yield entry.values, entry.notes or {}, context


def becoming(draft: Draft, before: engine.Definition) -> engine.Definition:
    """What publishing would make of the draft: choices that it drops are retired."""
    try:
        return engine.load(carried_over(before, draft.loaded))
    except engine.Refused:  # they don't go together, which publishing says
        return draft.loaded


def impact_now(draft: Draft) -> Impact | None:
    """The impact, where the draft is sound, changes a form, and its entries are few enough to look at now."""
    if draft.form is None or draft.form.current is None or not draft.is_sound:
        return None
    entries = list(entries_of(draft)[: AT_ONCE + 1])
    before = draft.form.current.loaded
    return impact(before, becoming(draft, before), cases(entries, before)) if len(entries) <= AT_ONCE else None


def kept_impact(draft: Draft) -> dict[str, Any] | None:
    """What a job counted for exactly this state of the draft and this published version."""
    kept = draft.impact
    if not kept or draft.form is None or draft.form.current is None:
        return None
    same = kept["digest"] == draft.digest and kept["version"] == draft.form.current.number
    return dict(kept["counts"]) if same else None


@transaction.atomic
def measure_impact(actor: Actor, draft: Draft) -> Job:
    """Count the impact on all entries as a job; its result stands on the draft's page."""
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    return jobs.submit(
        actor,
        "ecrf.measure_impact",
        project=draft.project,
        arguments={"draft_id": str(draft.pk)},
        subject=draft,
        unique=f"{draft.pk} {draft.revision}",
    )
