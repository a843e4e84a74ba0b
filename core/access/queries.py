"""Who is where: reads for the pages and the API."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db.models import Count, IntegerField, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from core.access import people
from core.access.models import Invitation, JoinRequest, Membership, Organisation, Project, Role, Site
from core.access.scope import limits_of
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.accounts.models import User


def memberships(actor: Actor) -> QuerySet[Membership]:
    """The members that count now in the projects whose members the actor may see."""
    projects = Project.objects.visible_to(actor, "access.view_members")
    return (
        Membership.objects.active()
        .filter(project__in=projects.values("pk"))
        .select_related("user", "project__organisation", "delegated_from__user")
        .prefetch_related("roles", "sites")
    )


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """The offers without an answer in the projects whose members the actor manages, and in his organisations."""
    projects = Project.objects.visible_to(actor, "access.manage_members")
    managed = administered(actor)
    return (
        Invitation.objects.filter(
            Q(project__in=projects.values("pk")) | Q(organisation__in=managed.values("pk")),
            accepted_at=None,
            revoked_at=None,
        )
        .select_related("project__organisation", "organisation", "invited_by")
        .prefetch_related("roles", "sites")
    )


def roles_for(project: Project) -> QuerySet[Role]:
    """The roles one may be given in a project."""
    here = Q(organisation=None) | Q(organisation=project.organisation_id)
    return Role.objects.filter(here, level=Role.Level.PROJECT, retired_at=None)


def roles_of_organisation(organisation: Organisation) -> QuerySet[Role]:
    """The roles one may be given in the organisation itself."""
    here = Q(organisation=None) | Q(organisation=organisation)
    return Role.objects.filter(here, level=Role.Level.ORGANISATION, retired_at=None)


def named_offices(organisation: Organisation, keys: Collection[str]) -> list[Role]:
    """Roles of the organisation by their keys. Raises Invalid that names each unknown one."""
    found = {role.key: role for role in roles_of_organisation(organisation).filter(key__in=keys)}
    if unknown := [key for key in keys if key not in found]:
        message = _("There is no such role: %(role)s.")
        raise Invalid(Fault("roles", "unknown", message % {"role": key}) for key in unknown)
    return list(found.values())


def all_organisations(actor: User) -> QuerySet[Organisation]:
    """Every organisation, for who runs the instance."""
    return Organisation.objects.all() if people.is_administrator(actor) else Organisation.objects.none()


def editable_roles(actor: Actor) -> QuerySet[Role]:
    """The built-in roles, which anybody may read, and those of the organisations whose roles the actor edits."""
    edited = Q(permissions__contains=["access.manage_roles"]) | Q(permissions__contains=["access.manage_organisation"])
    mine = Membership.objects.active().filter(user=actor.pk, roles__in=Role.objects.filter(edited))
    own = Q(pk__in=[]) if limits_of(actor) is not None else Q(organisation__in=mine.values("organisation"))
    return Role.objects.filter(Q(organisation=None) | own).select_related("organisation")


def administered(actor: Actor) -> QuerySet[Organisation]:
    """The organisations that the actor administers."""
    if not actor.is_active or limits_of(actor) is not None:
        return Organisation.objects.none()
    mine = Membership.objects.active().granting("access.manage_organisation").filter(user=actor.pk)
    return Organisation.objects.filter(pk__in=mine.values("organisation"))


def findable_projects(actor: Actor) -> QuerySet[Project]:
    """The projects of one's organisations that one may find, and isn't a member of. A token finds none."""
    if not actor.is_active or actor.pk is None or limits_of(actor) is not None:
        return Project.objects.none()
    mine = Membership.objects.active().filter(user=actor.pk)
    organisations = Organisation.objects.filter(
        Q(pk__in=mine.values("organisation")) | Q(pk__in=mine.values("project__organisation"))
    )
    found = Project.objects.filter(organisation__in=organisations.values("pk"), listed=True, archived_at=None)
    return found.exclude(pk__in=mine.exclude(project=None).values("project")).select_related("organisation")


def join_requests(actor: Actor) -> QuerySet[JoinRequest]:
    """One's own requests, and those that wait in the projects whose members the actor manages."""
    if not actor.is_active or actor.pk is None:
        return JoinRequest.objects.none()
    projects = Project.objects.visible_to(actor, "access.manage_members")
    own = Q(pk__in=[]) if limits_of(actor) is not None else Q(user=actor.pk)
    rows = JoinRequest.objects.filter(own | Q(project__in=projects.values("pk")))
    return rows.select_related("user", "project__organisation", "answered_by")


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
    if limits_of(actor) is not None:
        return Organisation.objects.none()
    memberships = Membership.objects.active().granting("access.create_project").filter(user=actor.pk)
    return Organisation.objects.filter(pk__in=memberships.values("organisation")).order_by("name")


def waiting_for_organisations() -> QuerySet[Invitation]:
    """The offers without an answer in any organisation, for who runs the instance."""
    rows = Invitation.objects.filter(project=None, accepted_at=None, revoked_at=None)
    return rows.select_related("organisation", "invited_by").prefetch_related("roles", "sites")


def counted(rows: QuerySet[Any, Any]) -> Coalesce:
    """How many rows a subquery has, as a column; they are grouped by the one field that they give."""
    many = Subquery(rows.annotate(many=Count("*")).values("many"), output_field=IntegerField())
    return Coalesce(many, 0)
