"""Make two entries of a page one: a person settles each difference, with a reason; it is saved like any change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions, rights
from ecrf.engine import Sheet
from ecrf.engine.double_entry import Compared, compared
from ecrf.models import DoubleEntryPlan, Entry, Form, Reconciliation, SecondEntry, Source, Subject
from ecrf.services import double_plans, entries, page_limits, script_failures
from ecrf.services.people import account
from ecrf.services.second_entries import entry_of_sheet, first_author

if TYPE_CHECKING:
    from core.access.scope import Actor


@dataclass(frozen=True)
class Pair:
    """Both entries of a page, held against each other."""

    entry: Entry
    second: SecondEntry
    page: str
    lines: list[Compared]

    @property
    def differing(self) -> list[Compared]:
        return [line for line in self.lines if not line.same]


def pair_of(actor: Actor, subject: Subject, form: Form, sheet: Sheet, page: str) -> Pair:
    """Both entries, for who may settle their differences. Raises Refused, and Conflict where it isn't time yet."""
    entry, second = entry_of_sheet(subject, form, sheet), double_plans.second_on(subject, form, sheet)
    require_to_settle(actor, subject, form, entry, second, page)
    if entry is None or second is None or not second.pages.get(page, {}).get("complete"):
        raise Conflict(_("Both entries of the page are needed, and the second complete."), "not_twice_yet")
    if page in double_plans.reconciled_pages(entry):
        raise Conflict(_("This page is reconciled already."), "reconciled")
    definition = form.published.loaded
    lines = compared(definition, page, entry.values, second.values, entry.notes or {}, second.notes or {})
    return Pair(entry, second, page, lines)


def require_to_settle(
    actor: Actor, subject: Subject, form: Form, entry: Entry | None, second: SecondEntry | None, page: str
) -> None:
    plan = double_plans.plan_of(form)
    if plan is None or page not in plan.pages:
        raise Conflict(_("This page isn’t entered twice."), "not_planned")
    is_second = second is not None and second.author_id == actor.pk
    if is_second and plan.settles == DoubleEntryPlan.Settles.SECOND:
        access.require(actor, permissions.SAVE, subject.project, site=subject.site, obj=subject)
        return
    access.require(actor, permissions.RECONCILE, subject.project, site=subject.site, obj=subject)
    firsts = double_plans.first_authors(entry, form.published.loaded, [page]) if entry else set()
    if is_second or actor.pk in firsts:
        raise Conflict(_("Somebody who made neither entry settles their differences."), "not_third")
    if not rights.of(actor, form, subject.site).edits(page):
        raise Conflict(_("You don’t fill in this page."), "not_edited")


@script_failures.told
@transaction.atomic
def reconcile(
    actor: Actor,
    subject: Subject,
    form: Form,
    sheet: Sheet,
    page: str,
    choices: Mapping[str, Mapping[str, Any]],
    reason: str,
    *,
    base: int,
    second_revision: int,
    complete: bool = False,
) -> Reconciliation:
    """Settle every difference, ``{"take": "first" | "second" | "other", "value": …}`` by item, and save it.

    Raises Conflict where one of the entries has moved on, Invalid with each difference that isn't settled.
    """
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    pair = pair_of(actor, subject, form, sheet, page)
    if (pair.entry.revision, pair.second.revision) != (base, second_revision):
        raise Conflict(_("One of the entries was saved in the meantime: compare them again."), "stale")
    faults = [
        Fault(line.key, "choose", _("Choose one of the two values, or write the right one."))
        for line in pair.differing
        if choices.get(line.key, {}).get("take") not in ("first", "second", "other")
    ]
    if pair.differing and not reason.strip():
        faults.append(Fault("reason", "required", _("Say by what the differences were settled.")))
    if faults:
        raise Invalid(faults, _("Nothing was saved."))
    values: dict[str, Any] = {}
    notes: dict[str, Any] = {}
    for line in pair.differing:
        choice = choices[line.key]
        if choice["take"] == "second":
            values[line.key] = line.second
            notes[line.key] = {"status": line.second_status} if line.second_status else None
        elif choice["take"] == "other":
            values[line.key] = choice.get("value")
    notes = {place: note for place, note in notes.items() if note or (pair.entry.notes or {}).get(place)}
    definition = form.published.loaded
    by_first = first_author(pair.entry, definition, page)
    may = rights.of(actor, form, subject.site)
    # the second settles a page that he doesn't see otherwise: of that one he is told everything
    with page_limits.veiled(replace(may, hidden=may.hidden - {page}), definition):
        saved = entries.keep(
            actor,
            subject,
            form,
            base,
            values,
            sheet=sheet,
            notes=notes,
            complete={page: True} if complete else {},
            reason=reason.strip(),
            shown=None,
            draft=False,
            source=Source.RECONCILED,
            said_at=None,
        )
    after = compared(definition, page, saved.entry.values, pair.second.values, {}, {})
    chosen = {line.key: choices[line.key]["take"] for line in pair.differing}
    done = Reconciliation.objects.create(
        entry=saved.entry,
        second=pair.second,
        page=page,
        compared=[line.key for line in pair.lines],
        differing=list(chosen),
        first_wrong=[key for key, take in chosen.items() if take != "first"],
        second_wrong=[line.key for line in after if line.key in chosen and chosen[line.key] != "second"],
        first_by=by_first,
        second_by=pair.second.author,
        by=account(actor),
        reason=reason.strip()[:500],
        first_revision=base,
        second_revision=second_revision,
    )
    audit.record(
        actor,
        "ecrf.entries_reconciled",
        saved.entry,
        form=form.key,
        page=page,
        differing=list(chosen),
        fields=sorted(values),
    )
    return done
