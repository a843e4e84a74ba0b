"""Run one of our parsers on a hostile file, in a process and a box of its own. No Django here."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from core.files.engine import box
from core.files.engine.memory import write_all
from core.files.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

CODE = Path(__file__).resolve().parents[3]
INSIDE = "/opt/code/core/files/engine/inside.py"
FIRST_UID, UIDS = 700_000, 60_000
LARGEST_REPORT = 64 << 10
"""What a pipe holds: who says more waits until his time is over."""
LOOK_EVERY = 0.25
"""Seconds between two weighings."""


@dataclass(frozen=True)
class Limits:
    """What reading one file may take."""

    seconds: float = 60
    cpu_seconds: int = 60
    memory_bytes: int = 2 << 30
    source_bytes: int = 1 << 30
    """The file that is read, where it must be copied into memory first."""
    result_bytes: int = 1 << 30
    scratch_bytes: int = 64 << 20
    """In /tmp, which is memory."""
    threads: int = 16


class NoBox(Exception):
    """This machine can't make the box: why, in the words of the program that failed."""


class Result:
    """What a parser wrote: a sealed memfd, and the value that its function returned. A stranger's word, both."""

    def __init__(self, fd: int, value: Any) -> None:
        self.fd, self.value = fd, value
        self.size = os.fstat(fd).st_size

    @property
    def path(self) -> str:
        return f"/proc/self/fd/{self.fd}"

    def open(self) -> BinaryIO:
        """A file object of its own, from the beginning."""
        return open(self.path, "rb")  # noqa: PTH123


@contextmanager
def parsed(name: str, source: int | IO[bytes], arguments: Mapping[str, Any], limits: Limits) -> Iterator[Result]:
    """Call ``package.module:function(source, result, **arguments)`` in a box; the result lives as long as the block.

    `source` is the descriptor of an open file, read from its beginning, or a file object, read from where it stands;
    what isn't a sealed memfd is copied into one. Raises Unreadable, whatever is wrong with the file, and NoBox.
    """
    with contextlib.ExitStack() as held:
        source_fd = held.enter_context(for_reading(source, limits))
        result = held.enter_context(memfd())
        value = Run(name, source_fd, result, arguments, limits).outcome()
        seal(result)
        yield Result(result, value)


class Run:
    """One process in one box."""

    def __init__(self, name: str, source: int, result: int, arguments: Mapping[str, Any], limits: Limits) -> None:
        self.module, _, self.function = name.partition(":")
        self.source, self.result, self.arguments, self.limits = source, result, arguments, limits

    def outcome(self) -> Any:
        """What the function returned. Raises Unreadable, NoBox."""
        order = {"module": self.module, "function": self.function, "arguments": dict(self.arguments)}
        with contextlib.ExitStack() as held:
            told = held.enter_context(memfd())
            write_all(told, memoryview(json.dumps(order).encode()))
            os.lseek(told, 0, os.SEEK_SET)
            reading, writing = os.pipe()
            held.callback(os.close, reading)
            stage = held.enter_context(tempfile.TemporaryDirectory(prefix="parser-", dir="/dev/shm"))
            try:
                process = self.started(Path(stage), told, writing)
            finally:
                os.close(writing)
            try:
                stopped = self.waited_for(process)
            finally:
                process.kill()
                process.wait()
            assert process.stderr is not None
            with process.stderr:
                complaint = process.stderr.read(2000).decode(errors="replace")
            return self.judged(read_all(reading), process.returncode, stopped, complaint)

    def started(self, stage: Path, told: int, report: int) -> subprocess.Popen[bytes]:
        python, uid = box.Python.of_this_process(), None
        if box.started_by_root():
            uid = FIRST_UID + secrets.randbelow(UIDS)
            stage.chmod(0o711)
        code = {name: CODE / name for name in {"core", self.module.partition(".")[0]}}
        scratch = str(self.limits.scratch_bytes)
        variables = {
            "LANG": "C.UTF-8",
            "HOME": "/tmp",  # noqa: S108
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
            "LD_LIBRARY_PATH": python.library_path,
        }
        folders = {**python.folders, **{f"code-{name}": folder for name, folder in code.items()}}
        line = box.command(
            [python.interpreter, "-I", "-S", "-B", INSIDE, str(told), str(report)],
            name="parser",
            folders=folders,
            options=[
                *("--size", scratch, "--tmpfs", "/tmp", "--dir", "/opt/code"),  # noqa: S108
                *(w for name in code for w in ("--symlink", f"/opt/code-{name}", f"/opt/code/{name}")),
                *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--clearenv"),  # noqa: S108
                *(word for name, value in variables.items() if value for word in ("--setenv", name, value)),
            ],
            bounds=box.Bounds(
                memory_bytes=self.limits.memory_bytes,
                cpu_seconds=self.limits.cpu_seconds,
                file_bytes=self.limits.result_bytes,
                processes=self.limits.threads,
                open_files=64,
            ),
            stage=stage,
            uid=uid,
        )
        return subprocess.Popen(
            line,
            stdin=self.source,
            stdout=self.result,
            stderr=subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", "/usr/bin")},
            pass_fds=(told, report),
            start_new_session=True,
        )

    def waited_for(self, process: subprocess.Popen[bytes]) -> str:
        """Wait for the end; gives why it was stopped before, or nothing."""
        end = time.monotonic() + self.limits.seconds
        bound = self.limits.memory_bytes + self.limits.result_bytes + os.fstat(self.source).st_size
        pidfd = os.pidfd_open(process.pid)
        try:
            ended = select.poll()
            ended.register(pidfd, select.POLLIN)
            while not ended.poll(max(0, min(LOOK_EVERY, end - time.monotonic())) * 1000):
                if time.monotonic() >= end:
                    return "too_slow"
                if box.weight(process.pid) > bound:
                    return "too_much_memory"
        finally:
            os.close(pidfd)
        return ""

    def judged(self, report: bytes, code: int, stopped: str, complaint: str) -> Any:
        started, _, said = report.partition(b"\n")
        if started != b"started" and not stopped:
            raise NoBox(complaint.strip() or f"it ended with {code} before it began")
        if stopped or not said:
            raise Unreadable(stopped or ("too_slow" if code in (128 + 24, 128 + 9) else "crashed"))
        try:
            answer = json.loads(said)
            if "value" in answer:
                return answer["value"]
            raise Unreadable(str(answer["code"]), **answer.get("details", {}), **place_in(answer))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            if isinstance(error, Unreadable):
                raise
            raise Unreadable("crashed") from None


def place_in(answer: Mapping[str, Any]) -> dict[str, str]:
    return {"place": str(answer["place"])[:200]} if "place" in answer else {}


def read_all(pipe: int) -> bytes:
    """What the pipe holds; nobody writes to it any more."""
    os.set_blocking(pipe, False)
    found = b""
    with contextlib.suppress(BlockingIOError):
        while len(found) < LARGEST_REPORT and (piece := os.read(pipe, LARGEST_REPORT)):
            found += piece
    return found


@contextmanager
def memfd() -> Iterator[int]:
    descriptor = os.memfd_create("parser", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def seal(descriptor: int) -> None:
    fcntl.fcntl(
        descriptor,
        fcntl.F_ADD_SEALS,
        fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL,
    )


@contextmanager
def for_reading(source: int | IO[bytes], limits: Limits) -> Iterator[int]:
    """A descriptor through which nobody can change what is read, not even by opening its path again."""
    if not isinstance(source, int):
        with copied(source, limits) as descriptor:
            yield descriptor
        return
    with reopened(source) as descriptor:
        if is_sealed(descriptor):
            yield descriptor
        else:
            with open(descriptor, "rb", closefd=False) as file, copied(file, limits) as copy:
                yield copy


def is_sealed(descriptor: int) -> bool:
    try:
        return bool(fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE)
    except OSError:
        return False


@contextmanager
def copied(source: IO[bytes], limits: Limits) -> Iterator[int]:
    """The file in a sealed memfd. Raises Unreadable past the limit."""
    with memfd() as descriptor:
        read: Callable[[int], bytes] = source.read
        while block := read(1 << 20):
            if os.fstat(descriptor).st_size + len(block) > limits.source_bytes:
                raise Unreadable("too_large")
            write_all(descriptor, memoryview(block))
        seal(descriptor)
        with reopened(descriptor) as again:
            yield again


@contextmanager
def reopened(descriptor: int) -> Iterator[int]:
    """The same file, for reading alone, from its beginning, whatever others do with the descriptor."""
    again = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield again
    finally:
        os.close(again)
