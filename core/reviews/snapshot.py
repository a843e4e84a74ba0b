"""Every access that there is in a place now, as a reviewer must know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.db.models import Q

from core.access.models import Invitation, JoinRequest, Membership, Role
from core.reviews.models import Campaign, Line
from core.scim.models import Given

if TYPE_CHECKING:
    from core.access.models import MembershipQuerySet
    from core.accounts.models import User

KINDS = {Membership.Kind.DELEGATED: Line.Origin.DELEGATION, Membership.Kind.EMERGENCY: Line.Origin.EMERGENCY}


def accesses(campaign: Campaign) -> MembershipQuerySet:
    """The memberships in the campaign's reach that count now; those of closed accounts too, which may open again."""
    here = Q(project=campaign.project) if campaign.project else Q(organisation=campaign.organisation)
    if not campaign.project:
        here |= Q(project__organisation=campaign.organisation)
    rows = Membership.objects.active().filter(here).order_by("user__full_name", "pk")
    return rows.select_related("user", "project__organisation").prefetch_related("roles", "sites")


def lines(campaign: Campaign) -> list[Line]:
    """A line for each access, not yet saved."""
    found = list(accesses(campaign))
    origins = Origins(found)
    protected = set(
        Authenticator.objects.filter(user__in=[row.user_id for row in found])
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("user_id", flat=True)
    )
    return [
        Line(
            campaign=campaign,
            membership=row,
            project=row.project,
            person=row.user,
            name=row.user.full_name or row.user.email,
            email=row.user.email,
            roles=[told(role) for role in row.roles.all()],
            sites=[] if row.all_sites else [site.code for site in row.sites.all()],
            ends_at=row.ends_at,
            last_sign_in=row.user.last_login,
            origin=origins.of(row),
            second_factor=row.user_id in protected,
        )
        for row in found
    ]


def told(role: Role) -> dict[str, Any]:
    """A role as it is called now; one that is built in has its name in each language."""
    return {"key": role.key, "name": role.name, "built_in": role.organisation_id is None}


def forget(person: User, name: str, address: str) -> None:
    """A line stays when its person is erased, under a number; evidence that was kept before stays as it is."""
    Line.objects.filter(person=person).update(name=name, email=address)


class Origins:
    """How each of these memberships came to be, asked of the database once for all of them."""

    def __init__(self, rows: list[Membership]) -> None:
        people = {row.user_id for row in rows}
        emails = {row.user.email for row in rows}
        self.groups = set(Given.objects.filter(membership__in=rows).values_list("membership_id", flat=True))
        accepted = JoinRequest.objects.filter(user__in=people, state=JoinRequest.State.ACCEPTED)
        self.requests = set(accepted.values_list("user_id", "project_id"))
        invited = Invitation.objects.filter(email__in=emails).exclude(accepted_at=None)
        self.invitations = set(invited.values_list("email", "project_id", "organisation_id"))

    def of(self, row: Membership) -> Line.Origin:
        if row.kind in KINDS:
            return KINDS[Membership.Kind(row.kind)]
        if row.pk in self.groups:
            return Line.Origin.GROUP
        if (row.user_id, row.project_id) in self.requests:
            return Line.Origin.REQUEST
        if (row.user.email, row.project_id, row.organisation_id) in self.invitations:
            return Line.Origin.INVITATION
        return Line.Origin.FOUNDING
