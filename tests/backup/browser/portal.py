"""A store handed out over HTTP, as the browser's engine asks for it; a test may change what is handed out."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backup.engine.stores.local import LocalStore

PAGE = 500
"""Objects in one answer of the listing."""


class Portal:
    def __init__(self, folder: Path, base: str) -> None:
        self.store = LocalStore(folder)
        self.base = base
        self.changed: dict[str, bytes | None] = {}
        """Objects that are given otherwise than they are; None where they are gone."""
        self.extra: dict[str, int] = {}
        """Objects that are listed though they aren't there, with their size."""
        self.failing = 0
        """How many of the next requests fail."""
        self.ranges = True
        self.asked: Counter[str] = Counter()
        self.sent = 0

    @property
    def addresses(self) -> dict[str, str]:
        return {"objects": f"{self.base}/objects/", "listing": f"{self.base}/listing"}

    def listing(self, folder: str, after: str) -> dict[str, Any]:
        found = {one.name: (one.size, one.received) for one in self.store.list(folder)}
        found |= {name: (size, 1) for name, size in self.extra.items() if name.startswith(f"{folder}/")}
        found |= {name: (len(raw), 1) for name, raw in self.changed.items() if raw and name.startswith(f"{folder}/")}
        gone = {name for name, raw in self.changed.items() if raw is None}
        names = sorted(name for name in found if name > after and name not in gone)
        objects = [{"name": name, "size": found[name][0], "received": str(found[name][1])} for name in names[:PAGE]]
        return {"objects": objects, "next": names[PAGE - 1] if len(names) > PAGE else None}

    def read(self, name: str) -> bytes | None:
        if name in self.changed:
            return self.changed[name]
        path = self.store.folder / name
        return path.read_bytes() if path.is_file() else None


@contextmanager
def serving(folder: Path, files: dict[str, tuple[str, bytes]] | None = None) -> Iterator[Portal]:
    """Serve the objects of a folder, and `files` by their path: media type and content."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            portal.asked[address.path.removeprefix("/objects/")] += 1
            if portal.failing:
                portal.failing -= 1
                return self.answer(503, b"")
            if address.path in (files or {}):
                kind, content = (files or {})[address.path]
                return self.answer(200, content, {"Content-Type": kind})
            if address.path == "/listing":
                query = parse_qs(address.query)
                found = portal.listing(query["folder"][0], query.get("after", [""])[0])
                return self.answer(200, json.dumps(found).encode())
            content = portal.read(address.path.removeprefix("/objects/")) if "/objects/" in address.path else None
            if content is None:
                return self.answer(404, b"")
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if not asked or not portal.ranges:
                return self.answer(200, content)
            start = int(asked[1])
            if start >= len(content):
                return self.answer(416, b"")
            return self.answer(206, content[start : int(asked[2]) + 1 if asked[2] else None])

        def answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **POLICY, **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            portal.sent += len(content)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    portal = Portal(folder, f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'"
}
"""The suite's own (core/config/settings.py)."""
