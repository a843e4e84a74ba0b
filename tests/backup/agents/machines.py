"""A real machine in front of a real server: `suite-backup agent` as a process, and the suite's own ASGI application."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

PROGRAM = Path(__file__).resolve().parents[3] / "clients" / "suite-backup" / "suite-backup"


class Server(uvicorn.Server):
    """uvicorn in a thread, without its signal handlers."""

    started_event: threading.Event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.started_event.set()


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """The address of the suite, for as long as it is there."""
    from core.config.asgi import POOL, SPARE, is_known
    from core.files.uploads import Door

    application = Door(is_known, at_once=POOL - SPARE)  # one of its own, for the loop of this server
    listener = socket.create_server(("127.0.0.1", port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio doesn't: 40 ms for each small answer
    server = Server(uvicorn.Config(application, log_level="warning", lifespan="off", timeout_graceful_shutdown=2))
    server.started_event = threading.Event()
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    assert server.started_event.wait(20)
    try:
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


class Bell:
    """What the portal, which serves from this process, tells those who watch runs: whoever waits looks at each ring."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._rings = 0

    def ring(self, _group: str, _message: dict[str, Any]) -> None:
        with self._change:
            self._rings += 1
            self._change.notify_all()

    def until(self, condition: Callable[[], object], seconds: float = 60) -> None:
        """Wait for something that an agent does while it reports a run."""
        end = time.monotonic() + seconds
        while True:
            seen = self._rings
            if condition():
                return
            with self._change:
                rung = self._change.wait_for(lambda: self._rings != seen, max(0, end - time.monotonic()))  # noqa: B023
            assert rung, "it never came"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


@dataclass
class Computer:
    """A machine with `suite-backup` on it and something to save."""

    base: Path
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.data / "letters").mkdir(parents=True)
        (self.data / "letters" / "a.txt").write_text("a letter\n" * 1000)
        (self.data / "numbers.bin").write_bytes(os.urandom(300_000))

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def own(self) -> Path:
        return self.base / "config" / "suite-backup" / "agent"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.base / "home"),
            "LANG": "C.UTF-8",
            "XDG_CONFIG_HOME": str(self.base / "config"),
            "XDG_STATE_HOME": str(self.base / "state"),
            "XDG_CACHE_HOME": str(self.base / "cache"),
            **self.more,
        }

    def start(self, *words: str | Path, **options: Any) -> subprocess.Popen[Any]:
        return subprocess.Popen([str(PROGRAM), *map(str, words)], env=self.environment, cwd=self.base, **options)

    def __call__(self, *words: str | Path, code: int = 0, seconds: float = 120) -> Done:
        """Run it to its end, which must be with this code."""
        process = self.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = process.communicate(timeout=seconds)
        done = Done(process.returncode, out, err)
        assert done.code == code, f"{words}: {done}"
        assert "Traceback" not in err, err
        return done

    def once(self, code: int = 0) -> Done:
        """Do what is due now."""
        return self("agent", "run", "--once", code=code)
