"""The editions of the medicines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.access.models import Project
from core.jobs.models import Job
from prescriptions import permissions
from prescriptions.models import Reference

if TYPE_CHECKING:
    from core.access.scope import Actor

LOADING = "prescriptions.load_reference"
"""The job that makes an edition."""


def loading_job() -> Job | None:
    """The job that loads an edition, while it lives."""
    return Job.objects.live().filter(task=LOADING).select_related("owner", "project").first()


def edition_in_use() -> Reference | None:
    """The edition of the medicines that prescriptions are read with; None for the list that comes with the suite."""
    kind = Reference.Kind.MEDICINES
    return Reference.objects.filter(kind=kind, is_current=True).exclude(file=None).first()


def may_search(actor: Actor) -> bool:
    """Whether somebody reads prescriptions anywhere, and so may look medicines up."""
    return Project.objects.visible_to(actor, permissions.READ).exists()
