"""Make a scheme, open it, close it. Once opened it is what it is: another wish is another scheme."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages, permissions
from ecrf.engine.randomisation import Plan, eligibility, problems
from ecrf.models import Form, Scheme
from ecrf.services.people import account
from ecrf.services.randomisation.plans import candidates, factors_of, faults_of_strata

if TYPE_CHECKING:
    from core.access.scope import Actor

LONGEST_CONDITION = 2000


def checked(
    project: Project,
    form: Form,
    plan: Plan,
    *,
    method: str,
    strata: Sequence[str],
    by_site: bool,
    length: int,
    text: str,
) -> tuple[Plan, Any]:
    """The plan with its factors, and the condition read. Raises Invalid with everything that is wrong."""
    definition = form.published.loaded
    faults = faults_of_strata(definition, strata, by_site=by_site)
    keys = strata if not faults else [item.key for item in candidates(definition) if item.key in strata]
    whole = replace(plan, factors=tuple(factors_of(project, definition, keys, by_site=by_site)))
    faults += [messages.of_definition(fault) for fault in problems(whole, method, length)]
    condition = None
    if text.strip():
        try:
            condition = eligibility.read(text[:LONGEST_CONDITION], definition)
        except engine.Refused as refused:
            faults += [messages.of_definition(fault) for fault in refused.faults]
    if faults:
        raise Invalid(faults, _("Nothing was saved."))
    return whole, condition


@transaction.atomic
def make_scheme(
    actor: Actor,
    form: Form,
    name: str,
    plan: Plan,
    *,
    method: str,
    strata: Sequence[str] = (),
    by_site: bool = False,
    length: int = 0,
    blinded: bool = False,
    condition: str = "",
    form_arms: Mapping[str, str] | None = None,
) -> Scheme:
    """A draft. `plan` without factors: those follow from `strata`, items of the form, and `by_site`.

    `form_arms`: which arm of the form each arm is, where an allocation is to set it. Never of a blinded scheme.
    """
    project = form.project
    access.require(actor, permissions.MANAGE_RANDOMISATION, project, obj=form)
    name = name.strip()
    if not name:
        raise Invalid([Fault("name", "required", _("Give the scheme a name."))])
    Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    if Scheme.objects.filter(project=project, name=name).exists():
        raise Invalid([Fault("name", "taken", _("Another scheme has this name."))])
    meant = {code: arm for code, arm in (form_arms or {}).items() if arm}
    if faults := faults_of_arms(form, plan, meant, blinded=blinded):
        raise Invalid(faults, _("Nothing was saved."))
    whole, tree = checked(
        project, form, plan, method=method, strata=strata, by_site=by_site, length=length, text=condition
    )
    scheme = Scheme.objects.create(
        project=project,
        form=form,
        name=name[:200],
        method=method,
        arms=[{"code": arm.code, "label": arm.label.strip()[:200], "ratio": arm.ratio} for arm in whole.arms],
        strata=list(strata),
        by_site=by_site,
        sizes=list(whole.sizes) if method == Scheme.Method.BLOCKS else [],
        length=length if method == Scheme.Method.BLOCKS else 0,
        weights=written(whole.weights) if method == Scheme.Method.MINIMISATION else {},
        measure=whole.measure,
        probability=Decimal(whole.probability.numerator) / Decimal(whole.probability.denominator),
        eligibility=tree,
        blinded=blinded,
        form_arms=meant,
        made_by=account(actor),
    )
    audit.record(actor, "ecrf.scheme_made", scheme, scheme=scheme.name, method=scheme.method)
    return scheme


def faults_of_arms(form: Form, plan: Plan, meant: Mapping[str, str], *, blinded: bool) -> list[Fault]:
    """Why an allocation can't say which events a subject has: a blinded one would tell his treatment by them."""
    if not meant:
        return []
    arms = set(form.published.loaded.arms)
    codes = ["arms_of_blinded"] if blinded else []
    codes += ["form_without_arms"] if not arms else ["arm_unknown"] if set(meant.values()) - arms else []
    codes += ["arms_not_all"] if set(meant) != {arm.code for arm in plan.arms} else []
    return [Fault("form_arms", code, messages.words(code, {})) for code in codes]


def written(weights: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(Decimal(weight.numerator) / Decimal(weight.denominator)) for key, weight in weights.items()}


def held(scheme: Scheme) -> Scheme:
    """The scheme as it is now, which nobody else changes until the transaction ends."""
    rows = Scheme.objects.select_for_update(of=("self",)).select_related("project", "form__current")
    found = rows.filter(pk=scheme.pk).first()
    if found is None:
        raise Conflict(_("This scheme was discarded in the meantime."), "gone")
    return found


def managed(actor: Actor, scheme: Scheme, *states: str) -> Scheme:
    """The scheme for who may manage it, if it is in one of these states."""
    access.require(actor, permissions.MANAGE_RANDOMISATION, scheme.project, obj=scheme)
    scheme = held(scheme)
    if scheme.status not in states:
        raise Conflict(_("This isn’t possible in the present state of the scheme: reload the page."), "state")
    return scheme


@transaction.atomic
def open_scheme(actor: Actor, scheme: Scheme) -> Scheme:
    """From now on subjects are randomised, and nothing of the scheme changes. A table must be there."""
    scheme = managed(actor, scheme, Scheme.Status.DRAFT)
    if scheme.is_table and not scheme.slots.exists():
        raise Conflict(_("Make or upload the allocation table first."), "table_missing")
    scheme.seed = scheme.seed or (None if scheme.is_table else secrets.token_hex(32))
    scheme.status, scheme.opened_at = Scheme.Status.OPEN, timezone.now()
    scheme.save(update_fields=["seed", "status", "opened_at"])
    audit.record(actor, "ecrf.scheme_opened", scheme, scheme=scheme.name, places=scheme.slots.count())
    return scheme


@transaction.atomic
def close_scheme(actor: Actor, scheme: Scheme, reason: str = "") -> Scheme:
    """Nobody is randomised any more, until it is opened again."""
    return set_status(actor, scheme, Scheme.Status.OPEN, Scheme.Status.CLOSED, reason)


@transaction.atomic
def reopen_scheme(actor: Actor, scheme: Scheme, reason: str = "") -> Scheme:
    """Go on where it was closed."""
    return set_status(actor, scheme, Scheme.Status.CLOSED, Scheme.Status.OPEN, reason)


def set_status(actor: Actor, scheme: Scheme, before: str, after: str, reason: str) -> Scheme:
    scheme = managed(actor, scheme, before)
    scheme.status = after
    scheme.save(update_fields=["status"])
    action = "ecrf.scheme_closed" if after == Scheme.Status.CLOSED else "ecrf.scheme_reopened"
    audit.record(actor, action, scheme, reason=reason.strip()[:500], scheme=scheme.name)
    return scheme


@transaction.atomic
def discard_scheme(actor: Actor, scheme: Scheme) -> None:
    """Throw a draft away, with its table."""
    scheme = managed(actor, scheme, Scheme.Status.DRAFT)
    audit.record(actor, "ecrf.scheme_discarded", scheme, scheme=scheme.name)
    scheme.delete()
