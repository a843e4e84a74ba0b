"""Who is where: reads for the pages and the API."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.access.models import Invitation, Membership, Organisation, Project, Role, Site
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from core.access.scope import Actor


def memberships(actor: Actor) -> QuerySet[Membership]:
    """The members that count now in the projects whose members the actor may see."""
    projects = Project.objects.visible_to(actor, "access.view_members")
    return (
        Membership.objects.active()
        .filter(project__in=projects.values("pk"))
        .select_related("user", "project")
        .prefetch_related("roles", "sites")
    )


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """The offers still open in the projects whose members the actor manages."""
    projects = Project.objects.visible_to(actor, "access.manage_members")
    return (
        Invitation.objects.filter(project__in=projects.values("pk"), accepted_at=None, revoked_at=None)
        .select_related("project", "invited_by")
        .prefetch_related("roles", "sites")
    )


def roles_for(project: Project) -> QuerySet[Role]:
    """The roles one may be given in a project."""
    return Role.objects.filter(Q(organisation=None) | Q(organisation=project.organisation_id), level=Role.Level.PROJECT)


def named_roles(project: Project, keys: Collection[str]) -> list[Role]:
    """Roles by their keys. Raises Invalid that names each unknown one."""
    found = {role.key: role for role in roles_for(project).filter(key__in=keys)}
    if unknown := [key for key in keys if key not in found]:
        message = _("There is no such role: %(role)s.")
        raise Invalid(Fault("roles", "unknown", message % {"role": key}) for key in unknown)
    return list(found.values())


def named_sites(project: Project, codes: Collection[str]) -> list[Site]:
    """Sites by their codes. Raises Invalid that names each unknown one."""
    found = {site.code: site for site in project.sites.filter(code__in=codes)}
    if unknown := [code for code in codes if code not in found]:
        message = _("There is no such site: %(site)s.")
        raise Invalid(Fault("sites", "unknown", message % {"site": code}) for code in unknown)
    return list(found.values())


def organisations_to_create_in(actor: Actor) -> QuerySet[Organisation]:
    """Where the actor may create projects."""
    memberships = Membership.objects.active().granting("access.create_project").filter(user=actor.pk)
    return Organisation.objects.filter(pk__in=memberships.values("organisation")).order_by("name")
