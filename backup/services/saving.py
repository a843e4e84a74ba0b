"""The work of a save: the project's streams into the repository, then one row that tells of it."""

from __future__ import annotations

import json
import os
import platform
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils.formats import localize
from django.utils.translation import gettext as _

from backup.engine.errors import Busy
from backup.engine.format import cipher
from backup.engine.saving.save import Saved
from backup.engine.saving.save import save as engine_save
from backup.engine.saving.state import NOTHING, Last, State
from backup.engine.sources.streams import StreamSource
from backup.models import Plan, Repository, Snapshot
from backup.permissions import RUN
from backup.services import allowances, instance, objects, repositories, stores
from backup.services.contents import Contents, contents
from backup.services.plans import require_right
from core import access, audit
from core.audit import anchors

if TYPE_CHECKING:
    from backup.engine.saving.intake import Progress
    from core.jobs import Run


BETWEEN_TRIES = 2
"""Seconds."""


def save(run: Run, plan_id: str) -> dict[str, Any]:
    """Save what a plan says. Harmless to repeat: what an earlier attempt stored is used, not stored again."""
    plan = Plan.objects.select_related("project", "repository").get(pk=plan_id)
    access.require(run.actor, RUN, plan.project, obj=plan)
    require_right(run.actor, plan)
    if plan.ended_at is not None:
        return {"skipped": "plan ended"}
    allowances.require_room(plan.repository)
    run.progress(0, None, _("Listing what is to be saved"))
    with instance.contents() if plan.instance else nullcontext(contents(plan)) as what:
        return _save(run, plan, what)


def _save(run: Run, plan: Plan, what: Contents) -> dict[str, Any]:
    run.log(_("%(count)d files to save.") % {"count": len(what.streams)})

    def progress(now: Progress) -> None:
        words = {"files": localize(now.files), "all": localize(len(what.streams))}
        run.progress(now.size, max(what.bytes, 1), _("%(files)s of %(all)s files") % words)

    head = anchors.newest()  # kept in a snapshot, no superuser of the database reaches it
    anchor = head.as_json() if head else None
    notes = {"audit head": json.dumps(anchor, sort_keys=True)} if anchor else {}
    started = datetime.now(UTC)
    source = StreamSource(plan.row, what.streams)
    with stores.patient(plan.repository) as store, memory(run, plan.repository) as state:
        repository = repositories.opened(plan.repository, store)
        store.tidy()
        saved = engine_save(
            repository,
            state,
            source,
            clock=time.time_ns,
            workers=min(os.cpu_count() or 1, 4),
            uploads=stores.UPLOADS if plan.repository.place else 1,
            notes=notes,
            known=remembered(plan.repository),
            progress=progress,
        )
    objects.count(plan.repository, saved.effort.added)
    with run.fenced():
        row = _record(run, plan, saved, repository.key.key_id, datasets=what.datasets, anchor=anchor, started=started)
        if head is not None:
            anchors.remember(head, anchors.Place.BACKUP, row.snapshot_id)
    return {
        "snapshot": saved.snapshot.hex(),
        "files": row.files,
        "bytes": row.bytes,
        "added": row.added,
        "unread": row.unread,
        "url_name": "backup:snapshot",
        "url_args": [plan.project.slug, str(row.pk)],
    }


def memory(run: Run, repository: Repository) -> State:
    """This server's memory of a repository. Waits while another backup into it is under way; cancelled, it goes.

    Put back and taken up again and again, the job would fill the journal with its starts.
    """
    while True:
        try:
            return State(repository.memory)
        except Busy:
            run.progress(0, None, _("Waiting for another backup into this repository"))
            time.sleep(BETWEEN_TRIES)


def _record(
    run: Run,
    plan: Plan,
    saved: Saved,
    writer: bytes,
    *,
    datasets: int,
    anchor: dict[str, Any] | None,
    started: datetime,
) -> Snapshot:
    Repository.objects.select_for_update().get(pk=plan.repository_id)  # the watch may be making the same row
    facts = {
        "plan": plan,
        "job": run.job,
        "source": plan.row,
        "host": platform.node(),
        "manifest": cipher.digest(saved.root).hex(),
        "datasets": datasets,
        "files": saved.counts.files,
        "bytes": saved.counts.bytes,
        "added": saved.effort.added,
        "fresh": saved.effort.fresh,
        "dense": saved.effort.dense,
        "changed": saved.effort.changed,
        "unread": len(saved.unread),
        "store_differs": saved.store_differs,
        "anchor": anchor,
        "started_at": started,
        "finished_at": max(started, datetime.now(UTC)),  # a clock may have been set back
    }
    signed = {"project": plan.project, "writer": writer.hex(), "sequence": saved.sequence}
    row, _made = Snapshot.objects.update_or_create(
        repository=plan.repository,
        snapshot_id=saved.snapshot.hex(),
        defaults=facts,
        create_defaults=facts | signed,
    )
    audit.record(
        run.actor,
        "backup.snapshot_made",
        row,
        snapshot=row.snapshot_id,
        datasets=datasets,
        files=row.files,
        bytes=row.bytes,
        unread=row.unread,
    )
    for unread in saved.unread:
        run.log(_("Not saved: %(what)s") % {"what": unread})
    if saved.store_differs:
        run.log(_("The repository didn’t hold what this server had left in it."))
    return row


def remembered(repository: Repository) -> Last:
    """The newest snapshot that the database knows of."""
    newest = repository.snapshots.order_by("-sequence").first()
    return Last(newest.sequence, bytes.fromhex(newest.snapshot_id)) if newest else NOTHING
