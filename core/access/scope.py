"""What a list may show: the rows of the projects and sites that the actor's memberships open, and no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from core import tool
from core.access import granted

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from core.access.models import Project
    from core.accounts.models import User

    Actor = User | AnonymousUser

M = TypeVar("M", bound=models.Model)
Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


@dataclass(frozen=True)
class Scope:
    """Which permission shows a model's rows, and the lookups that lead from a row to its project and its site."""

    read: str
    project: str = "project"
    site: str | None = None


class ScopedQuerySet(models.QuerySet[M]):
    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        """The rows that this actor may read, or on which he holds another `permission`. Nothing for a stranger."""
        scope: Scope = self.model.scope  # type: ignore[attr-defined]
        code = permission or scope.read
        about = tool.permissions()[code]
        if not actor.is_active or ((limits := limits_of(actor)) and not limits.allow(code)):
            return self.none()
        by_site = scope.site is not None and not about.whole_project
        whole = scope.site is not None or about.whole_project
        projects = granted.projects(actor, code, whole=whole, by_office=not about.health_data)
        allowed = Q(**{f"{scope.project}__in": projects})
        if by_site:
            allowed |= Q(**{f"{scope.site}__in": granted.sites(actor, code)})
        rows = self.filter(allowed)
        if not about.counts_in_archive:
            archive = "archived_at" if scope.project == "pk" else f"{scope.project}__archived_at"
            rows = rows.filter(**{archive: None})
        return limits.keep(rows, scope.project) if limits else rows


@dataclass(frozen=True)
class Limits:
    """What the way in leaves of a person's rights: these permissions, in this project.

    Where no project is named, it is all of his; where no permissions are, all that he holds but what is done in person.
    """

    project_id: Any | None
    permissions: frozenset[str] | None

    def allow(self, code: str) -> bool:
        if self.permissions is None:
            return not tool.permissions()[code].in_person
        return code in self.permissions

    def all_allowed(self) -> frozenset[str]:
        """Every permission that is left, held or not."""
        return frozenset(code for code in tool.permissions() if self.allow(code))

    def cover(self, project_id: Any) -> bool:
        """Whether anything is left in this project; what belongs to none is for who comes himself."""
        return project_id is not None and self.project_id in (None, project_id)

    def keep(self, rows: Rows, project: str = "project") -> Rows:
        """Of these rows, those of the projects that are left."""
        return rows.filter(**({f"{project}__isnull": False} if self.project_id is None else {project: self.project_id}))


def member_projects(actor: Actor) -> models.QuerySet[Project]:
    """The projects that this person is a member of now, whatever the way in leaves of his rights there."""
    from core.access.models import Project

    return Project.objects.filter(pk__in=granted.projects(actor, "access.view_project"))


def limits_of(actor: Actor) -> Limits | None:
    """The limits set by the way in, for this request: None when a person signed in himself."""
    return getattr(actor, "limits", None)
