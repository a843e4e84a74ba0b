"""An instance of its own: PostgreSQL, Valkey, scheduler and worker, each of which can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from core import embedded
from core.config.env import SETTINGS
from core.embedded import postgres, valkey

ROOT = Path(__file__).resolve().parents[2]
STEPS, PAUSE = 40, 0.02
"""Of each job that keeps an instance busy: its steps, and the seconds between them."""
STATES = "SELECT state, count(*) FROM jobs_job GROUP BY state"


class Instance:
    def __init__(self, place: Path) -> None:
        names = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE")}
        self.environ = {name: value for name, value in os.environ.items() if name not in names}
        self.environ |= {"DJANGO_SETTINGS_MODULE": "tests.faults.settings", "LOG_LEVEL": "WARNING"}
        self.folder = embedded.prepare(self.environ, place)
        self.log = (place / "faults.log").open("ab")
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=self.environ, check=True
        )
        self.driver = self.spawn(sys.executable, "-m", "tests.faults.driver", pipes=True)
        self.answer()
        self.start_scheduler()
        self.start_worker()

    def spawn(self, *command: str, pipes: bool = False) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE if pipes else None
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environ,
            stdin=pipe or subprocess.DEVNULL,
            stdout=pipe or self.log,
            stderr=self.log,
            process_group=0,
        )
        self.children.append(child)
        return child

    def start_scheduler(self) -> None:
        self.scheduler = self.spawn(sys.executable, "manage.py", "scheduler")

    def spawn_worker(self) -> subprocess.Popen[bytes]:
        celery = (sys.executable, "-m", "celery", "-A", "core.config", "worker")
        return self.spawn(*celery, "--concurrency=2", "--queues=default,heavy,backup", "--without-mingle")

    def start_worker(self) -> subprocess.Popen[bytes]:
        self.worker = self.spawn_worker()
        return self.worker

    def kill_worker(self) -> None:
        """Everything at once, as when the power fails."""
        self.end(self.worker)

    def end(self, child: subprocess.Popen[bytes]) -> None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def busy(self) -> list[int]:
        """The processes of our worker that do the jobs which are running now."""
        names = self.ask("SELECT worker FROM jobs_job WHERE state = 'running'")
        pids = {int(name.rsplit(":", 1)[1]) for (name,) in names}
        return [pid for pid in pids if parent(pid) == self.worker.pid]

    def submit(self, count: int, steps: int, pause: float, hold: float = 0) -> None:
        assert self.driver.stdin is not None
        self.driver.stdin.write(f"{count} {steps} {pause} {hold}\n".encode())
        self.driver.stdin.flush()
        self.answer()

    def answer(self) -> None:
        assert self.driver.stdout is not None
        if not self.driver.stdout.readline():
            raise AssertionError(f"the driver has died; see {self.log.name}")

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database, also right after it was restarted."""
        with psycopg.connect(self.environ["DATABASE_URL"], autocommit=True) as link:
            return link.execute(query, values or None).fetchall()  # type: ignore[call-overload, no-any-return]

    def number(self, query: str) -> int:
        return int(self.ask(query)[0][0])

    def wait_until(self, true: Callable[[], bool], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} s in vain; {dict(self.ask(STATES))}; see {self.log.name}")
            time.sleep(0.05)

    def work_goes_on(self, steps: int = 5) -> None:
        """Wait until some more steps have been done: jobs are in their middle now."""
        before = self.number("SELECT count(*) FROM effect")
        self.wait_until(lambda: self.number("SELECT count(*) FROM effect") >= before + steps)

    def keep_busy(self) -> None:
        """There is always more to do than workers."""
        if self.number("SELECT count(*) FROM jobs_job WHERE state IN ('waiting', 'running')") < 4:
            self.submit(6, STEPS, PAUSE)

    def all_done_once(self) -> dict[str, int]:
        """Wait for the end of all work; each step of each job was done exactly once, and told once in the journal."""
        live = "SELECT count(*) FROM jobs_job WHERE state IN ('waiting', 'running')"
        self.wait_until(lambda: self.number(live) == 0, 300)
        jobs = self.number("SELECT count(*) FROM jobs_job")
        assert self.number("SELECT count(*) FROM jobs_job WHERE state = 'done'") == jobs
        missing = "SELECT count(*) FROM jobs_job, generate_series(0, (arguments->>'steps')::int - 1) AS step"
        missing += " WHERE NOT EXISTS (SELECT FROM effect WHERE effect.job = jobs_job.id AND effect.step = step.step)"
        assert self.number(missing) == 0
        twice = "SELECT count(*) FROM (SELECT 1 FROM effect GROUP BY job, step HAVING count(*) > 1) AS doubled"
        assert self.number(twice) == 0
        told = "FROM audit_event WHERE action = 'jobs.job_done'"
        assert self.number(f"SELECT count(*) {told}") == jobs
        assert self.number(f"SELECT count(DISTINCT object_id) {told}") == jobs
        return {
            "jobs": jobs,
            "steps": self.number("SELECT count(*) FROM effect"),
            "taken over": self.number("SELECT coalesce(sum(attempts - 1), 0) FROM jobs_job"),
        }

    def journal_is_whole(self) -> None:
        """Every event is sealed, and the chain proves that none was changed, lost or slipped in."""
        events = self.number("SELECT count(*) FROM audit_event")
        self.wait_until(lambda: self.number("SELECT count(*) FROM audit_link") >= events)
        verify = (sys.executable, "manage.py", "audit", "verify")
        subprocess.run(verify, cwd=ROOT, env=self.environ, check=True, stdout=subprocess.DEVNULL)

    def restart_postgres(self) -> None:
        postgres.stop(self.folder)
        postgres.start(self.folder)

    def restart_valkey(self) -> None:
        """Stop it, forget all it knew, start it."""
        valkey.stop(self.folder)
        for remains in self.folder.valkey.rglob("*"):
            if remains.is_file():
                remains.unlink()
        valkey.start(self.folder)

    def stop(self) -> None:
        for child in reversed(self.children):
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGCONT)
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    pipe.close()
        self.log.close()
        embedded.release(self.folder)


def parent(pid: int) -> int | None:
    """The parent of a process; None where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:"))
