"""Work whose every step leaves a trace: a step done twice, or not at all, shows in the table."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

from core import jobs

TABLE = "CREATE TABLE IF NOT EXISTS effect (job uuid NOT NULL, step int NOT NULL, attempt int NOT NULL)"


@jobs.task("faults.write", label="Write traces", retries=10_000)
def write(run: jobs.Run, *, steps: int, pause: float, hold: float) -> dict[str, Any]:
    """Each step is written and kept in one fenced block; nothing else would stop it from being repeated."""
    for step in range(run.kept.get("next", 0), steps):
        run.progress(step, steps)
        with run.fenced(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO effect VALUES (%s, %s, %s)", [run.job.pk, step, run.job.attempts])
            run.keep(next=step + 1)
            time.sleep(hold)  # so that the blow falls between the look and the commit
        time.sleep(pause)  # the work itself
    return {"steps": steps}
