"""A stand-in for Ollama: it speaks its protocol over real HTTP and answers what each test has it say."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.e2e.conftest import chromium, server, site  # noqa: F401 (fixtures)


@dataclass
class StandIn:
    """Answers like Ollama's `/api/chat`; keeps what it was asked."""

    answer: Callable[[], bytes] = lambda: b""
    status: int = 200
    wait: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def says(self, content: Any) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        body = json.dumps({"model": "stand-in", "message": {"role": "assistant", "content": text}, "done": True})
        self.answer = body.encode


@pytest.fixture
def ollama() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stand_in.asked.append(json.loads(body) | {"path": self.path})
            released.wait(stand_in.wait)
            self.send_response(stand_in.status)
            if stand_in.status == 302:
                self.send_header("Location", "http://198.51.100.7/api/chat")
            self.end_headers()
            try:
                self.wfile.write(stand_in.answer())
            except OSError:
                return

        def log_message(self, *_args: Any) -> None:
            return

    released = threading.Event()
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    stand_in.url = f"http://127.0.0.1:{listening.server_port}"
    yield stand_in
    released.set()
    listening.shutdown()
    listening.server_close()
