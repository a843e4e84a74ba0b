"""What a person may do in an organisation as such, and who is told what happens to the access of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.http import Http404

from core import tool
from core.access import rules
from core.access.models import Membership, Organisation, Project, Role
from core.access.scope import limits_of
from core.accounts.models import User

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.access.scope import Actor

MANAGE = "access.manage_organisation"
MANAGE_ROLES = "access.manage_roles"
OVERSEE = "access.oversee_access"
OF_ORGANISATIONS = frozenset({MANAGE, MANAGE_ROLES, "access.create_project"})
"""What counts only in a role that is held in an organisation."""


def abilities(actor: Actor, organisation: Organisation) -> frozenset[str]:
    """What the actor's roles in the organisation itself give him there; a token of a project gives nothing."""
    if not actor.is_active or actor.pk is None or limits_of(actor) is not None:
        return frozenset()
    rows = Membership.objects.active().filter(user=actor.pk, organisation=organisation)
    held = {code for codes in rows.values_list("roles__permissions", flat=True) for code in codes or ()}
    return frozenset(held) - health_data()


def can(actor: Actor, permission: str, organisation: Organisation) -> bool:
    return permission in abilities(actor, organisation)


def require(actor: Actor, permission: str, organisation: Organisation) -> None:
    """Go on only if the actor may do this in the organisation. Raises Refused."""
    if not can(actor, permission, organisation):
        raise rules.Refused(actor, permission, None, organisation)


def of(actor: Actor) -> QuerySet[Organisation]:
    """The organisations that the actor holds a role in; those of a token are none."""
    if not actor.is_active or limits_of(actor) is not None:
        return Organisation.objects.none()
    mine = Membership.objects.active().filter(user=actor.pk, organisation__isnull=False)
    return Organisation.objects.filter(pk__in=mine.values("organisation"))


def fetch(actor: Actor, slug: str) -> Organisation:
    """The organisation, for whoever holds a role in it; to others it isn't there."""
    try:
        return of(actor).get(slug=slug)
    except Organisation.DoesNotExist as error:
        raise Http404 from error


def health_data() -> frozenset[str]:
    return frozenset(code for code, permission in tool.permissions().items() if permission.health_data)


def opens_health_data(roles: Collection[Role]) -> bool:
    return any(health_data() & set(role.permissions) for role in roles)


def beyond(actor: Actor, place: Project | Organisation, codes: Collection[str]) -> list[str]:
    """What of these permissions the actor may not give here: what he doesn't hold himself, lastingly.

    Who administers the organisation gives any: see «Who may give what» in the README.
    """
    organisation = place if isinstance(place, Organisation) else place.organisation
    if can(actor, MANAGE, organisation):
        return []
    return sorted(set(codes) - lasting_abilities(actor, place))


def lasting_abilities(actor: Actor, place: Project | Organisation) -> frozenset[str]:
    """What somebody holds here himself; nothing is held for a while in an organisation."""
    return abilities(actor, place) if isinstance(place, Organisation) else rules.lasting_abilities(actor, place)


def overseers(project: Project) -> list[User]:
    """Who is told of what happens to the access of a project: its data controllers, or else who manages its members."""
    for permission in (OVERSEE, "access.manage_members"):
        rows = rules.members_holding(permission, project).filter(project=project).select_related("user")
        if people := list({row.user_id: row.user for row in rows}.values()):
            return people
    return []


def people(organisation: Organisation) -> QuerySet[User]:
    """Who has a role in the organisation or in one of its projects now."""
    rows = Membership.objects.active().filter(Q(organisation=organisation) | Q(project__organisation=organisation))
    return User.objects.filter(pk__in=rows.values("user"), is_active=True)
