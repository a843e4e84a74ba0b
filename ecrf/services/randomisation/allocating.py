"""Randomise a subject: on what was saved of him, once and for good, and nobody knew before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from core.notices.services import notify
from ecrf import engine, messages, permissions
from ecrf.engine.expressions import references
from ecrf.engine.randomisation import Stream, eligibility, table
from ecrf.engine.randomisation.minimisation import choose
from ecrf.engine.randomisation.strata import name
from ecrf.models import Allocation, Entry, Scheme, Slot, Subject
from ecrf.models.forms import reader_language
from ecrf.services import keeping, visits
from ecrf.services.arms import follow_allocation
from ecrf.services.contexts import context_of
from ecrf.services.people import account
from ecrf.services.randomisation.plans import SITE, plan_of
from ecrf.services.randomisation.schemes import held
from ecrf.services.randomisation.tables import strata_of

if TYPE_CHECKING:
    from core.access.scope import Actor

WARN_AT = 10
"""Managers are told when one place in so many is left in a list."""


@dataclass(frozen=True)
class Basis:
    """What a subject is allocated on: his level of each factor; `faults` says what stands in the way."""

    levels: dict[str, str]
    revision: int
    faults: tuple[Fault, ...]


def basis_of(scheme: Scheme, subject: Subject) -> Basis:
    """Evaluate what was saved, on the server: factors and eligibility, on pages that are complete."""
    definition = scheme.form.published.loaded
    needed = [*scheme.strata, *(references(scheme.eligibility) if scheme.eligibility else ())]
    sheet = sheet_asking(definition, needed)
    entry = Entry.objects.filter(
        subject=subject, form=scheme.form, event=sheet.event, page="", instance=1, removed_at=None
    ).first()
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    notes: dict[str, Any] = {}
    pages: dict[str, Any] = {}
    if entry is not None:
        entry.subject, pages, notes = subject, entry.pages, entry.notes or {}
        values = keeping.known(definition, entry.values)
    titles = {page.key: definition.text(page.title, reader_language()) for page in definition.pages}
    asked = dict.fromkeys(definition.items[key].page for key in needed if key in definition.items)
    open_pages = [page for page in asked if not pages.get(page, {}).get("complete")]
    faults += [fault("page_incomplete", name=titles[page]) for page in open_pages]
    context = context_of(subject, form=scheme.form, definition=definition, sheet=sheet)
    state, eligible = evaluated(scheme, definition, values, notes, context)
    levels: dict[str, str] = {}
    for key in scheme.strata:
        value = state.values.get(key) if key in state.visible else None
        if isinstance(value, str):
            levels[key] = value
        else:
            item = definition.items.get(key)
            label = definition.text(item.spec["label"], reader_language()) if item else key
            faults.append(fault("factor_missing", name=label))
    if scheme.by_site:
        levels[SITE] = subject.site.code
    if not faults and not eligible:
        faults.append(fault("not_eligible"))
    return Basis(levels, entry.revision if entry else 0, tuple(faults))


def sheet_asking(definition: engine.Definition, needed: Iterable[str]) -> engine.Sheet:
    """The first event that asks all that is needed, else the first that there is."""
    pages = {definition.items[key].page for key in needed if key in definition.items}
    asking = (key for key, event in definition.events.items() if pages <= set(event.pages))
    return engine.Sheet(next(asking, next(iter(definition.events), "")))


def evaluated(
    scheme: Scheme,
    definition: engine.Definition,
    values: dict[str, Any],
    notes: dict[str, Any],
    context: engine.Context,
) -> tuple[engine.Evaluated, bool]:
    """The form's state, and whether the condition holds. Raises Conflict where the form lost what it reads."""
    if scheme.eligibility is None:
        return engine.evaluate(definition, values, context, notes=notes, defaults=False), True
    try:
        extended = eligibility.extended(definition, scheme.eligibility)
    except engine.Refused:
        text = _("The form no longer has what the condition of eligibility reads: tell who manages the randomisation.")
        raise Conflict(text, "condition_lost") from None
    state = engine.evaluate(extended, values, context, notes=notes, defaults=False)
    return state, state.values.get(eligibility.ITEM) == "1"


def fault(code: str, **params: Any) -> Fault:
    return Fault("", code, messages.words(code, params))


@transaction.atomic
def randomise(actor: Actor, subject: Subject, scheme: Scheme) -> Allocation:
    """Give the subject his arm. Raises Conflict where he has one, the scheme isn't open or his list has no place left.

    Raises Invalid with everything that is missing of him. Of two at once the second waits, and gets the next place.
    """
    access.require(actor, permissions.RANDOMISE, subject.project, site=subject.site, obj=subject)
    subject = Subject.objects.select_for_update(of=("self",)).select_related("project", "site").get(pk=subject.pk)
    scheme = held(scheme)
    assert scheme.project_id == subject.project_id
    if scheme.status != Scheme.Status.OPEN:
        raise Conflict(_("This randomisation isn’t open."), "not_open")
    if Allocation.objects.filter(scheme=scheme, subject=subject).exists():
        raise Conflict(_("This subject is already randomised."), "randomised")
    basis = basis_of(scheme, subject)
    if basis.faults:
        raise Invalid(basis.faults, _("The subject was not randomised."))
    kept: dict[str, Any] = {"levels": basis.levels, "revision": basis.revision}
    given = place(scheme, basis) if scheme.is_table else drawn(scheme, basis, kept)
    allocation = Allocation(scheme=scheme, subject=subject, basis=kept, by=account(actor), **given)
    allocation.save(force_insert=True)
    audit.record(actor, "ecrf.subject_randomised", allocation, scheme=scheme.name, number=subject.number)
    if scheme.form_arms:
        follow_allocation(actor, subject, scheme, scheme.form_arms[allocation.arm])
    visits.refresh(subject, scheme.form)
    if allocation.slot is not None:
        warn(allocation.slot)
    return allocation


def place(scheme: Scheme, basis: Basis) -> dict[str, Any]:
    """The first place that is left in the subject's list."""
    wanted = name(basis.levels)
    stratum = next((one for one in strata_of(scheme) if name(one.levels) == wanted), None)
    slot = Slot.objects.filter(stratum=stratum, allocation=None).order_by("position").first() if stratum else None
    if slot is None or stratum is None:
        text = _("No place is left for subjects like this one. Who manages the randomisation can make the list longer.")
        raise Conflict(text, "exhausted")
    slot.scheme, slot.stratum = scheme, stratum
    return {"slot": slot, "stratum": stratum, "arm": slot.arm, "kit": slot.kit}


def drawn(scheme: Scheme, basis: Basis, kept: dict[str, Any]) -> dict[str, Any]:
    """An arm by minimisation, after all who came before; what it was drawn on is kept."""
    plan = plan_of(scheme)
    codes = [arm.code for arm in plan.arms]
    earlier = list(Allocation.objects.filter(scheme=scheme).order_by("created_at"))
    for one in earlier:
        one.scheme = scheme
    assert scheme.seed is not None
    past = [(one.basis["levels"], codes.index(one.arm)) for one in earlier]
    choice = choose(plan, past, basis.levels, Stream(scheme.seed, "minimisation", str(len(past))))
    kept |= {"preferred": codes[choice.preferred], "scores": [str(score) for score in choice.scores]}
    kits = table.kits(Stream(scheme.seed, "kits", str(len(past))), {one.kit for one in earlier})
    return {"arm": codes[choice.arm], "kit": next(kits) if scheme.blinded else ""}


def warn(slot: Slot) -> None:
    """Tell the managers, once when few places are left in a list, and once when none is."""
    total = Slot.objects.filter(stratum=slot.stratum).count()
    left = Slot.objects.filter(stratum=slot.stratum, allocation=None).count()
    kind = "ecrf.places_used_up" if not left else "ecrf.places_run_out" if left == max(1, total // WARN_AT) else ""
    if kind:
        scheme = slot.scheme
        members = access.members_holding(permissions.MANAGE_RANDOMISATION, scheme.project).select_related("user")
        people = {member.user for member in members}
        url = scheme.get_absolute_url()
        notify(people, kind, project=scheme.project, url=url, urgent=not left, scheme=scheme.name)
