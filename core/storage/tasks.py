"""Move all files to where new ones go. It can be stopped anywhere: each row says where its bytes are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import jobs
from core.files import moving
from core.files.engine import Damaged
from core.storage import services


@jobs.task(services.MOVE, label=gettext_lazy("Move the files to another place"), limit=timedelta(days=7), retries=20)
def move_files(run: jobs.Run, *, where: str) -> dict[str, Any]:
    rows = moving.elsewhere(where)
    total, moved, damaged = rows.count(), 0, 0
    run.progress(0, total)
    for number, pk in enumerate(rows.values_list("pk", flat=True).iterator(), start=1):
        try:
            moved += moving.move(pk, where)
        except Damaged:
            damaged += 1
        run.progress(number, max(total, number), _("Moving the files"))
    if damaged:
        run.log(_("%(count)d files are damaged or missing, and stay where they were.") % {"count": damaged})
    with run.fenced():
        moving.tell(run.actor, where, moved, damaged)
    return {"moved": moved, "damaged": damaged, "url_name": "storage:overview"}
