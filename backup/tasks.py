"""The long work of backups."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from backup.permissions import MANAGE, RUN
from backup.services import plans, protecting, saving
from backup.services.refusing import in_words
from core import jobs


@jobs.task(plans.TASK, label=_("Back up"), queue="backup", limit=timedelta(hours=12), retries=2, needs=RUN)
def save(run: jobs.Run, *, plan: str) -> dict[str, Any]:
    with in_words():
        return saving.save(run, plan)


@jobs.task(protecting.TASK, label=_("Keep parity"), queue="backup", limit=timedelta(hours=12), retries=2, needs=MANAGE)
def protect(run: jobs.Run, *, repository: str) -> dict[str, Any]:
    with in_words():
        return protecting.protect(run, repository)
