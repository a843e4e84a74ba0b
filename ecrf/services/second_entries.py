"""The second, blind entry of a page: evaluated like the first, kept aside, seen by nobody who enters the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages, permissions, rights
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, Fragment, SecondEntry, Subject
from ecrf.models.page_rights import grants_of
from ecrf.services import attachments, consents, double_plans, keeping, locks, noting
from ecrf.services.contexts import context_of
from ecrf.services.judging import new_errors, refused_writes
from ecrf.services.people import account
from ecrf.words.values import VALUES

if TYPE_CHECKING:
    from core.access.scope import Actor


@dataclass(frozen=True)
class SavedSecond:
    second: SecondEntry
    state: engine.Evaluated


def entry_of_sheet(subject: Subject, form: Form, sheet: Sheet) -> Entry | None:
    rows = Entry.objects.filter(subject=subject, form=form, event=sheet.event, page=sheet.page, removed_at=None)
    return rows.filter(instance=sheet.instance).first()


def pages_twice(form: Form, sheet: Sheet) -> list[str]:
    """The pages of a sheet that are entered twice."""
    plan = double_plans.plan_of(form)
    pages = form.published.loaded.pages_of(sheet.event, sheet.page)
    return [page.key for page in pages if plan is not None and page.key in plan.pages]


def may_be_second(actor: Actor, subject: Subject, form: Form) -> bool:
    """Whether he holds a second role at the site, and doesn't see the pages that are entered twice."""
    plan = double_plans.plan_of(form)
    if plan is None or not access.can(actor, permissions.SAVE, subject.project, subject.site):
        return False
    roles = {grant.role for grant in grants_of(actor.pk, subject.project_id) if grant.counts_at(subject.site_id)}
    if roles.isdisjoint(plan.second_roles.values_list("pk", flat=True)):
        return False
    may = rights.of(actor, form, subject.site)
    return not any(map(may.reads, plan.pages))


def require_second(actor: Actor, subject: Subject, form: Form, sheet: Sheet) -> None:
    """Raises Refused for who may not save here, Conflict for who isn't the one to enter this the second time."""
    access.require(actor, permissions.SAVE, subject.project, site=subject.site, obj=subject)
    if not may_be_second(actor, subject, form):
        raise Conflict(_("The second entry is made by somebody who doesn’t see the first."), "not_blind")
    entry = entry_of_sheet(subject, form, sheet)
    pages = pages_twice(form, sheet)
    if entry is not None and actor.pk in double_plans.first_authors(entry, form.published.loaded, pages):
        raise Conflict(_("You made the first entry: somebody else makes the second."), "not_twice")
    second = double_plans.second_on(subject, form, sheet)
    if second is not None and second.author_id != actor.pk:
        raise Conflict(_("Somebody else makes the second entry of this sheet."), "not_yours")


def evaluated(
    subject: Subject, form: Form, sheet: Sheet, values: Mapping[str, Any], notes: Mapping[str, Any]
) -> engine.Evaluated:
    """The sheet with the second values on their pages, and on the others what was entered there."""
    definition = form.published.loaded
    entry = entry_of_sheet(subject, form, sheet)
    twice = double_plans.keys_of(definition, pages_twice(form, sheet))
    held = keeping.known(definition, entry.values) if entry else {}
    others = {key: value for key, value in held.items() if key not in twice}
    context = context_of(subject, form=form, definition=definition, sheet=sheet)
    return engine.evaluate(definition, {**others, **keeping.known(definition, values)}, context, notes=notes)


@transaction.atomic
def save_second(
    actor: Actor,
    subject: Subject,
    form: Form,
    base: int,
    values: Mapping[str, Any],
    *,
    sheet: Sheet,
    notes: Mapping[str, Any] | None = None,
    complete: Mapping[str, bool] | None = None,
    shown: int | None = None,
    draft: bool = False,
) -> SavedSecond:
    """Save the changed values of a second entry, by the rules of the first: all faults are named, none half saved."""
    require_second(actor, subject, form, sheet)
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    form = Form.objects.select_related("current", "project").get(pk=form.pk)
    definition = form.published.loaded
    if not definition.has_sheet(sheet):
        raise Invalid([Fault("event", "unknown_sheet", messages.words("unknown_sheet", {}))])
    if shown not in (None, form.published.number):
        text = _("A new version of this form was published: reload the page. What you typed is kept.")
        raise Conflict(text, "version")
    second = double_plans.second_on(subject, form, sheet)
    if base != (second.revision if second else 0):
        raise Conflict(_("This record is not at the revision that you name."), "stale")
    pages = pages_twice(form, sheet)
    entry = entry_of_sheet(subject, form, sheet)
    if (held := locks.holding(subject, sheet, entry)).all:
        raise Conflict(held.message, "locked")
    done, complete = double_plans.reconciled_pages(entry), complete or {}
    if done & (keeping.pages_of(definition, [*values, *(notes or {})]) | set(complete)):
        raise Conflict(_("This page is reconciled: its second entry is closed."), "reconciled")
    twice = double_plans.keys_of(definition, pages)
    before_values, before_notes = (second.values, second.notes or {}) if second else ({}, {})
    before = evaluated(subject, form, sheet, before_values, before_notes)
    noted, wrong = noting.merged(actor, definition, subject, before_notes, notes or {})
    after = evaluated(subject, form, sheet, {**before_values, **values}, noted)
    strangers = [key for key in values if key not in twice] + [page for page in complete if page not in pages]
    states, lacks = keeping.page_states(definition, after, second.pages if second else {}, complete)
    faults = [
        *(Fault(key, "unknown_variable", messages.words("unknown_variable", {}, of=VALUES)) for key in strangers),
        *wrong,
        *consents.check(subject, form, definition, sheet, before_values, values),
        *attachments.unknown(subject, form, definition, before_values, values, named=False),
        *refused_writes(definition, before, values, held),
        *new_errors(definition, before, after, values, draft=draft),
        *lacks,
    ]
    if faults := [
        one for one in faults if one.place in strangers or keeping.pages_of(definition, [one.place]) & set(pages)
    ]:
        raise Invalid(faults, _("Nothing was saved."))
    kept = keeping.worth_keeping(definition, after, set(pages))
    second = second or SecondEntry(
        subject=subject, form=form, event=sheet.event, page=sheet.page, instance=sheet.instance, author=account(actor)
    )
    second.version = form.published
    second.values = {key: value for key, value in kept.items() if key in twice}
    second.notes = noting.fitting(definition, after, noted) or None
    second.pages = {page: states[page] for page in pages if page in states}
    second.revision += 1
    second.save()
    attachments.claim(subject, form, definition, values)
    audit.record(
        actor, "ecrf.second_entry_saved", second, form=form.key, revision=second.revision, fields=sorted(values)
    )
    return SavedSecond(second, after)


def first_author(entry: Entry, definition: engine.Definition, page: str) -> Any:
    """Who entered most lately something of a page the first time."""
    keys = sorted(double_plans.keys_of(definition, [page]))
    rows = Fragment.objects.filter(entry=entry, keys__overlap=keys).exclude(source="reconciled")
    fragment = rows.select_related("author").order_by("-number").first()
    return fragment.author if fragment else entry.updated_by
