"""Open the many queries of a file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from core import access, jobs
from core.errors import Conflict
from ecrf import permissions
from ecrf.models import QueryBatch
from ecrf.services.query_files import open_now


@jobs.task(
    "ecrf.open_queries",
    label=gettext_lazy("Open the queries of a file"),
    limit=timedelta(hours=1),
    needs=permissions.OPEN,
)
def open_queries(run: jobs.Run, *, batch_id: str) -> dict[str, Any]:
    """All in one transaction: done again after a crash, it finds them open or not at all."""
    batch = access.fetch(QueryBatch.objects.select_related("project"), run.actor, pk=batch_id)
    try:
        with run.fenced():
            opened = open_now(run.actor, batch, run.progress)
    except Conflict:
        opened = batch.row_count
    return {"rows": opened, "url_name": "ecrf:query_list", "url_args": [batch.project.slug]}
