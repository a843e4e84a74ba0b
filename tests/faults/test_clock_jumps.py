"""The machine's clock jumps by hours, as all its processes see it: PostgreSQL, Valkey, scheduler and worker alike.

A file says how far it is away: `faketime` makes the servers read it, `shifted.py` our own processes. What only goes on
(CLOCK_MONOTONIC) goes on, as on a real machine. The tests' own process stands outside and keeps the true time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.instance import PAUSE, STEPS, Instance

pytestmark = pytest.mark.slow

RUNNING = "SELECT count(*) FROM jobs_job WHERE state = 'running'"
TAKEN_OVER = "SELECT coalesce(sum(attempts - 1), 0) FROM jobs_job"


class Shifted(Instance):
    """An instance whose clock can be set."""

    def __init__(self, place: Path, clock: Path) -> None:
        self.clock = clock
        clock.write_text("+0h\n")
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        with pytest.MonkeyPatch.context() as environ:  # of the servers, which start here
            environ.setenv("LD_PRELOAD", str(library))
            environ.setenv("FAKETIME_TIMESTAMP_FILE", str(clock))
            environ.setenv("FAKETIME_NO_CACHE", "1")
            environ.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            super().__init__(place)
        del self.environ["LD_PRELOAD"]
        self.environ["FAULTS_CLOCK"] = str(clock)

    def set_clock(self, hours: int) -> None:
        """Away from the true time, at once for everybody; waits until PostgreSQL goes by it."""
        draft = self.clock.with_suffix(".new")
        draft.write_text(f"{hours:+d}h\n")
        draft.rename(self.clock)
        now = "SELECT extract(epoch FROM clock_timestamp())::float8"
        self.wait_until(lambda: abs(self.ask(now)[0][0] - time.time() - hours * 3600) < 60)


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shifted]:
    folder = tmp_path_factory.mktemp("clock")
    instance = Shifted(folder / "var", folder / "clock")
    try:
        instance.start()
        yield instance
    finally:
        instance.stop()


def in_their_middle(instance: Shifted) -> None:
    instance.submit(4, STEPS, PAUSE)
    instance.wait_until(lambda: instance.number(RUNNING) == 2)
    instance.work_goes_on()


def test_work_goes_on_whatever_the_clock_says(instance: Shifted) -> None:
    """Forward and back by three hours under work: no living worker loses its job, no dead one keeps it.

    A person sees his jobs go on; schedules that are due in the hours jumped over start once. Lost: nothing. Events
    bear the time that the clock told, and stand in the chain in the order in which they were committed.
    """
    in_their_middle(instance)
    instance.set_clock(3)
    instance.all_done_once()
    assert instance.number(TAKEN_OVER) == 0, "a lease that only seemed to have run out was taken from a living worker"

    in_their_middle(instance)
    instance.set_clock(0)
    instance.all_done_once()
    assert instance.number(TAKEN_OVER) == 0

    instance.set_clock(3)
    in_their_middle(instance)
    instance.kill_worker()
    instance.set_clock(0)  # the leases of the dead worker run for three hours more
    instance.start_worker()
    instance.all_done_once()
    assert instance.number(TAKEN_OVER) > 0

    backwards = "SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY sequence) AS before FROM audit_event"
    backwards += " JOIN audit_link ON event_id = audit_event.id) AS events WHERE at < before - interval '1 hour'"
    instance.journal_is_whole()
    assert instance.number(backwards) == 2, "the clock was put back twice, and the chain says so"
