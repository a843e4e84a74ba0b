"""The plan of double entry, and what it forbids before two entries are one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Role
from core.errors import Fault, Invalid
from ecrf import engine, messages, permissions
from ecrf.engine import Sheet
from ecrf.models import DoubleEntryPlan, Entry, Form, Fragment, Reconciliation, SecondEntry, Subject
from ecrf.services import keeping
from ecrf.services.page_rights import roles_in

if TYPE_CHECKING:
    from core.access.scope import Actor


def plan_of(form: Form) -> DoubleEntryPlan | None:
    """The plan of a form that enters some of its pages twice."""
    plan = DoubleEntryPlan.objects.filter(form=form).first()
    return plan if plan is not None and plan.pages else None


@transaction.atomic
def plan_double_entry(
    actor: Actor,
    form: Form,
    pages: Sequence[str],
    roles: Collection[int],
    *,
    settles: str = DoubleEntryPlan.Settles.THIRD,
    holds_back: bool = True,
) -> DoubleEntryPlan:
    """Enter these pages twice, the second time by who holds one of these roles and so doesn't see them otherwise.

    Without pages, nothing is entered twice any more. Raises Invalid for what the form or the project doesn't have.
    """
    access.require(actor, permissions.MANAGE_RIGHTS, form.project, obj=form)
    known = {page["key"] for page in form.published.definition["pages"]}
    held = {role.pk: role for role in roles_in(form.project)}
    faults = [Fault("pages", "unknown_page", messages.words("unknown_page", {})) for page in pages if page not in known]
    if any(role not in held for role in roles):
        faults.append(Fault("roles", "unknown_role", _("Nobody holds this role in the project.")))
    if pages and not roles:
        faults.append(Fault("roles", "required", _("Say which role enters the pages the second time.")))
    if settles not in DoubleEntryPlan.Settles.values:
        faults.append(Fault("settles", "unknown_choice", messages.words("unknown_act", {})))
    if faults:
        raise Invalid(faults, _("Nothing was saved."))
    plan, _made = DoubleEntryPlan.objects.get_or_create(form=form)
    plan.pages, plan.settles, plan.holds_back = list(dict.fromkeys(pages)), settles, holds_back
    plan.save()
    plan.second_roles.set(Role.objects.filter(pk__in=roles if pages else []))
    audit.record(
        actor,
        "ecrf.double_entry_planned",
        form,
        form=form.key,
        pages=plan.pages,
        roles=sorted(str(held[role]) for role in roles),
        settles=settles,
    )
    return plan


def second_on(subject: Subject, form: Form, sheet: Sheet) -> SecondEntry | None:
    rows = SecondEntry.objects.filter(subject=subject, form=form, event=sheet.event, page=sheet.page)
    return rows.filter(instance=sheet.instance).select_related("author", "version").first()


def keys_of(definition: engine.Definition, pages: Collection[str]) -> set[str]:
    """What values of these pages are kept under."""
    items = {item.key for item in definition.items.values() if item.page in pages and not item.repeat}
    return items | {key for key, group in definition.groups.items() if group.page in pages}


def first_authors(entry: Entry, definition: engine.Definition, pages: Collection[str]) -> set[Any]:
    """Who entered something of these pages the first time; what two entries were made one by doesn't count."""
    keys = sorted(keys_of(definition, pages))
    rows = Fragment.objects.filter(entry=entry, keys__overlap=keys).exclude(source="reconciled")
    return set(rows.values_list("author", flat=True))


def reconciled_pages(entry: Entry | None) -> set[str]:
    return set(Reconciliation.objects.filter(entry=entry).values_list("page", flat=True)) if entry else set()


def waiting_pages(plan: DoubleEntryPlan | None, entry: Entry | None, pages: Iterable[str]) -> list[str]:
    """Those of these pages that have to be reconciled first, by the plan."""
    if plan is None or not plan.holds_back:
        return []
    wanted = [page for page in pages if page in plan.pages]
    done = reconciled_pages(entry) if wanted else set()
    return [page for page in wanted if page not in done]


def check_reconciled(form: Form, entry: Entry | None, pages: Iterable[str]) -> None:
    """Raises Invalid with each page that isn't completed, signed or locked before it is reconciled."""
    if waiting := waiting_pages(plan_of(form), entry, pages):
        words = _("This page is entered twice: it waits until both entries are reconciled.")
        raise Invalid([Fault(page, "not_reconciled", words) for page in waiting])


def check_first(
    actor: Actor,
    subject: Subject,
    form: Form,
    sheet: Sheet,
    places: Iterable[str],
    complete: Mapping[str, bool],
) -> None:
    """What a plan of double entry asks of a first entry: nobody makes both, and nothing is complete too early."""
    plan = plan_of(form)
    if plan is None:
        return
    touched = keeping.pages_of(form.published.loaded, places)
    if second := seconded(actor, subject, form, sheet, touched, plan):
        raise Invalid([Fault(page, "not_twice", not_twice()) for page in sorted(second)])
    if asked := [page for page, wanted in complete.items() if wanted and page in plan.pages]:
        check_reconciled(form, entry_of(subject, form, sheet), asked)


def not_twice() -> str:
    return _("You made the second entry of this page: somebody else makes the first.")


def seconded(
    actor: Actor, subject: Subject, form: Form, sheet: Sheet, pages: Iterable[str], plan: DoubleEntryPlan
) -> set[str]:
    """Those of these pages whose second entry is the actor's, so that he doesn't make the first."""
    touched = set(plan.pages).intersection(pages)
    second = second_on(subject, form, sheet) if touched else None
    return touched if second is not None and second.author_id == actor.pk else set()


def entry_of(subject: Subject, form: Form, sheet: Sheet) -> Entry | None:
    rows = Entry.objects.filter(subject=subject, form=form, event=sheet.event, page=sheet.page)
    return rows.filter(instance=sheet.instance).first()
