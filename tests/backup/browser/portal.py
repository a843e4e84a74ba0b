"""A store handed out over HTTP, as the browser's engine asks for it; a test may change what is handed out."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backup.engine.errors import Missing
from backup.engine.stores.base import Store

PAGE = 500
"""Objects in one answer of the listing."""


class Portal:
    def __init__(self, store: Store, base: str) -> None:
        self.store = store
        self.base = base
        self.worlds: list[dict[str, bytes | None]] = [{}]
        """For each world the objects that are given otherwise than they are; None where they are gone."""
        self.extra: dict[str, int] = {}
        """Objects that are listed though they aren't there, with their size."""
        self.failing = 0
        """How many of the next requests fail."""
        self.busy = 0
        """How many of those after them are told to come again later."""
        self.ranges = True
        self.asked: Counter[str] = Counter()
        self.sent = 0

    @property
    def changed(self) -> dict[str, bytes | None]:
        """Of the world that a page is in where nothing else is said."""
        return self.worlds[0]

    @changed.setter
    def changed(self, objects: dict[str, bytes | None]) -> None:
        self.worlds[0] = objects

    def address(self, world: int = 0) -> str:
        """Of the objects."""
        return f"{self.base}/{world}/objects/"

    def listing(self, folder: str, after: str, world: int) -> dict[str, Any]:
        changed = self.worlds[world]
        found = {one.name: (one.size, one.received) for one in self.store.list(folder)}
        found |= {name: (size, 1) for name, size in self.extra.items() if name.startswith(f"{folder}/")}
        found |= {name: (len(raw), 1) for name, raw in changed.items() if raw and name.startswith(f"{folder}/")}
        gone = {name for name, raw in changed.items() if raw is None}
        names = sorted(name for name in found if name > after and name not in gone)
        objects = [{"name": name, "size": found[name][0], "received": str(found[name][1])} for name in names[:PAGE]]
        return {"objects": objects, "next": names[PAGE - 1] if len(names) > PAGE else None}

    def read(self, name: str, world: int) -> bytes | None:
        if name in self.worlds[world]:
            return self.worlds[world][name]
        try:
            return self.store.read(name)
        except Missing:
            return None


@contextmanager
def serving(
    store: Store, files: dict[str, tuple[str, bytes]] | None = None, headers: dict[str, str] | None = None
) -> Iterator[Portal]:
    """Serve a store's objects, and `files` by their path (media type and content), with `headers` in each answer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            portal.asked[address.path] += 1
            if portal.failing:
                portal.failing -= 1
                return self.answer(503, b"")
            if portal.busy:
                portal.busy -= 1
                return self.answer(429, b"")
            if address.path in (files or {}):
                kind, content = (files or {})[address.path]
                return self.answer(200, content, kind)
            place = re.fullmatch(r"/(\d+)/objects/(.*)", address.path)
            if place and not place[2]:
                query = parse_qs(address.query)
                found = portal.listing(query["folder"][0], query.get("after", [""])[0], int(place[1]))
                return self.answer(200, json.dumps(found).encode())
            content = portal.read(place[2], int(place[1])) if place else None
            if content is None:
                return self.answer(404, b"")
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if not asked or not portal.ranges:
                return self.answer(200, content)
            start = int(asked[1])
            if start >= len(content):
                return self.answer(416, b"")
            return self.answer(206, content[start : int(asked[2]) + 1 if asked[2] else None])

        def answer(self, status: int, content: bytes, kind: str = "application/octet-stream") -> None:
            self.send_response(status)
            sent = {"Content-Length": str(len(content)), "Content-Type": kind, **(headers or {})}
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            portal.sent += len(content)

        def log_message(self, *_args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    portal = Portal(store, f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
