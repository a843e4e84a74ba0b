"""An object store that is far away: moto's server, with half the latency put on each direction of every connection."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.backup.stores.servers import free_port

_BLOCK = 1 << 16
BUCKET = "backups"


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Hand on what comes, each block so much later, in order and without holding up what follows."""
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def send() -> None:
        while True:
            due, block = await waiting.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not block:
                break
            writer.write(block)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()

    sending = asyncio.create_task(send())
    with contextlib.suppress(ConnectionError):
        while block := await reader.read(_BLOCK):
            waiting.put_nowait((time.monotonic() + delay, block))
    waiting.put_nowait((time.monotonic() + delay, b""))
    with contextlib.suppress(ConnectionError):
        await sending


async def _serve(port: int, behind: int, delay: float, ready: threading.Event, over: asyncio.Event) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", behind)
        await asyncio.gather(_forward(reader, inner_writer, delay), _forward(inner_reader, writer, delay))
        writer.close()
        inner_writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", port):
        ready.set()
        await over.wait()


@contextmanager
def far_store(latency: float) -> Iterator[str]:
    """Its address; `latency` is seconds there and back. It holds the bucket `BUCKET`."""
    inner, outer = free_port(), free_port()
    program = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(inner)]
    loop = asyncio.new_event_loop()
    over, ready = asyncio.Event(), threading.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(outer, inner, latency / 2, ready, over),))
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(inner)
            request = urllib.request.Request(f"http://127.0.0.1:{inner}/{BUCKET}", method="PUT")
            urllib.request.urlopen(request).close()  # noqa: S310
            thread.start()
            ready.wait(60)
            yield f"http://127.0.0.1:{outer}"
        finally:
            if thread.is_alive():
                loop.call_soon_threadsafe(over.set)
                thread.join(10)
            server.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/"):
            return
        time.sleep(0.1)
    raise TimeoutError("the object store doesn't start")
