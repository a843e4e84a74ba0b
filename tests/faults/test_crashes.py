"""Whatever is killed or restarted in the middle of the work: nothing is lost, and nothing is done twice.

`make faults` kills a worker fifty times; `make test` a few times. FAULTS says how often.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.faults.instance import PAUSE, STEPS, Instance

FAULTS = int(os.environ.get("FAULTS", "4"))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    instance = Instance(tmp_path_factory.mktemp("faults") / "var")
    try:
        instance.start()
        yield instance
    finally:
        instance.stop()


def test_workers_killed_in_mid_job(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """kill -9, of one process in its work or of the whole worker in turns: all is done, once."""
    for number in range(FAULTS):
        instance.keep_busy()
        instance.work_goes_on()
        if number % 2:
            instance.kill_worker()
            instance.start_worker()
        else:
            instance.wait_until(lambda: bool(instance.busy()))
            for pid in instance.busy()[:1]:
                os.kill(pid, signal.SIGKILL)
    numbers = instance.all_done_once()
    assert numbers["taken over"] >= FAULTS // 2, "the blows must have hit jobs in their middle"
    with capsys.disabled():
        print(f"\n{FAULTS} x kill -9: {numbers}, none lost, none doubled")


def test_valkey_forgets_everything(instance: Instance) -> None:
    """Valkey is stopped under work and comes back empty: waiting jobs are sent again."""
    for _time in range(max(1, FAULTS // 10)):
        instance.submit(12, STEPS, PAUSE)
        instance.work_goes_on()
        instance.restart_valkey()
    instance.all_done_once()


def test_postgres_restarts(instance: Instance) -> None:
    """PostgreSQL is restarted under work: what was committed stands, what was not is done again."""
    for _time in range(max(1, FAULTS // 10)):
        instance.keep_busy()
        instance.work_goes_on()
        instance.restart_postgres()
    instance.all_done_once()


@pytest.mark.parametrize(("pause", "hold"), [(0.05, 0), (0, 0.05)], ids=["between two writes", "in mid-write"])
def test_a_worker_that_was_thought_dead_changes_nothing(instance: Instance, pause: float, hold: float) -> None:
    """A worker frozen past its lease loses its job to another; awake again, it can write nothing of it any more."""
    running = "SELECT count(*) FROM jobs_job WHERE state = 'running'"
    instance.submit(2, STEPS, pause, hold)
    instance.wait_until(lambda: instance.number(running) == 2)
    instance.work_goes_on()
    frozen = instance.busy()
    assert frozen
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    other = instance.spawn_worker()
    instance.all_done_once()
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    instance.end(other)
    instance.submit(4, 5, PAUSE)  # done by those that were frozen: whatever they still had to write is written by then
    instance.all_done_once()


def test_the_journal_outlives_it_all(instance: Instance) -> None:
    """After all that, the chain is whole: every event is sealed, none was changed, lost or slipped in."""
    instance.journal_is_whole()


def test_the_scheduler_stops_cleanly(instance: Instance) -> None:
    """SIGTERM ends it at once and in order; started again, it takes up its duties."""
    instance.submit(1, 1, PAUSE)
    events = instance.number("SELECT count(*) FROM audit_event")
    instance.wait_until(lambda: instance.number("SELECT count(*) FROM audit_link") >= events)  # it is at work
    instance.scheduler.send_signal(signal.SIGTERM)
    assert instance.scheduler.wait(10) == 0
    assert instance.worker.poll() is None
    instance.start_scheduler()
