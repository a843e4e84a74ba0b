"""May this person do this here? Deny unless a membership that counts now grants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Manager, Model, Q, QuerySet
from django.http import Http404

from core import audit, tool
from core.access.models import Membership, Project, Site
from core.access.scope import M, ScopedQuerySet, limits_of
from core.errors import Refusal

if TYPE_CHECKING:
    from core.access.scope import Actor


class Refused(Refusal):
    """The actor holds no membership that grants this permission here."""

    def __init__(self, actor: Actor, permission: str, project: Project | None, obj: Model) -> None:
        self.actor, self.permission, self.project, self.obj = actor, permission, project, obj
        super().__init__(permission)

    def record(self) -> None:
        audit.record(
            self.actor,
            "access.refused",
            self.obj,
            project=self.project,
            outcome="refused",
            permission=self.permission,
        )


def abilities(actor: Actor, project: Project, site: Site | None = None) -> frozenset[str]:
    """Every permission the actor holds in the project, or at one of its sites."""
    if not actor.is_active or actor.pk is None:
        return frozenset()
    memberships = Membership.objects.active().filter(
        Q(project=project) | Q(organisation=project.organisation_id), user=actor.pk
    )
    if site is not None:
        memberships = memberships.filter(Q(all_sites=True) | Q(sites=site))
    held: set[str] = set()
    whole = {code for code, permission in tool.permissions().items() if permission.whole_project}
    for all_sites, granted in memberships.values_list("all_sites", "roles__permissions"):
        held |= set(granted or ()) if all_sites else set(granted or ()) - whole
    if limits := limits_of(actor):
        held &= limits.permissions if limits.project_id == project.pk else frozenset()
    return frozenset(held)


def can(actor: Actor, permission: str, project: Project, site: Site | None = None) -> bool:
    """Whether the actor may do this in the project; with a site, at that site."""
    return permission in abilities(actor, project, site)


def require(
    actor: Actor, permission: str, project: Project, site: Site | None = None, obj: Model | None = None
) -> None:
    """Go on only if the actor may. Raises Refused, which ends in the audit trail."""
    if not can(actor, permission, project, site):
        raise Refused(actor, permission, project, obj or site or project)


def fetch(rows: QuerySet[M] | Manager[M], actor: Actor, permission: str | None = None, **lookup: Any) -> M:
    """The one row, if the actor may see it, or holds `permission` on it; otherwise 404, as if it weren't there."""
    scoped = cast("ScopedQuerySet[M]", rows)
    try:
        return scoped.visible_to(actor, permission).get(**lookup)
    except (ObjectDoesNotExist, ValueError, ValidationError) as error:
        raise Http404 from error


def members_holding(permission: str, project: Project) -> QuerySet[Membership]:
    """The memberships that give a permission in a project now, for instance to notify its data controllers."""
    rows = Membership.objects.active().granting(permission).filter(user__is_active=True)
    if tool.permissions()[permission].whole_project:
        rows = rows.filter(all_sites=True)
    return rows.filter(Q(project=project) | Q(organisation=project.organisation_id)).distinct()
