"""The rule of giving: what is wrong with these roles for this place, and the trace of who gives himself health data."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import offices, rules
from core.access.models import Membership, Organisation, Project, Role, Site
from core.accounts.models import User
from core.errors import Conflict, Fault
from core.notices.services import notify

Place = Project | Organisation


def require_manage(actor: User, place: Place, obj: Membership | None = None) -> None:
    """Go on only if the actor manages the members here. Raises Refused."""
    if isinstance(place, Project):
        rules.require(actor, "access.manage_members", place, obj=obj)
    else:
        offices.require(actor, offices.MANAGE, place)


def may_manage(actor: User, place: Place) -> bool:
    if isinstance(place, Project):
        return rules.can(actor, "access.manage_members", place)
    return offices.can(actor, offices.MANAGE, place)


def grant_faults(
    actor: User, place: Place, roles: Collection[Role], sites: Collection[Site] | None, ends_at: datetime | None
) -> list[Fault]:
    """What is wrong with the actor's giving these roles, at these sites, until this date."""
    faults = []
    if not roles:
        faults.append(Fault("roles", "required", _("Choose at least one role.")))
    for role in roles:
        if not fits(role, place):
            faults.append(
                Fault("roles", "not-here", _("The role «%(role)s» is not one of this project.") % {"role": role})
            )
        elif role.retired_at is not None:
            faults.append(Fault("roles", "retired", _("The role «%(role)s» is given no more.") % {"role": role}))
        elif isinstance(place, Project) and offices.beyond(actor, place, role.permissions):
            message = _(
                "«%(role)s» opens more than you hold here yourself: somebody who holds it gives it. "
                "What you may do in somebody’s place or in an emergency doesn’t count."
            )
            faults.append(Fault("roles", "not-held", message % {"role": role}))
    if sites is not None:
        foreign = isinstance(place, Organisation) or any(
            site.project_id != place.pk or site.retired_at for site in sites
        )
        if not sites or foreign:
            faults.append(Fault("sites", "required", _("Choose sites of this project, or all of them.")))
    if ends_at is not None and ends_at <= timezone.now():
        faults.append(Fault("ends_at", "past", _("The end is in the past.")))
    return faults


def fits(role: Role, place: Place) -> bool:
    """Whether the role is one that is held in such a place."""
    if isinstance(place, Project):
        return role.level == Role.Level.PROJECT and role.organisation_id in (None, place.organisation_id)
    return role.level == Role.Level.ORGANISATION and role.organisation_id in (None, place.pk)


def require_open(place: Place) -> None:
    """Nobody is let into an archived project. Raises Conflict."""
    if isinstance(place, Project) and place.archived_at is not None:
        raise Conflict(_("This project is archived. Bring it back first."), "project-archived")


def tell_of_own_grant(actor: User, user: User, place: Place, roles: Collection[Role], before: Collection[str]) -> None:
    """Who opens health data to himself leaves a trace that others see at once: his own event, and an urgent notice.

    `before` is what he held lastingly: what somebody could do for a while makes his keeping it no less new.
    """
    if user.pk != actor.pk or not isinstance(place, Project):
        return
    gained = {code for role in roles for code in role.permissions} - set(before)
    if not offices.health_data() & gained:
        return
    audit.record(actor, "access.own_access_given", user, project=place, roles=sorted(role.key for role in roles))
    others = [person for person in offices.overseers(place) if person.pk != actor.pk]
    notify(others, "access.own_access_given", project=place, urgent=True, who=str(actor), where=str(place))


def held(user: User, place: Place) -> frozenset[str]:
    """What a person may do here already."""
    return rules.abilities(user, place) if isinstance(place, Project) else offices.abilities(user, place)
