"""Many people at once over HTTP, from one process: each asks again and again, and how long each answer took is kept."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

Ask = Callable[[], bytes]
"""The next request of somebody."""


@dataclass(frozen=True)
class Result:
    name: str
    latencies: list[float]
    seconds: float
    bad: dict[int, int]
    """Answers that weren't 200, by their status."""

    def __str__(self) -> str:
        cuts = statistics.quantiles(self.latencies, n=100)
        return (
            f"{self.name:16} {self.rate:7.1f} requests/s   p50 {cuts[49] * 1000:6.0f} ms   "
            f"p95 {cuts[94] * 1000:6.0f} ms   {self.bad or ''}"
        )

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer whole, and give its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    if "transfer-encoding: chunked" in head:
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
    return int(head.split()[1])


def page(port: int, path: str, cookie: str) -> Ask:
    """The same page each time."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n".encode()
    return lambda: request


async def person(port: int, ask: Ask, until: float, look: float, latencies: list[float], bad: Counter[int]) -> None:
    """Ask again and again; who looks at the answer for a while connects anew, as the server has hung up by then."""
    await asyncio.sleep(random.uniform(0, look))
    writer = None
    while (begun := time.perf_counter()) < until:
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        writer.write(ask())
        if (status := await answer(reader)) != 200:
            bad[status] += 1
        latencies.append(time.perf_counter() - begun)
        if look:
            writer.close()
            writer = None
            await asyncio.sleep(look)
    if writer:
        writer.close()


def load(name: str, port: int, asks: list[Ask], seconds: float, look: float = 0) -> Result:
    """Everybody, for some seconds after a moment to warm up."""

    async def everybody(seconds: float, look: float) -> Result:
        latencies: list[float] = []
        bad: Counter[int] = Counter()
        begun = time.perf_counter()
        until = begun + seconds
        await asyncio.gather(*(person(port, ask, until, look, latencies, bad) for ask in asks))
        return Result(name, latencies, time.perf_counter() - begun, dict(bad))

    asyncio.run(everybody(2, 0))
    return asyncio.run(everybody(seconds, look))
