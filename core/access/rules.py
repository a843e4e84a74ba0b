"""May this person do this here? Deny unless a membership that counts now grants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Manager, Model, Q, QuerySet
from django.http import Http404

from core import audit, tool
from core.access.models import Membership, Project, Site
from core.access.scope import M, ScopedQuerySet, limits_of
from core.db import once
from core.errors import Refusal

if TYPE_CHECKING:
    from core.access.models.memberships import MembershipQuerySet
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
    rows = Membership.objects.filter(Q(project=project) | Q(organisation=project.organisation_id))
    if site is not None:
        rows = rows.filter(Q(all_sites=True) | Q(sites=site))
    asked = ("abilities", actor.pk, limits_of(actor), project.pk, site and site.pk)
    return once(asked, lambda: _abilities(actor, [project], rows)[project.pk])


def lasting_abilities(actor: Actor, project: Project) -> frozenset[str]:
    """What the actor holds in the project himself, without what was passed on to him or opened in an emergency."""
    rows = Membership.objects.lasting().filter(Q(project=project) | Q(organisation=project.organisation_id))
    return _abilities(actor, [project], rows)[project.pk]


def abilities_in(actor: Actor, projects: Sequence[Project]) -> dict[UUID, frozenset[str]]:
    """Every permission the actor holds in each of these projects, asked at once."""
    return _abilities(actor, projects, Membership.objects.all())


def _abilities(actor: Actor, projects: Sequence[Project], rows: MembershipQuerySet) -> dict[UUID, frozenset[str]]:
    """What those of these memberships give that are the actor's and count now."""
    if not actor.is_active or actor.pk is None:
        return {project.pk: frozenset() for project in projects}
    registered = tool.permissions()
    whole = {code for code, permission in registered.items() if permission.whole_project}
    data = {code for code, permission in registered.items() if permission.health_data}
    archived = {code for code, permission in registered.items() if permission.counts_in_archive}
    held: defaultdict[UUID, set[str]] = defaultdict(set)
    mine = rows.active().filter(user=actor.pk)
    for all_sites, office, place, granted in mine.values_list(
        "all_sites", "organisation", "project", "roles__permissions"
    ):
        codes = set(granted or ()) - (data if office else set())
        held[office or place] |= codes if all_sites else codes - whole
    limits = limits_of(actor)
    found = {}
    for project in projects:
        codes = held[project.pk] | held[project.organisation_id]
        if project.archived_at is not None:
            codes &= archived
        if limits:
            codes &= limits.all_allowed() if limits.cover(project.pk) else frozenset()
        found[project.pk] = frozenset(codes)
    return found


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
    places = Q(project=project)
    if not tool.permissions()[permission].health_data:
        places |= Q(organisation=project.organisation_id)
    return rows.filter(places).distinct()
