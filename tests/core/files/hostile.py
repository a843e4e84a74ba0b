"""Parsers that behave badly, for the tests of the sandbox: they run inside it."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import BinaryIO

from core.files.unreadable import Unreadable


def echo(source: BinaryIO, result: BinaryIO, times: int = 1) -> dict[str, object]:
    """A good one: what it reads, it writes, so many times."""
    content = source.read()
    result.writelines(content for _ in range(times))
    return {"bytes": len(content), "again": len(Path(source.name).read_bytes())}


def refuses(source: BinaryIO, result: BinaryIO) -> None:
    raise Unreadable("no_header", row=3)


def fails(source: BinaryIO, result: BinaryIO) -> None:
    raise RuntimeError("Jeanne Dupont")


def crashes(source: BinaryIO, result: BinaryIO) -> None:
    ctypes.string_at(0)


def hangs(source: BinaryIO, result: BinaryIO) -> None:
    threading.Event().wait()


def burns(source: BinaryIO, result: BinaryIO) -> None:
    while True:
        pass


def eats(source: BinaryIO, result: BinaryIO) -> None:
    bytearray(4 << 30)


def floods(source: BinaryIO, result: BinaryIO) -> None:
    while True:
        result.write(bytes(1 << 20))


def chatters(source: BinaryIO, result: BinaryIO) -> str:
    return "x" * (1 << 20)


def lies(source: BinaryIO, result: BinaryIO) -> None:
    """Says itself how it went, in words that are no answer."""
    os.write(int(sys.argv[2]), b"[1, 2")
    os._exit(0)


def tries(source: BinaryIO, result: BinaryIO, what: str) -> str:
    """One attempt to get out; gives how the kernel refused it."""
    try:
        return f"did it: {ATTEMPTS[what]()!r}"
    except OSError as error:
        return error.strerror or ""


def fork() -> int:
    pid = os.fork()
    if not pid:
        time.sleep(60)
    return pid


MAKES_PROCESSES = {"x86_64": {"fork": 57, "vfork": 58, "clone": 56}, "aarch64": {"clone": 220}}
EXIT_GROUP = {"x86_64": 231, "aarch64": 94}
"""Machine -> the kernel's calls by their numbers."""


def call(name: str) -> int:
    """A call past the C library that makes a process, not a thread. A child leaves at once."""
    libc = ctypes.CDLL(None, use_errno=True)
    machine = platform.machine()
    pid: int = libc.syscall(MAKES_PROCESSES[machine][name], int(signal.SIGCHLD), 0, 0, 0, 0)
    if not pid:
        libc.syscall(EXIT_GROUP[machine], 0)
    if pid < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return pid


def memfd() -> int:
    return os.memfd_create("more")


def namespace() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def change_source() -> int:
    return os.open("/proc/self/fd/0", os.O_WRONLY | os.O_TRUNC)


ATTEMPTS = {
    "network": lambda: socket.create_connection(("127.0.0.1", 80)),
    "unix socket": lambda: socket.socket(socket.AF_UNIX),
    "another program": lambda: subprocess.run(["/usr/bin/true"], check=True),
    "fork": fork,
    **{f"call {name}": partial(call, name) for name in ("fork", "vfork", "clone")},
    "namespace": namespace,
    "memfd": memfd,
    "write the code": lambda: Path("/opt/code/core/evil.py").write_text(""),
    "write the system": lambda: Path("/usr/evil").write_text(""),
    "write the root": lambda: Path("/evil").write_text(""),
    "read passwords": lambda: Path("/etc/passwd").read_text(),
    "change the source": change_source,
    "fill the scratch": lambda: Path("/tmp/much").write_bytes(bytes(65 << 20)),
}


def looks(source: BinaryIO, result: BinaryIO, folders: list[str]) -> dict[str, object]:
    """What is to be seen from inside."""
    return {
        "environment": sorted(os.environ),
        "processes": [path.name for path in Path("/proc").iterdir() if path.name.isdigit()],
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "user": os.getuid(),
        "there": [folder for folder in folders if Path(folder).exists()],
        "root": sorted(path.name for path in Path("/").iterdir()),
        "code": sorted(path.name for path in Path("/opt/code").iterdir()),
    }
