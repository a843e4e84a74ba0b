"""The verification of the chain as long work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import audit, jobs
from core.audit.models import Link
from core.audit.verification import verify
from core.journal.services import VERIFY


@jobs.task(VERIFY, label=_("Verify the audit trail"), limit=timedelta(hours=2))
def verify_journal(run: jobs.Run) -> dict[str, Any]:
    """Prove the chain. Its numbers are those of the whole instance; no event of another project is told."""
    total = Link.objects.count()
    report = verify(progress=lambda done: run.progress(done, max(total, done)))
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
        "unsealed": report.unsealed,
        "heads": report.heads,
        "faults": report.faults,
        "kinds": kinds,
        "head": report.head,
        **where,
    }
