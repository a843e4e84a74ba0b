"""A suite's server, as `send` and `receive` call it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from backup.cli.failures import Failed
from backup.cli.suites import Suite


def test_a_token_goes_encrypted() -> None:
    """Where there is a token, only this very machine is called without TLS."""
    with pytest.raises(Failed, match="write https://suite"):
        Suite("http://suite.example", "token")
    for base in ("https://suite.example", "http://localhost:8000", "http://127.0.0.1", "http://[::1]"):
        Suite(base, "token")
    Suite("http://suite.example")


@pytest.mark.parametrize("said", ["7", "Wed, 21 Oct 2026 07:28:00 GMT", "nan", "9999999"])
def test_a_server_that_wants_to_be_left_alone(said: str) -> None:
    """It is left alone for as many seconds as it says, up to a bound; what isn't a number says nothing."""

    class Tired(BaseHTTPRequestHandler):
        calls = 0

        def do_GET(self) -> None:
            Tired.calls += 1
            self.send_response(503 if Tired.calls == 1 else 200)
            self.send_header("Retry-After", said)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Nothing is told."""

    slept: list[float] = []
    with HTTPServer(("127.0.0.1", 0), Tired) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        suite = Suite(f"http://127.0.0.1:{server.server_port}", sleep=slept.append)
        assert suite.get("x") == b""
        server.shutdown()
    assert slept == [{"7": 7.0, "9999999": 30.0}.get(said, 0.5)]
