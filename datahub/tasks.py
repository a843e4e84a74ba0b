"""The long work of the data spaces."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import jobs
from datahub.models import NotebookRun
from datahub.permissions import RUN
from datahub.services import runs


@jobs.task(runs.TASK, label=_("Run a notebook"), queue="heavy", retries=1, needs=RUN)
def run_notebook(run: jobs.Run, *, run_id: str) -> dict[str, Any]:
    """Run the cells of a notebook; after a crash, all of them again in a fresh box."""
    notebook_run = NotebookRun.objects.select_related("project", "notebook").get(pk=run_id)
    total = len(notebook_run.cells)

    def report(number: int) -> None:
        run.progress(number, total, gettext("Cell %(number)s of %(total)s") % {"number": number + 1, "total": total})

    runs.execute(run.actor, notebook_run, report)
    return {
        "cells": len(notebook_run.results),
        "url_name": "datahub:notebook",
        "url_args": [notebook_run.project.slug, str(notebook_run.notebook_id)],
    }
