"""What a task holds in its hands while it works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db.models.functions import Now

from core.jobs.locking import brief
from core.jobs.models import Job, Line
from core.jobs.stops import Superseded
from core.jobs.timing import TIMING

if TYPE_CHECKING:
    from core.accounts.models import User
    from core.jobs.pulse import Pulse


class Run:
    """One attempt at a job: reports its progress, notes its way, and keeps its writes from being done twice."""

    def __init__(self, job: Job, actor: User, pulse: Pulse) -> None:
        self.job, self.actor, self._pulse = job, actor, pulse

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far it is. Raises Cancelled, Superseded or TimeLimit when the job must stop here."""
        news: dict[str, Any] = {"done": done, "message": str(message)[: Job._meta.get_field("message").max_length]}
        if total is not None:
            news["total"] = total
        self._pulse.report(**news)

    def log(self, message: str) -> None:
        """Add a line to the job's log, for the people who watch it; never a patient's data."""
        with self.fenced():
            text = str(message)[: Line._meta.get_field("text").max_length]
            Line.objects.create(job_id=self.job.pk, attempt=self.job.attempts, text=text)

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A short transaction whose writes count only while the job is this attempt's.

        The row is locked: nobody takes the job over between the look and the commit. Raises Superseded if somebody has.
        """
        with brief():
            if not self._pulse.row.select_for_update(of=("self",)).values_list("pk").first():
                raise Superseded
            yield

    @property
    def kept(self) -> dict[str, Any]:
        """What earlier attempts kept."""
        return dict(self.job.kept)

    def keep(self, **values: Any) -> None:
        """Note how far it came. Inside the `fenced` block that writes a step, the step is done exactly once."""
        self.job.kept = {**self.job.kept, **values}
        if not self._pulse.row.update(kept=self.job.kept, lease_until=Now() + TIMING.lease):
            raise Superseded
