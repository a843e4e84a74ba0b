"""Mark values as compared with the source, take a mark back, and plan what is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import messages, permissions, rights
from ecrf.engine.verification import verifiable
from ecrf.models import Entry, Form, Verification, VerificationPlan
from ecrf.models.verification_plans import new_seed
from ecrf.services.people import account
from ecrf.services.verification_counts import count
from ecrf.verifying import entered_of
from ecrf.words.values import VALUES

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.access.scope import Actor


@transaction.atomic
def verify_source(
    actor: Actor, entry: Entry, items: Sequence[str] = (), *, page: str = "", revision: int | None = None
) -> int:
    """Mark these items, all that was entered on a page, or all of the record, as they stand at `revision`.

    Gives how many marks are new. Raises Conflict where the record was saved since, Invalid for unknown items.
    """
    access.require(actor, permissions.VERIFY, entry.subject.project, site=entry.subject.site, obj=entry)
    now = Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if revision is not None and now.revision != revision:
        raise Conflict(_("The record was saved in the meantime: reload it, and compare again."), "stale")
    may = rights.of_entry(actor, entry)
    places = {key: at for key, at in verifiable(entry.version.loaded).items() if may.reads(at)}
    unknown = [item for item in items if item not in places]
    if unknown or (page and page not in places.values()):
        raise Invalid([Fault("items", "unknown_variable", messages.words("unknown_variable", {}, of=VALUES))])
    entered = entered_of([entry])[entry.pk]
    wanted = list(items) or [key for key, at in places.items() if key in entered and page in ("", at)]
    marked = set(counting(entry).filter(item__in=wanted).values_list("item", flat=True))
    fresh = [item for item in wanted if item not in marked]
    by = account(actor)
    Verification.objects.bulk_create(
        Verification(entry=entry, item=item, revision=now.revision, by=by) for item in dict.fromkeys(fresh)
    )
    if fresh:
        count(entry.form, entry)
        audit.record(actor, "ecrf.source_verified", entry, form=entry.form.key, revision=now.revision, fields=fresh)
    return len(fresh)


def counting(entry: Entry) -> QuerySet[Verification]:
    return Verification.objects.filter(entry=entry, outdated_at=None, withdrawn_at=None)


@transaction.atomic
def withdraw_verification(actor: Actor, entry: Entry, items: Iterable[str]) -> int:
    """Take the marks of these items back; that they were there stays known."""
    access.require(actor, permissions.VERIFY, entry.subject.project, site=entry.subject.site, obj=entry)
    may, definition = rights.of_entry(actor, entry), entry.version.loaded
    rows = counting(entry).filter(item__in=[item for item in items if may.knows(definition, item)])
    names = sorted(rows.values_list("item", flat=True))
    done = rows.update(withdrawn_at=timezone.now(), withdrawn_by=account(actor))
    if done:
        count(entry.form, entry)
        audit.record(actor, "ecrf.verification_withdrawn", entry, form=entry.form.key, fields=names)
    return int(done)


@transaction.atomic
def plan_verification(
    actor: Actor, form: Form, *, subjects: str, first: int = 3, percent: int = 20, items: Sequence[str] = (),
    draw_again: bool = False,
) -> VerificationPlan:  # fmt: skip
    """Settle what of a form is verified. The share stays the same people until it is drawn again."""
    access.require(actor, permissions.DESIGN, form.project, obj=form)
    places = verifiable(form.published.loaded)
    faults = [
        Fault("items", "unknown_variable", messages.words("unknown_variable", {"name": item[:80]}))
        for item in items
        if item not in places
    ]
    if subjects not in VerificationPlan.Subjects.values:
        faults.append(Fault("subjects", "unknown_choice", messages.words("unknown_act", {})))
    if not 1 <= percent <= 100:
        faults.append(Fault("percent", "bad_percent", _("Write a whole number from 1 to 100.")))
    if not 1 <= first <= 100_000:
        faults.append(Fault("first", "bad_number", _("Write a whole number, 1 or more.")))
    if faults:
        raise Invalid(faults)
    plan, _made = VerificationPlan.objects.get_or_create(form=form)
    plan.subjects, plan.first, plan.percent = subjects, first, percent
    plan.items = list(dict.fromkeys(items))
    if draw_again:
        plan.seed = new_seed()
    plan.save()
    count(form, plan=plan)
    audit.record(actor, "ecrf.verification_planned", plan, form=form.key, subjects=subjects, fields=plan.items)
    return plan
