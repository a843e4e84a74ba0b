"""What a directory may do with groups, and what an organisation's administrator has them give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import offices
from core.access.services.granting import fits
from core.errors import Fault as Wrong
from core.errors import Invalid
from core.notices.services import notify
from core.scim import granting, rules
from core.scim.engine.errors import INVALID_VALUE, UNIQUENESS, Fault
from core.scim.models import Given, Group, Mapping
from core.scim.people import hold

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.access.models import Project, Role
    from core.accounts.models import User
    from core.scim.models import Directory
    from core.scim.reading import GroupWanted


@transaction.atomic
def create(directory: Directory, wanted: GroupWanted) -> Group:
    """A new group, with its people. Raises Fault."""
    hold(directory.organisation)
    _refuse_double(directory, wanted, None)
    group = Group.objects.create(organisation=directory.organisation, name=wanted.name, external_id=wanted.external_id)
    audit.record(None, "scim.group_made", group, directory=directory.name, group=group.name)
    _set_members(directory, group, wanted.members)
    return group


@transaction.atomic
def replace(directory: Directory, group: Group, wanted: GroupWanted) -> Group:
    """The group's name and people from now on; who joins gets what it gives, who leaves loses it. Raises Fault."""
    hold(directory.organisation)
    _refuse_double(directory, wanted, group)
    group.name, group.external_id, group.changed_at = wanted.name, wanted.external_id, timezone.now()
    group.save()
    _set_members(directory, group, wanted.members)
    audit.record(None, "scim.group_changed", group, directory=directory.name, group=group.name)
    return group


@transaction.atomic
def remove(directory: Directory, group: Group) -> None:
    """The group is gone, and so is all that it gave."""
    hold(directory.organisation)
    granting.take_back(Given.objects.filter(mapping__group=group), "", directory=directory.name)
    audit.record(None, "scim.group_removed", group, directory=directory.name, group=group.name)
    group.delete()


def _refuse_double(directory: Directory, wanted: GroupWanted, group: Group | None) -> None:
    others = Group.objects.filter(organisation=directory.organisation, name__iexact=wanted.name)
    if (others.exclude(pk=group.pk) if group is not None else others).exists():
        raise Fault(UNIQUENESS, "Another group has this displayName.", 409)


def _set_members(directory: Directory, group: Group, wanted: frozenset[UUID]) -> None:
    before = set(group.members.values_list("pk", flat=True))
    joining = {user.pk: user for user in rules.reached(directory.organisation).filter(pk__in=wanted - before)}
    if missing := wanted - before - joining.keys():
        raise Fault(INVALID_VALUE, f"There is no person {next(iter(missing))}.")
    leaving = before - wanted
    group.members.remove(*leaving)
    group.members.add(*joining.values())
    granting.take_back(
        Given.objects.filter(mapping__group=group, membership__user__in=leaving), "", directory=directory.name
    )
    for mapping in group.mappings.select_related("project", "group__organisation"):
        for user in joining.values():
            granting.give(mapping, user, directory)
    if leaving or joining:
        counts: dict[str, Any] = {"joined": len(joining), "left": len(leaving)}
        audit.record(None, "scim.members_changed", group, directory=directory.name, group=group.name, **counts)


@transaction.atomic
def add_mapping(actor: User, group: Group, project: Project | None, roles: Collection[Role]) -> Mapping:
    """Who is in this group has these roles, in a project or in the organisation, from now on. Raises Invalid."""
    offices.require(actor, offices.MANAGE, group.organisation)
    hold(group.organisation)
    faults = []
    if not roles:
        faults.append(Wrong("roles", "required", _("Choose at least one role.")))
    if project is not None and project.organisation_id != group.organisation_id:
        faults.append(Wrong("place", "not-here", _("This project isn’t one of the organisation.")))
    place = project or group.organisation
    if any(not fits(role, place) or role.retired_at is not None for role in roles):
        message = _("A role of projects is given in a project, another in the organisation.")
        faults.append(Wrong("roles", "not-here", message))
    if Mapping.objects.filter(group=group, project=project).exists():
        faults.append(Wrong("place", "taken", _("This group has a rule there already: remove it first.")))
    if faults:
        raise Invalid(faults)
    mapping = Mapping.objects.create(group=group, project=project, made_by=actor)
    mapping.roles.set(roles)
    keys = sorted(role.key for role in roles)
    audit.record(actor, "scim.rule_made", mapping, project=project, group=group.name, roles=keys)
    if project is not None:
        told = [person for person in offices.overseers(project) if person.pk != actor.pk]
        urgent = offices.opens_health_data(roles)
        names = {"who": str(actor), "group": group.name, "where": str(project)}
        notify(told, "scim.rule_made", project=project, urgent=urgent, **names)
    for user in group.members.filter(is_administrator=False):
        granting.give(mapping, user)
    return mapping


@transaction.atomic
def remove_mapping(actor: User, mapping: Mapping) -> None:
    """The group gives nothing there any more, and what it gave ends."""
    offices.require(actor, offices.MANAGE, mapping.group.organisation)
    hold(mapping.group.organisation)
    granting.take_back(Given.objects.filter(mapping=mapping), "", rule=str(mapping.pk))
    audit.record(actor, "scim.rule_removed", mapping, project=mapping.project, group=mapping.group.name)
    mapping.delete()
