"""What a list may show: the rows of the projects and sites that the actor's memberships open, and no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from core import tool

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from core.access.models import Project
    from core.accounts.models import User

    Actor = User | AnonymousUser

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Scope:
    """Which permission shows a model's rows, and the lookups that lead from a row to its project and its site."""

    read: str
    project: str = "project"
    site: str | None = None


class ScopedQuerySet(models.QuerySet[M]):
    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        """The rows that this actor may read, or on which he holds another `permission`. Nothing for a stranger."""
        from core.access.models import Membership, Project, Site

        scope: Scope = self.model.scope  # type: ignore[attr-defined]
        code = permission or scope.read
        if not actor.is_active or ((limits := limits_of(actor)) and code not in limits.permissions):
            return self.none()
        granting = Membership.objects.active().granting(code).filter(user=actor.pk)
        counted = granting.filter(all_sites=True) if scope.site or tool.permissions()[code].whole_project else granting
        projects = Project.objects.filter(
            Q(pk__in=counted.values("project")) | Q(organisation__in=granting.values("organisation"))
        )
        allowed = Q(**{f"{scope.project}__in": projects.values("pk")})
        if scope.site and not tool.permissions()[code].whole_project:
            sites = Site.objects.filter(memberships__in=granting)
            allowed |= Q(**{f"{scope.site}__in": sites.values("pk")})
        rows = self.filter(allowed)
        return rows.filter(**{scope.project: limits.project_id}) if limits else rows


@dataclass(frozen=True)
class Limits:
    """What a token leaves of its owner's rights: these permissions, in this project."""

    project_id: Any
    permissions: frozenset[str]


def member_projects(actor: Actor) -> models.QuerySet[Project]:
    """The projects that this person is a member of now, whatever the way in leaves of his rights there."""
    from core.access.models import Membership, Project

    active = Membership.objects.active().granting("access.view_project").filter(user=actor.pk)
    return Project.objects.filter(
        Q(pk__in=active.values("project")) | Q(organisation__in=active.values("organisation"))
    )


def limits_of(actor: Actor) -> Limits | None:
    """The limits set by the way in, for this request: None when a person signed in himself."""
    return getattr(actor, "limits", None)
