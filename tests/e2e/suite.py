"""An instance of the whole suite in a data folder of its own, run by its commands."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core.embedded import instance, postgres
from core.embedded.folder import ROOT, locate
from core.embedded.process import stop, wait_for_end

OURS = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SECRET_KEY_FILE", "VAULT_KEY_FILE", "AUDIT_KEY_FILE")
"""What the tests' own services put into the environment, and another instance must not inherit."""


class Suite:
    """Started and stopped with `manage`; its worker and scheduler run as they do for people."""

    def __init__(self, place: Path) -> None:
        self.folder = locate(place / "var")
        self.kept = socket.socket()  # bound and not listening: nobody else is given this port
        self.kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.kept.bind(("127.0.0.1", 0))
        self.port = self.kept.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.environ = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environ |= {
            "DATA_DIR": str(self.folder.path),
            "PORT": str(self.port),
            "DEMO": "1",
            "DETACH": "1",
            "WEB_PROCESSES": "2",
        }

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        return subprocess.run(command, env=self.environ, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def close(self) -> None:
        """Stop it, and give its port back."""
        self.manage("down")
        self.kept.close()

    def throw_away(self) -> None:
        """Stop it in the middle of whatever it does, as a second Ctrl-C does: nobody needs what it has stored."""
        if running := instance.running(self.folder):
            os.kill(running.pid, signal.SIGTERM)
            while not wait_for_end(running.pid, 1):
                os.kill(running.pid, signal.SIGTERM)
        if number := postgres.pid(self.folder):
            stop(number, signal.SIGQUIT)
        self.close()

    def child(self, name: str) -> int:
        """The process of one child of the supervisor."""
        mark = {"web": b"web_server", "worker": b"celery", "scheduler": b"scheduler"}[name]
        running = instance.running(self.folder)
        assert running
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text(errors="replace").rpartition(") ")[2].split()[1])
                    if parent == running.pid and mark in (entry / "cmdline").read_bytes():
                        return int(entry.name)
                except OSError:
                    continue
        pytest.fail(f"{name} doesn't run")
