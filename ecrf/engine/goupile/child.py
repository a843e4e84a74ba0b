"""The process that runs page scripts: requests come in on stdin, answers go out on stdout.

It knows nothing but the standard library and QuickJS, and is started as a file. It loads the runtime once and gives
each request a copy of itself that ends with its answer: no script finds what another left, and each can be ended alone.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import struct
import sys
import time
from typing import IO

import quickjs  # type: ignore[import-untyped]

READ = 65536


def receive(stream: IO[bytes]) -> bytes | None:
    head = stream.read(4)
    if len(head) < 4:
        return None
    return stream.read(struct.unpack(">I", head)[0])


def send(stream: IO[bytes], content: bytes) -> None:
    stream.write(struct.pack(">I", len(content)) + content)
    stream.flush()


def failed(code: str, message: str = "") -> bytes:
    return json.dumps(
        {"ok": False, "error": {"code": code, "message": message[:500], "file": "", "line": None}}
    ).encode()


STACK = 1 << 18
"""As in the browser, so that a script that calls itself too often does so in both."""

DEEP = 1 << 22
"""For reading a script, which nests deeper than running it."""


def context(runtime: str, parser: str, memory: int, stack: int = STACK) -> quickjs.Context:
    made = quickjs.Context()
    made.set_memory_limit(memory)
    made.set_max_stack_size(stack)
    if parser:
        made.eval(parser)
    made.eval(runtime)
    return made


def answer(made: quickjs.Context, request: str, start: str = "__start") -> bytes:
    """What the runtime says; a script that waits for something that never comes has no answer."""
    try:
        made.get(start)(request)
        while made.execute_pending_job():
            pass
        found = made.get("__answer")
    except quickjs.JSException as fault:
        code = "memory" if "memory" in str(fault) else "stack" if "stack" in str(fault).lower() else "exception"
        return failed(code, str(fault))
    return found.encode(errors="replace") if isinstance(found, str) else failed("waits")


def bound(seconds: float, memory: int) -> None:
    """No file, no further process, bounded memory and time: what QuickJS has no words for can't be had either."""
    for kind, limit in (
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def alone(made: quickjs.Context, request: str, start: str, limits: dict[str, float]) -> bytes:
    """Answer in a copy of this process, ended when it takes too long or says too much."""
    mine, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(mine)
            bound(limits["seconds"], int(limits["memory"]) * 4 + (1 << 29))
            with os.fdopen(theirs, "wb") as stream:
                stream.write(answer(made, request, start))
        finally:
            os._exit(0)
    os.close(theirs)
    until = time.monotonic() + limits["seconds"]
    pieces: list[bytes] = []
    try:
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([mine], [], [], left)[0]:
                return failed("time")
            piece = os.read(mine, READ)
            if not piece:
                break
            pieces.append(piece)
            if sum(map(len, pieces)) > limits["output"]:
                return failed("output")
    finally:
        os.close(mine)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    content = b"".join(pieces)
    if content:
        return content
    return failed("time" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else "memory")


def main() -> None:
    """The first message holds the texts to load and the limits; each later one is a request."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    first = receive(source)
    if first is None:
        return
    texts = json.loads(first)
    limits: dict[str, float] = texts["limits"]
    memory = int(limits["memory"])
    code, parser = texts["runtime"], texts["parser"]
    kinds = {
        "plain": context(code, "", memory),
        "parsing": context(code, parser, memory),
        "parse": context(code, parser, memory, DEEP),
    }
    send(sink, b"{}")
    while (content := receive(source)) is not None:
        kind, _, request = content.decode().partition("\n")
        send(sink, alone(kinds[kind], request, "__parse" if kind == "parse" else "__start", limits))


if __name__ == "__main__":
    main()
