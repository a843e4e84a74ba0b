"""The long work on keys. It can be stopped anywhere: what is left to do shows in the values themselves."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db import OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import DeadlockDetected, LockNotAvailable

from core import jobs
from core.access.models import Project
from core.custody import services
from core.vault import keys as custody
from core.vault import mfa, resealing
from core.vault import services as keys

PATIENCE = 60
"""How often in a row a table may be too busy before the job gives up, to be tried again."""


@jobs.task(services.RESEAL, label=gettext_lazy("Renew a project’s key"), limit=timedelta(hours=24), retries=10)
def reseal_project(run: jobs.Run, *, project: str | None) -> dict[str, Any]:
    """Of a project; without one, of the instance itself."""
    held = Project.objects.get(pk=project) if project else None
    total = resealing.count_left(held)
    done = unopenable = 0
    for field in resealing.fields_of(held.pk if held else None):
        after = None
        while True:
            run.progress(done, total, _("Sealing values anew"))
            piece = patiently(run, field, held, after)
            if not piece.rows:
                break
            after, done, unopenable = piece.last, done + piece.rows, unopenable + piece.unopenable
    if held is None:
        done += mfa.reseal(custody.newest(None).current.version)
    run.progress(done, max(total, done), _("Sealing values anew"))
    if unopenable:
        run.log(
            _("%(count)d values can’t be opened: the former key stays, so that nothing is lost.")
            % {"count": unopenable}
        )
    with run.fenced():
        keys.tell_resealed(run.actor, held, done - unopenable, unopenable)
    where = {"url_name": "custody:key", "url_args": [held.slug]} if held else {"url_name": "custody:keys"}
    return {"rows": done - unopenable, "unopenable": unopenable, **where}


def patiently(run: jobs.Run, field: Any, project: Project | None, after: Any) -> resealing.Progress:
    """One piece; where somebody else holds the table, try again."""
    project_id = project.pk if project else None
    for _attempt in range(PATIENCE):
        try:
            return resealing.reseal(field, project_id, after)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            run.progress(run.job.done, run.job.total)
            time.sleep(1)  # whoever holds the table goes first; no event tells when he has ended
    return resealing.reseal(field, project_id, after)


@jobs.task(services.REWRAP, label=gettext_lazy("Wrap the keys under the new instance key"), retries=10)
def rewrap_keys(run: jobs.Run) -> dict[str, Any]:
    total, done = keys.wrapped_by_others().count(), 0
    run.progress(done, total)
    while True:
        with run.fenced():
            count = keys.rewrap_some(run.actor)
        if not count:
            return {"keys": done, "url_name": "custody:keys"}
        done += count
        run.progress(done, max(total, done))
