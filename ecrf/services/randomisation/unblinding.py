"""Unblind a subject: with a reason, by somebody who has just said who he is, and the managers are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.access.scope import limits_of
from core.errors import Conflict, Fault, Invalid
from core.notices.services import notify
from ecrf import permissions
from ecrf.models import Allocation, Unblinding
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

SHORTEST_REASON, LONGEST_REASON = 10, 500


@transaction.atomic
def unblind(actor: Actor, allocation: Allocation, reason: str, kind: str = Unblinding.Kind.EMERGENCY) -> Unblinding:
    """From now on the actor sees the arm of this subject; nobody else does by that. Whoever calls has asked who he is.

    A program never does. Raises Invalid without a reason, Conflict where there is nothing to reveal.
    """
    subject, scheme = allocation.subject, allocation.scheme
    access.require(actor, permissions.UNBLIND, subject.project, site=subject.site, obj=allocation)
    if limits_of(actor) is not None:
        raise access.Refused(actor, permissions.UNBLIND, subject.project, allocation)  # nobody asks a program who it is
    if not scheme.blinded:
        raise Conflict(_("This trial isn’t blinded: the arm is on the subject’s page."), "not_blinded")
    reason = reason.strip()
    faults = []
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        faults.append(Fault("reason", "required", _("Say why, in 10 to 500 characters, without naming anybody.")))
    if kind not in Unblinding.Kind.values:
        faults.append(Fault("kind", "unknown", _("Emergency or planned?")))
    if faults:
        raise Invalid(faults, _("Nothing was revealed."))
    unblinding = Unblinding(allocation=allocation, kind=kind, reason=reason, by=account(actor))
    unblinding.save(force_insert=True)
    audit.record(
        actor,
        "ecrf.subject_unblinded",
        allocation,
        reason=reason,
        scheme=scheme.name,
        number=subject.number,
        unblinding=str(kind),
    )
    members = access.members_holding(permissions.MANAGE_RANDOMISATION, subject.project).select_related("user")
    people = {member.user for member in members} - {account(actor)}
    url = scheme.get_absolute_url()
    notify(people, "ecrf.subject_unblinded", project=subject.project, url=url, urgent=True, scheme=scheme.name)
    return unblinding
