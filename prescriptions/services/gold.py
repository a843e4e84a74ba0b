"""Publish reviewed lines as gold data; decide of those that are held back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.access.models import Project
from core.errors import Conflict
from core.jobs.models import Job
from prescriptions import permissions
from prescriptions.models import Clearance, Line
from prescriptions.services.documents import person

if TYPE_CHECKING:
    from core.access.scope import Actor

TASK = "prescriptions.publish_gold"


@transaction.atomic
def start_gold(actor: Actor, project: Project) -> Job:
    """Publish what may leave as a dataset, as a job; what is held back stays."""
    access.require(actor, permissions.GOLD, project)
    audit.record(actor, "prescriptions.gold_asked", project=project)
    return jobs.submit(actor, TASK, project=project, arguments={"project_id": str(project.pk)}, unique=str(project.pk))


@transaction.atomic
def clear_line(actor: Actor, line: Line, *, leaves: bool, revision: int) -> Clearance:
    """Say that a held line tells of nobody and leaves, or that it stays. Raises Conflict when it changed since."""
    access.require(actor, permissions.GOLD, line.document.project, obj=line)
    held = Line.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if held.revision != revision:
        raise Conflict(_("Somebody corrected this line in the meantime: look at it again."), "stale")
    decision = {"leaves": leaves, "revision": revision, "decided_by": person(actor)}
    made, _new = Clearance.objects.update_or_create(line=held, defaults=decision)
    audit.record(actor, "prescriptions.gold_decided", line.document, line=line.position, leaves=leaves)
    return made
