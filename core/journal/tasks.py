"""The verification of the chain as long work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, jobs
from core.access.people import require_administrator
from core.audit import retention
from core.audit.anchors import found_in
from core.audit.models import Link
from core.audit.verification import verify
from core.journal.services import ARCHIVE, VERIFY


@jobs.task(VERIFY, label=gettext_lazy("Verify the audit trail"), limit=timedelta(hours=2))
def verify_journal(run: jobs.Run, *, anchors: str = "") -> dict[str, Any]:
    """Prove the chain. Its numbers are those of the whole instance; no event of another project is told."""
    total = Link.objects.count()
    kept = found_in(anchors, _("what was given")) if anchors else []
    report = verify(elsewhere=kept, progress=lambda done: run.progress(done, max(total, done)))
    run.progress(report.sealed, max(total, report.sealed))
    audit.record(
        run.actor,
        "audit.journal_verified",
        run.job.project,
        project=run.job.project,
        outcome="done" if report.is_intact else "failed",
        sealed=report.sealed,
        faults=report.faults,
    )
    where: dict[str, Any] = {"url_name": "audit:instance"}
    if run.job.project is not None:
        where = {"url_name": "audit:journal", "url_args": [run.job.project.slug]}
    kinds = sorted({finding.kind for finding in report.findings})
    return {
        "intact": report.is_intact,
        "sealed": report.sealed,
        "archived": report.archived,
        "anchors": len(kept),
        "unsealed": report.unsealed,
        "heads": report.heads,
        "faults": report.faults,
        "kinds": kinds,
        "head": report.head,
        **where,
    }


@jobs.task(ARCHIVE, label=gettext_lazy("Archive the audit trail"), limit=timedelta(hours=12))
def archive_journal(run: jobs.Run) -> dict[str, Any]:
    """Archive and prune segment by segment. Stopped or crashed, it goes on where it was: each segment is whole."""
    require_administrator(run.actor, ARCHIVE)
    total = sum(each.count for each in retention.due())
    done = 0
    while True:
        run.progress(done, max(total, 1), _("Writing and pruning a segment"))
        if not (count := retention.keep(1)):
            break
        done += count
    return {"events": done, "url_name": "audit:retention"}
