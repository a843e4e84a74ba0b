"""Being in a group makes memberships and leaving it ends them: those that its rules gave, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from core import audit
from core.access import offices
from core.access.models import Membership
from core.access.services import delegations, emergencies, members
from core.access.services.granting import tell_of_own_grant
from core.accounts import farewell, sessions
from core.scim.models import Given

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.access.models import MembershipQuerySet, Organisation
    from core.access.services.granting import Place
    from core.accounts.models import User
    from core.scim.models import Directory, Mapping


def give(mapping: Mapping, user: User, directory: Directory | None = None) -> None:
    """The membership that a rule gives, where the person hasn't it from this rule already.

    Nobody is let into an archived project, and retired roles are given no more. Who made the rule, or the token of the
    directory that says so, and opens health data to himself by it, is seen.
    """
    roles = list(mapping.roles.filter(retired_at=None))
    if not roles or (mapping.project is not None and mapping.project.archived_at is not None):
        return
    if Given.objects.filter(mapping=mapping, membership__user=user, membership__in=Membership.objects.open()).exists():
        return
    before = offices.lasting_abilities(user, mapping.place)
    place: dict[str, Any] = {"project": mapping.project} if mapping.project else {"organisation": mapping.place}
    membership = Membership.objects.create(user=user, **place)
    membership.roles.set(roles)
    Given.objects.create(mapping=mapping, membership=membership)
    details: dict[str, Any] = {"directory": directory.name} if directory else {"rule": str(mapping.pk)}
    keys = sorted(role.key for role in roles)
    audit.record(
        None, "scim.membership_given", membership, member=str(user.pk), group=mapping.group.name, roles=keys, **details
    )
    if user.pk in (mapping.made_by_id, directory and directory.made_by_id):
        tell_of_own_grant(user, user, mapping.place, roles, before)


def take_back(given: QuerySet[Given], reason: str, **details: Any) -> None:
    """End the memberships that rules gave."""
    end(Membership.objects.filter(pk__in=given.values("membership")), reason, **details)


def end(rows: MembershipQuerySet, reason: str, **details: Any) -> None:
    """End memberships now, with sessions, what was passed on or opened by them, and the person's work in the places.

    The last manager goes too: see «The last manager» in core.access.
    """
    current = rows.open().select_related("user", "project__organisation", "organisation")
    with members.watched(places(current)):
        for membership in current.all():  # asked again: one that was changed before we held the places has a follower
            members.finish(membership, None)
            audit.record(
                None, "scim.membership_ended", membership, reason=reason, member=str(membership.user_id), **details
            )
            delegations.end_all(membership, None)
            emergencies.end_with(membership, None)
            sessions.end_all(membership.user, farewell.Why.REMOVED)
            members.left(membership.user, membership.place)


def places(rows: MembershipQuerySet) -> set[Place]:
    """Where these memberships are."""
    return {row.place for row in rows.select_related("project__organisation", "organisation")}


def within(organisation: Organisation) -> Q:
    """What belongs to the organisation or to one of its projects."""
    return Q(organisation=organisation) | Q(project__organisation=organisation)
