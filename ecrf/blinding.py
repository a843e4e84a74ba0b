"""Who sees what of the randomisation. Coming allocations: nobody who enters data. Arms of a blinded trial: few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core import access
from ecrf import permissions
from ecrf.models import Allocation, Scheme, Unblinding

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


def may_know_the_table(actor: Actor, project: Project) -> bool:
    """Whether he may read, bring or choose what comes: he manages the randomisation and enters data at no site.

    Who holds both manages what the suite draws by itself, and sees nothing of it.
    """
    return access.can(actor, permissions.MANAGE_RANDOMISATION, project) and not enters_data(actor, project)


def enters_data(actor: Actor, project: Project) -> bool:
    """Whether this person includes, fills in or randomises at any site, whatever the way in leaves of his rights now.

    A token that may do nothing but manage the randomisation is still in the hand of who made it.
    """
    return any(
        access.members_holding(permission, project).filter(user=actor.pk).exists()
        for permission in (permissions.SAVE, permissions.RANDOMISE)
    )


def require_to_know_the_table(actor: Actor, scheme: Scheme) -> None:
    """Raises Refused, which ends in the audit trail."""
    if not may_know_the_table(actor, scheme.project):
        raise access.Refused(actor, permissions.MANAGE_RANDOMISATION, scheme.project, scheme)


def sees_counts(actor: Actor, scheme: Scheme) -> bool:
    """Whether he sees how many places each stratum has left: who manages, and who only reads an open-label trial.

    Who enters data could tell from them where a block ends.
    """
    held = access.abilities(actor, scheme.project)
    if permissions.MANAGE_RANDOMISATION in held:
        return True
    return permissions.READ in held and not scheme.blinded and not enters_data(actor, scheme.project)


def sees_arm_counts(actor: Actor, scheme: Scheme) -> bool:
    """Whether he sees how many subjects are in each arm."""
    if not sees_counts(actor, scheme):
        return False
    return not scheme.blinded or permissions.SEE_ALLOCATIONS in access.abilities(actor, scheme.project)


def sees_arm(actor: Actor, allocation: Allocation) -> bool:
    """Whether he may know the arm of this subject, whose record he may read."""
    return allocation.pk in seen_among(actor, [allocation])


def seen_among(actor: Actor, allocations: Sequence[Allocation]) -> set[Any]:
    """The keys of those whose arm he may know: open-label ones, those he may see, those that he had revealed."""
    unblinded = Unblinding.objects.filter(allocation__in=[one.pk for one in allocations], by=actor.pk)
    found = set(unblinded.values_list("allocation", flat=True))
    for one in allocations:
        held = access.abilities(actor, one.subject.project, one.subject.site)
        if not one.scheme.blinded or permissions.SEE_ALLOCATIONS in held:
            found.add(one.pk)
    return found
