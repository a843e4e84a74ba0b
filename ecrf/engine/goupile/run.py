"""Run page scripts of Goupile projects in processes of their own, within limits of time, memory and output.

`run` takes what is entered and gives the evaluated form: what the page asks, what it computed and what is wrong.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecrf.engine.goupile.parser import parser
from ecrf.engine.goupile.shape import well_formed
from ecrf.engine.goupile.source import runtime

CHILD = Path(__file__).with_name("child.py")
Launcher = Callable[[Sequence[str]], Sequence[str]]
"""The command line that runs another one, in a box where there is one."""


@dataclass(frozen=True)
class Limits:
    seconds: float = 2.0
    memory: int = 64 << 20
    output: int = 8 << 20
    request: int = 8 << 20


class ScriptFault(Exception):
    """A script that can't be run to its end: a code of CODES, and its place in the project."""

    def __init__(self, code: str, message: str = "", file: str = "", line: int | None = None) -> None:
        self.code, self.message, self.file, self.line = code, message, file, line
        super().__init__(f"{file}:{line}: {code}: {message}")


CODES = (
    "syntax",
    "exception",
    "time",
    "memory",
    "stack",
    "output",
    "waits",
    "no_page",
    "bad_result",
    "too_large",
    "no_runner",
)


def direct(command: Sequence[str]) -> Sequence[str]:
    return command


class Child:
    """One process: it answers one request at a time."""

    def __init__(self, launcher: Launcher, limits: Limits) -> None:
        self.limits = limits
        try:
            self.process = subprocess.Popen(
                launcher([sys.executable, "-I", str(CHILD)]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PATH": "/usr/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,
                bufsize=0,
            )
        except OSError as fault:
            raise ScriptFault("no_runner", str(fault)) from fault
        bounds = {"seconds": limits.seconds, "memory": limits.memory, "output": limits.output}
        start = {"runtime": runtime(), "parser": parser(), "limits": bounds}
        try:
            self.ask(json.dumps(start).encode(), 20)
        except ScriptFault as fault:
            self.end()
            raise ScriptFault("no_runner", fault.message) from fault

    def ask(self, content: bytes, seconds: float) -> bytes:
        """Raises ScriptFault where the process doesn't answer in time; it is then of no more use."""
        until = time.monotonic() + seconds
        assert self.process.stdin is not None
        try:
            self.write(struct.pack(">I", len(content)) + content, until)
            size = struct.unpack(">I", self.read(4, until))[0]
            if size > self.limits.output + 1024:
                raise ScriptFault("output")
            return self.read(size, until)
        except OSError as fault:
            raise ScriptFault("no_runner", str(fault)) from fault

    def write(self, content: bytes, until: float) -> None:
        assert self.process.stdin is not None
        handle = self.process.stdin.fileno()
        os.set_blocking(handle, False)
        view = memoryview(content)
        while view:
            if not select.select([], [handle], [], max(0, until - time.monotonic()))[1]:
                raise ScriptFault("time")
            view = view[os.write(handle, view) :]

    def read(self, size: int, until: float) -> bytes:
        assert self.process.stdout is not None
        handle = self.process.stdout.fileno()
        pieces, missing = [], size
        while missing:
            if not select.select([handle], [], [], max(0, until - time.monotonic()))[0]:
                raise ScriptFault("time")
            piece = os.read(handle, min(missing, 1 << 20))
            if not piece:
                raise ScriptFault("no_runner", "the process ended")
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()


class Runner:
    """A few processes that take turns. Threads may share one; a fork makes processes of its own."""

    def __init__(self, launcher: Launcher = direct, limits: Limits | None = None, size: int = 2) -> None:
        self.launcher, self.limits, self.size = launcher, limits or Limits(), size
        self.lock = threading.Lock()
        self.open()

    def open(self) -> None:
        self.pid = os.getpid()
        self.idle: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(self.size):
            self.idle.put(None)

    def ask(self, kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
        content = f"{kind}\n{json.dumps(request)}".encode()
        if len(content) > self.limits.request:
            raise ScriptFault("too_large")
        with self.lock:
            if self.pid != os.getpid():
                self.open()
        child = self.idle.get()
        try:
            if child is None or not child.alive:
                if child:
                    child.end()
                    child = None
                child = Child(self.launcher, self.limits)
            answer = child.ask(content, self.limits.seconds + 3)
        except ScriptFault:
            if child:
                child.end()
                child = None
            raise
        finally:
            self.idle.put(child)
        try:
            made = json.loads(answer)
        except ValueError:
            raise ScriptFault("bad_result") from None
        return checked(made)

    def close(self) -> None:
        if self.pid == os.getpid():
            for _ in range(self.size):
                if child := self.idle.get():
                    child.end()
                self.idle.put(None)


def checked(made: Any) -> dict[str, Any]:
    """The answer, if it is one. A script may have spoilt what the runtime stands on: nothing in it is trusted."""
    if not isinstance(made, dict):
        raise ScriptFault("bad_result")
    if made.get("ok") is True:
        return made
    error = made.get("error")
    if made.get("ok") is not False or not isinstance(error, dict):
        raise ScriptFault("bad_result")
    code, line = error.get("code"), error.get("line")
    raise ScriptFault(
        code if code in CODES else "bad_result",
        str(error.get("message") or "")[:500],
        str(error.get("file") or "")[:200],
        line if isinstance(line, int) else None,
    )


@dataclass(frozen=True)
class Project:
    """The files of a project: main.js, pages/<key>.js and what they import."""

    files: Mapping[str, str] = field(default_factory=dict)


_shared: list[Runner] = []
_makers: list[Callable[[], Runner]] = [Runner]
_making = threading.Lock()


def prefer(maker: Callable[[], Runner]) -> None:
    """From now on the runner of this process is what this makes: in the suite, one whose processes are boxed."""
    with _making:
        _shared.clear()
        _makers[0] = maker


def shared() -> Runner:
    """The runner of this process, where no other is given."""
    with _making:
        if not _shared:
            _shared.append(_makers[0]())
            atexit.register(_shared[0].close)
        return _shared[0]


def run(
    project: Project,
    page: str | None,
    values: Mapping[str, Any] | None = None,
    notes: Mapping[str, Any] | None = None,
    thread: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    *,
    following: Mapping[str, str] | None = None,
    edited: Sequence[str] = (),
    types: Mapping[str, Any] | None = None,
    runner: Runner | None = None,
) -> dict[str, Any]:
    """The evaluated form of a page, or, without a page, the project's pages and menu. Raises ScriptFault.

    `values` are stored ones or those of a former answer; `types` what a former answer calls `variables`, which spares
    a second run; `following` and `edited` say which values still follow their default.
    """
    request = {
        "files": dict(project.files),
        "page": page,
        "values": dict(values or {}),
        "notes": dict(notes or {}),
        "thread": dict(thread or {}),
        "context": dict(context or {}),
        "following": dict(following or {}),
        "edited": list(edited),
        "types": dict(types or {}),
    }
    kind = "parsing" if any(is_modular(text) for text in project.files.values()) else "plain"
    answer = (runner or shared()).ask(kind, request)
    if page is not None and not well_formed(answer):
        raise ScriptFault("bad_result")
    return answer


def is_modular(text: str) -> bool:
    return "import" in text or "export" in text
