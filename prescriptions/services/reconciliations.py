"""Compare two prescriptions, and keep what a person decides of each line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from prescriptions import blinding, engine, permissions, planning, queries
from prescriptions.engine.comparison import Comparison
from prescriptions.models import Document, Reconciliation
from prescriptions.services.documents import person

if TYPE_CHECKING:
    from core.access.scope import Actor

LONGEST = 500
"""Characters of a comment."""


def compare_documents(actor: Actor, before: Document, after: Document) -> Comparison:
    """What became of the lines of `before` in `after`. Raises Invalid for one and the same, or for two projects."""
    access.require(actor, permissions.READ, before.project, obj=before)
    access.require(actor, permissions.READ, after.project, obj=after)
    _require_open(actor, before, after)
    found = _compared(before, after)
    audit.record(actor, "prescriptions.documents_compared", after, before=before.number)
    return found


def _require_open(actor: Actor, *documents: Document) -> None:
    for document in documents:
        blinding.require_open(actor, document)


def _compared(before: Document, after: Document) -> Comparison:
    if before.pk == after.pk or before.project_id != after.project_id:
        raise Invalid([Fault("after", "same", _("Choose two different prescriptions of this project."))])
    lines = queries.lines_by_document([before, after])
    return planning.compared(before, lines[before.pk], after, lines[after.pk])


def mark_of(found: Comparison) -> str:
    """Names a comparison as it was seen: a decision holds for these words and no others."""
    return hashlib.sha256(json.dumps(engine.encode(found), sort_keys=True).encode()).hexdigest()[:32]


@transaction.atomic
def keep_reconciliation(
    actor: Actor, before: Document, after: Document, decisions: Sequence[tuple[str, str]], *, seen: str, note: str = ""
) -> Reconciliation:
    """Keep a decision with its comment for each change, in the order of the comparison that was `seen`.

    Raises Conflict when the prescriptions have changed since, Invalid with each change that isn't decided.
    """
    project = after.project
    access.require(actor, permissions.WRITE, project, obj=after)
    access.require(actor, permissions.READ, before.project, obj=before)
    _require_open(actor, before, after)
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    found = _compared(before, after)
    if mark_of(found) != seen:
        raise Conflict(
            _("One of the prescriptions has changed in the meantime: look at the comparison again."), "stale"
        )
    faults = []
    for place, change in enumerate(found.changes):
        decision, comment = decisions[place] if place < len(decisions) else ("", "")
        if decision not in Reconciliation.Decision.values:
            faults.append(Fault(f"decision-{place}", "undecided", _("%(name)s: decide.") % {"name": change.name}))
        if len(comment) > LONGEST:
            faults.append(
                Fault(f"comment-{place}", "too_long", _("%(name)s: shorten the comment.") % {"name": change.name})
            )
    if len(note) > 4 * LONGEST:
        faults.append(Fault("note", "too_long", _("Shorten the note.")))
    if faults:
        raise Invalid(faults, _("Decide each line first."))
    last = Reconciliation.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    kept = Reconciliation.objects.create(
        project=project, number=last + 1, author=person(actor), before=before, after=after, lines=len(found.changes),
        content=_content(found, decisions, note),
    )  # fmt: skip
    audit.record(actor, "prescriptions.reconciliation_kept", kept, lines=kept.lines)
    return kept


def _content(found: Comparison, decisions: Sequence[tuple[str, str]], note: str) -> dict[str, Any]:
    encoded = engine.encode(found)
    made = [{"decision": decision, "comment": comment.strip()} for decision, comment in decisions[: len(found.changes)]]
    return {
        "changes": encoded.get("changes", []),
        "duplicates": encoded.get("duplicates", []),
        "decisions": made,
        "note": note.strip(),
    }
