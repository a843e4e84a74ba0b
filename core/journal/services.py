"""Reading, exporting and verifying the journal, each of which is in the journal itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

from core import access, audit, jobs
from core.journal import queries

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor
    from core.jobs.models import Job

VERIFY = "audit.verify_journal"


def require(actor: Actor, permission: str, project: Project | None) -> None:
    """The permission in the project; for what belongs to no project, being an administrator of the instance."""
    if project is not None:
        access.require(actor, permission, project)
    elif not queries.reads_instance(actor):
        raise PermissionDenied


def open_journal(actor: Actor, project: Project | None, **asked: Any) -> None:
    """Before anything is shown: may he read it? Who reads the journal stands in it, with what he looked for."""
    require(actor, queries.READ, project)
    audit.record(actor, "audit.journal_read", project, project=project, **asked)


def export_journal(actor: Actor, project: Project | None, **asked: Any) -> None:
    require(actor, queries.READ, project)
    audit.record(actor, "audit.journal_exported", project, project=project, **asked)


def verify_journal(actor: Actor, project: Project | None) -> Job:
    """Have the whole chain proven, as a job; one at a time for each project."""
    require(actor, VERIFY, project)
    return jobs.submit(actor, VERIFY, project=project, unique="verify")
