"""What a project lets be said outside the suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import access, audit
from core.access.models import Project
from core.inbox.models import NamedProject

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.accounts.models import User

MANAGE = "access.manage_project"


def managed(actor: User) -> QuerySet[Project]:
    """The projects of which this person decides whether mails name them."""
    return Project.objects.visible_to(actor, MANAGE).filter(archived_at=None).order_by("name")


@transaction.atomic
def name_in_mails(actor: User, project: Project, named: bool) -> None:
    """Let mails name the project, or no longer."""
    access.require(actor, MANAGE, project)
    if named:
        _row, changed = NamedProject.objects.get_or_create(project=project)
    else:
        changed = bool(NamedProject.objects.filter(project=project).delete()[0])
    if changed:
        audit.record(actor, "inbox.project_named" if named else "inbox.project_unnamed", project, project=project)


def named_among(projects: QuerySet[Project] | list[Project]) -> set[object]:
    return set(NamedProject.objects.filter(project__in=projects).values_list("project_id", flat=True))
