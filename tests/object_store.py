"""A real object store over HTTP (moto's server), behind a door that fails on command."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

ERROR = b"<Error><Code>%s</Code><Message>on command</Message></Error>"
Fault = Callable[[str, str], int | None]
"""Method and path of a call -> the status it fails with, 0 where the connection is cut in mid-answer, None to serve."""


class ObjectStore:
    """Its address, what was asked of it, and how it fails."""

    def __init__(self, behind: tuple[str, int]) -> None:
        self.behind = behind
        self.fault: Fault = lambda _method, _path: None
        self.calls: list[tuple[str, str, str]] = []
        """Method, path and Range of every call."""
        self.address = ""

    def options(self, bucket: str) -> dict[str, str]:
        keys = {"key": "k", "secret": "s", "region": "us-east-1"}
        return {"bucket": bucket, "endpoint": self.address, "addressing": "path", **keys}

    def client(self) -> Any:
        """Past the door."""
        host, port = self.behind
        return boto3.client(
            "s3",
            endpoint_url=f"http://{host}:{port}",
            region_name="us-east-1",
            aws_access_key_id="k",
            aws_secret_access_key="s",
        )

    def bytes_sent(self) -> int:
        """How many bytes the ranges that were asked for hold."""
        total = 0
        for _method, _path, wanted in self.calls:
            if wanted:
                first, _dash, last = wanted.removeprefix("bytes=").partition("-")
                total += int(last) - int(first) + 1
        return total


def door(store: ObjectStore) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            store.calls.append((self.command, self.path, self.headers.get("Range", "")))
            status = store.fault(self.command, self.path)
            if status:
                code = {503: b"SlowDown", 403: b"AccessDenied"}.get(status, b"InternalError")
                return self.answer(status, {}, ERROR % code)
            link = http.client.HTTPConnection(*store.behind)
            link.request(self.command, self.path, body, dict(self.headers))
            answer = link.getresponse()
            data, headers = answer.read(), dict(answer.getheaders())
            link.close()
            if status == 0:
                headers["Content-Length"] = str(len(data))
                self.answer(answer.status, headers, data[: len(data) // 2])
                self.close_connection = True
                return None
            return self.answer(answer.status, headers, data)

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            skipped = ("transfer-encoding", "connection", "server", "date")
            for name, value in headers.items():
                if name.lower() not in skipped:
                    self.send_header(name, value)
            if not any(name.lower() == "content-length" for name in headers):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = serve  # noqa: N815

        def log_message(self, *_args: Any) -> None:
            pass

    return Door


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    store = ObjectStore(server.get_host_and_port())
    front = ThreadingHTTPServer(("127.0.0.1", 0), door(store))
    front.daemon_threads = True
    Thread(target=front.serve_forever, daemon=True).start()
    store.address = f"http://127.0.0.1:{front.server_address[1]}"
    try:
        yield store
    finally:
        front.shutdown()
        front.server_close()
        server.stop()
