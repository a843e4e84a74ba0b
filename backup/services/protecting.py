"""Parity for what a repository holds already: what comes in later has it from the first moment on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.formats import localize
from django.utils.translation import gettext as _

from backup.engine.keeping.protecting import add_parity
from backup.models import Repository
from backup.permissions import MANAGE
from backup.services import objects, stores
from core import access, jobs

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.jobs import Run
    from core.jobs.models import Job

TASK = "backup.parity"


def begin(actor: Actor, repository: Repository) -> Job:
    """Have it added, in the name of who asks. It takes no key."""
    return jobs.submit(
        actor,
        TASK,
        project=repository.project,
        arguments={"repository": str(repository.pk)},
        subject=repository,
        unique=f"parity {repository.pk}",
    )


def protect(run: Run, repository_id: str) -> dict[str, Any]:
    """Add it where it is missing. Harmless to repeat: what an earlier attempt added stays."""
    row = Repository.objects.select_related("project").get(pk=repository_id)
    access.require(run.actor, MANAGE, row.project, obj=row)
    if not row.parity:
        return {"skipped": "no parity"}

    def progress(done: int, total: int) -> None:
        run.progress(done, max(total, 1), _("Reading what is stored"))

    with stores.patient(row) as store:
        done = add_parity(store, row.parity, progress=progress)
    objects.count(row, done.size)
    run.log(_("%(count)s objects have parity now.") % {"count": localize(done.objects + done.before)})
    for error in done.damaged:
        run.log(_("Damaged, and without parity: %(object)s") % {"object": error.name})
    return {
        "objects": done.objects,
        "bytes": done.size,
        "damaged": len(done.damaged),
        "url_name": "backup:repository",
        "url_args": [row.project.slug, str(row.pk)],
    }
