"""A Jupyter kernel in a sandbox, spoken to over Unix sockets: it has no network at all."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from datahub.engine import outputs, sandbox
from datahub.engine.outputs import Output
from datahub.engine.sandbox import Environment, Limits

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo

CONNECTION = ".connection.json"
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
GREETING = """
try:
    import pandas
    pandas.set_option("display.html.table_schema", True)
    pandas.set_option("display.max_rows", 200)
except ImportError:
    pass
"""
MOST_OUTPUTS = 200
"""Outputs kept of one cell."""
MOST_BYTES = 16 << 20
"""Bytes of outputs kept of one kernel, from its start to its end."""
LARGEST_MESSAGE = 16 << 20
MOST_WAITING = 32
"""Messages held for us; the others wait in the kernel's own memory, which is bounded: beyond, it drops them."""
SILENCE = 5
"""Seconds without a word after which a cell that is done has ended, even where the word of its end was dropped."""


class KernelDied(Exception):
    """The kernel ended by itself: it didn't start, or went past a limit of memory or processor time."""


class TooMuchAtOnce(Exception):
    """A cell sent a message larger than LARGEST_MESSAGE: the connection was cut before it was in our memory."""


@dataclass
class Outcome:
    """How a cell ended: ok, error (it raised) or timeout."""

    state: str = "ok"
    outputs: list[Output] = field(default_factory=list)
    seconds: float = 0.0
    cut: bool = False
    """It showed more than is kept."""


class Kernel:
    """One kernel, from `with` to its end. `data` maps file names to descriptors of open files, seen under /data."""

    def __init__(
        self,
        environment: Environment,
        data: Mapping[str, int],
        limits: Limits | None = None,
        uid: int | None = None,
        start_within: float = 180,
    ) -> None:
        self.environment, self.data, self.limits = environment, data, limits or Limits()
        self.uid, self.start_within = uid, start_within
        self.left = MOST_BYTES
        self.weighed_at = 0.0

    def __enter__(self) -> Self:
        # The path of a Unix socket is short and must be reachable by the kernel's own user; the folder is in memory.
        self.folder = Path(tempfile.mkdtemp(prefix="notebook-", dir="/dev/shm"))
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if client := getattr(self, "client", None):
            if monitor := getattr(self, "monitor", None):
                client.iopub_channel.socket.disable_monitor()
                monitor.close(linger=0)
            client.stop_channels()
        if process := getattr(self, "process", None):
            process.kill()
            process.wait()
            process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        sockets, stage = self.folder / "k", self.folder / "s"
        sockets.mkdir(mode=0o700)
        stage.mkdir()
        if self.uid is not None:
            self.folder.chmod(0o711)
            os.chown(sockets, self.uid, self.uid)
        key = secrets.token_hex(32)
        inside = json.dumps(connection("/run/kernel/", key)).encode()
        fonts = self.environment.fonts
        with memory_file(inside) as about, memory_file(fonts.read_bytes()) as list_of_fonts:
            home = {CONNECTION: about.fileno(), f".matplotlib/{fonts.name}": list_of_fonts.fileno()}
            for descriptor in self.data.values():
                os.lseek(descriptor, 0, os.SEEK_SET)  # the box copies from where the descriptor stands
            line = sandbox.command(
                [self.environment.interpreter, "-m", "ipykernel_launcher", "-f", f"{sandbox.HOME}/{CONNECTION}"],
                environment=self.environment,
                sockets=sockets,
                home=home,
                data=self.data,
                limits=self.limits,
                stage=stage,
                uid=self.uid,
            )
            self.process = subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={"PATH": os.environ.get("PATH", "/usr/bin")},
                pass_fds=(*self.data.values(), *home.values()),
                start_new_session=True,
            )
        self._connect(connection(f"{sockets}/", key))
        self._wait_until_ready()
        if self.uid is not None:
            os.chown(sockets, 0, 0)  # the sockets are there: from now on nothing else can be left beside them
            sockets.chmod(0o711)
        self._quietly(GREETING)

    def _connect(self, about: dict[str, Any]) -> None:
        import zmq  # slow to import, both: only where a kernel runs
        from jupyter_client.blocking.client import BlockingKernelClient

        self.client = BlockingKernelClient()
        self.client.context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
        self.client.context.setsockopt(zmq.RCVHWM, MOST_WAITING)
        self.client.load_connection_info(cast("KernelConnectionInfo", about))
        self.monitor = self.client.iopub_channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.client.start_channels()

    def _check_connection(self) -> None:
        """Raise KernelDied or TooMuchAtOnce where the kernel no longer speaks to us: its messages are lost."""
        if self.monitor.poll(0):
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                raise TooMuchAtOnce(f"a message of more than {LARGEST_MESSAGE} bytes") from None
        if self.process.poll() is not None:
            raise KernelDied("it used more memory or processor time than it may")

    def _check_box(self) -> None:
        """About every second, end a box that holds more as a whole than one of its processes may, or leaves files here.

        The system's own limits count each process alone, and files in memory not at all.
        """
        if time.monotonic() - self.weighed_at < 1:
            return
        self.weighed_at = time.monotonic()
        too_heavy = sandbox.weight(self.process.pid) > self.limits.memory_bytes
        if too_heavy or len(list((self.folder / "k").iterdir())) > len(PORTS):
            self.process.kill()
            self.process.wait()
            raise KernelDied("its processes used more memory together than it may" if too_heavy else "it left files")

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + self.start_within
        while True:
            try:
                self.client.wait_for_ready(timeout=1)
            except RuntimeError:
                if self.process.poll() is not None:
                    raise KernelDied(self._last_words()) from None
                if time.monotonic() > until:
                    raise KernelDied("it did not start in time") from None
            else:
                return

    def _last_words(self) -> str:
        assert self.process.stderr is not None
        return bytes(self.process.stderr.read()).decode(errors="replace")[-2000:]

    def _quietly(self, code: str) -> None:
        request, until = self.client.execute(code, silent=True), time.monotonic() + self.start_within
        while self._reply(request, within=1) is None:
            if self.process.poll() is not None:
                raise KernelDied(self._last_words())
            if time.monotonic() > until:
                raise KernelDied("it did not start in time")

    def _reply(self, request: str, within: float = 0) -> dict[str, Any] | None:
        """How a request ended, if the kernel has said so or says so within these seconds."""
        try:
            while True:
                message: dict[str, Any] = self.client.get_shell_msg(timeout=within)
                if message["parent_header"].get("msg_id") == request:
                    return cast("dict[str, Any]", message["content"])
        except Empty:
            return None

    def run(
        self,
        code: str,
        *,
        seconds: float,
        shown: Callable[[Output], object] = bool,
        beat: Callable[[], object] = bool,
    ) -> Outcome:
        """Run one cell. `shown` gets each output as it comes; `beat` is called about every second, and may raise.

        Raises KernelDied when the kernel ended, whether by a limit or by itself, and TooMuchAtOnce.
        """
        outcome, began = Outcome(), time.monotonic()
        reply, silence = None, 0
        request = self.client.execute(code, allow_stdin=False, stop_on_error=True)
        while True:
            outcome.seconds = time.monotonic() - began
            if outcome.seconds > seconds:
                outcome.state = "timeout"
                return outcome
            beat()
            self._check_box()
            try:
                message: dict[str, Any] = self.client.get_iopub_msg(timeout=1)
            except Empty:
                self._check_connection()
                reply = reply or self._reply(request)
                silence += reply is not None
                if reply and silence > SILENCE:
                    outcome.cut = True
                    return as_replied(outcome, reply)
                continue
            silence = 0
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                if self.monitor.poll(0):  # cut, and connected again: what lay between is lost
                    self._check_connection()
                return as_replied(outcome, reply or self._reply(request, within=1))
            if kind == "error":
                outcome.state = "error"
            if output := outputs.read(kind, content):
                size = outputs.size(output)
                if len(outcome.outputs) >= MOST_OUTPUTS or size > self.left:
                    outcome.cut = True
                    continue
                self.left -= size
                outcome.outputs.append(output)
                shown(output)


def as_replied(outcome: Outcome, reply: dict[str, Any] | None) -> Outcome:
    """The outcome by the kernel's own word, which counts where an error was too much to be shown or was dropped."""
    if reply and reply["status"] == "error":
        outcome.state = "error"
    return outcome


def memory_file(content: bytes) -> BinaryIO:
    """An open file with this content that is on no disk."""
    file = os.fdopen(os.memfd_create("box"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def connection(path: str, key: str) -> dict[str, Any]:
    """The connection file of Jupyter for Unix sockets ``<path>-1`` to ``<path>-5``."""
    ports = {name: number for number, name in enumerate(PORTS, 1)}
    return {"transport": "ipc", "ip": path, "key": key, "signature_scheme": "hmac-sha256", **ports}
