"""An HTTP server in front of another that does what it is told wrong: late, cut, lost, refused, forgotten.

A rule sees each call and may answer it, let it be served, or change either; `Door.rules` holds those in force.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Cut(Exception):
    """The connection is reset, after so many bytes of an answer."""

    def __init__(self, answer: Answer | None = None, after: int = 0) -> None:
        self.answer, self.after = answer, after
        super().__init__()


@dataclass
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def without(self, name: str) -> Call:
        kept = {key: value for key, value in self.headers.items() if key.lower() != name.lower()}
        return Call(self.method, self.path, kept, self.body)


@dataclass
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Serve = Callable[[Call], Answer]
Rule = Callable[[Call, Serve], Answer]


class Door:
    """Its address, what it was asked, and the rules in force, of which the first is asked first."""

    def __init__(self, behind: tuple[str, int]) -> None:
        self.behind = behind
        self.rules: list[Rule] = []
        self.calls: list[Call] = []
        self.address = ""
        self._links = threading.local()

    def count(self, method: str, part: str = "") -> int:
        return sum(call.method == method and part in call.path for call in self.calls)

    def serve(self, call: Call) -> Answer:
        self.calls.append(call)
        return self._through(list(self.rules), call)

    def hang_up(self) -> None:
        """A client has gone: the connection that this thread kept for it goes too."""
        if hasattr(self._links, "link"):
            self._links.link.close()

    def _through(self, rules: list[Rule], call: Call) -> Answer:
        if not rules:
            return self._forward(call)
        return rules[0](call, lambda changed: self._through(rules[1:], changed))

    def _forward(self, call: Call) -> Answer:
        if not hasattr(self._links, "link"):
            self._links.link = http.client.HTTPConnection(*self.behind)
        link = self._links.link
        headers = call.headers | {"Content-Length": str(len(call.body))} if call.body else call.headers
        for left in (True, False):
            try:
                link.request(call.method, call.path, call.body or None, headers)
                answer = link.getresponse()
                return Answer(answer.status, dict(answer.getheaders()), answer.read())
            except (http.client.HTTPException, OSError):  # the server closed an idle connection
                link.close()
                if not left:
                    raise
        raise AssertionError


def _handler(door: Door) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def serve(self) -> None:
            if self.headers.get("Expect", "").lower() == "100-continue":
                self.send_response_only(100)
                self.end_headers()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                answer = door.serve(Call(self.command, self.path, dict(self.headers), body))
            except Cut as cut:
                if cut.answer:
                    self.answer(cut.answer, cut.after)
                self.reset()
            else:
                self.answer(answer, len(answer.body))

        def answer(self, answer: Answer, bytes_sent: int) -> None:
            self.send_response_only(answer.status)
            lower = {name.lower() for name in answer.headers}
            for name, value in answer.headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            if "date" not in lower:
                self.send_header("Date", self.date_time_string())
            length = str(len(answer.body))
            if self.command == "HEAD":
                length = next(
                    (value for name, value in answer.headers.items() if name.lower() == "content-length"), "0"
                )
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[:bytes_sent])
            self.wfile.flush()

        def finish(self) -> None:
            door.hang_up()
            super().finish()

        def reset(self) -> None:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.serve
            raise AttributeError(name)

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_arguments: Any) -> None:
        """A client that goes away in the middle is what is tested."""


@contextmanager
def door(behind: tuple[str, int]) -> Iterator[Door]:
    made = Door(behind)
    server = _Server(("127.0.0.1", 0), _handler(made))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


# Rules for every server


def slow(seconds: float) -> Rule:
    """Each call takes so much longer, as over a long way."""

    def rule(call: Call, serve: Serve) -> Answer:
        time.sleep(seconds)
        return serve(call)

    return rule


def times(count: int, faulty: Rule, *, method: str = "", part: str = "") -> Rule:
    """So many calls, of this method and with this in their path, are treated so; the others as they should."""
    left = [count]
    lock = threading.Lock()

    def rule(call: Call, serve: Serve) -> Answer:
        with lock:
            hit = left[0] > 0 and method in ("", call.method) and part in call.path
            left[0] -= hit
        return faulty(call, serve) if hit else serve(call)

    return rule


def status(code: int, name: str = "", message: str = "on command") -> Rule:
    """Answered so, and not served."""
    body = f"<Error><Code>{name}</Code><Message>{message}</Message></Error>".encode()
    return lambda _call, _serve: Answer(code, {"Content-Type": "application/xml"}, body)


def unreachable(_call: Call, _serve: Serve) -> Answer:
    """The connection breaks before anything is done."""
    raise Cut


def lost(call: Call, serve: Serve) -> Answer:
    """What was asked for is done, and the answer never arrives."""
    serve(call)
    raise Cut


def hangs(until: threading.Event) -> Rule:
    """What is asked for is done, and no answer comes before that event."""

    def rule(call: Call, serve: Serve) -> Answer:
        serve(call)
        until.wait()
        raise Cut

    return rule


def cut_in_half(call: Call, serve: Serve) -> Answer:
    """The connection breaks in the middle of the answer."""
    answer = serve(call)
    raise Cut(answer, len(answer.body) // 2)


# Rules of providers of S3


def ignores_conditions(call: Call, serve: Serve) -> Answer:
    return serve(call.without("If-None-Match"))


def rejects_conditions(call: Call, serve: Serve) -> Answer:
    if call.header("If-None-Match"):
        return status(501, "NotImplemented")(call, serve)
    return serve(call)


def checks_checksums(call: Call, serve: Serve) -> Answer:
    """Refuses a body that hasn't the checksum sent with it, as AWS does and moto doesn't."""
    expected = {
        "x-amz-checksum-crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
        "x-amz-checksum-sha256": lambda data: hashlib.sha256(data).digest(),
        "content-md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    }
    for name, digest in expected.items():
        sent = call.header(name)
        if sent and base64.b64decode(sent) != digest(call.body):
            return status(400, "BadDigest")(call, serve)
    return serve(call)


def spoils(call: Call, serve: Serve) -> Answer:
    """What arrives isn't what was sent: one bit is another."""
    if call.method == "PUT" and call.body:
        call = Call(call.method, call.path, call.headers, bytes([call.body[0] ^ 1]) + call.body[1:])
    return serve(call)


def keeps_locks(call: Call, serve: Serve) -> Answer:
    """Refuses to shorten a lock, as AWS does and moto doesn't."""
    if call.method == "PUT" and "retention" in call.query:
        head = serve(Call("HEAD", urlsplit(call.path).path, call.without("Content-Length").headers, b""))
        until = next((value for name, value in head.headers.items() if name.lower().endswith("retain-until-date")), "")
        wanted = re.search(rb"<RetainUntilDate>(.*?)</RetainUntilDate>", call.body)
        assert wanted
        if until and wanted[1].decode()[:19] < until[:19]:
            return status(403, "AccessDenied")(call, serve)
    return serve(call)


class StaleLists:
    """Lists as they were when this began, however much has come since."""

    def __init__(self) -> None:
        self._seen: dict[str, Answer] = {}

    def __call__(self, call: Call, serve: Serve) -> Answer:
        if call.method != "GET" or "list-type" not in call.query:
            return serve(call)
        return self._seen.setdefault(call.path, serve(call))
