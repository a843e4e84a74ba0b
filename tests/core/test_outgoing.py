"""What leaves the suite reaches only what it may."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from pytest_django import Settings

from core import outgoing

INTERNAL = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
]


class Answers(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []
    over: ClassVar[threading.Event]
    """Set once nobody waits for an answer any more."""

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path.startswith("/slow"):
            self.drip(b"HTTP/1.1 200 OK\r\n\r\n" if self.path == "/slow-body" else b"")
            return
        if self.path.startswith("/leads"):
            where = {"/leads-nowhere": b"http://[", "/leads-to-noise": b"/\xff\xfe", "/leads-and-tells": b"/x"}[
                self.path
            ]
            more = b"x" * (4 * outgoing.LARGEST) if self.path == "/leads-and-tells" else b""
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: " + where + b"\r\n\r\n" + more)
            return
        body = b"x" * (outgoing.LARGEST + 1) if self.path == "/large" else b"here"
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("Location", "/hidden")
        self.end_headers()
        self.wfile.write(body)

    def drip(self, beginning: bytes) -> None:
        """A byte now and then, so that no timeout of a socket ever comes."""
        with suppress(OSError):
            self.wfile.write(beginning)
            for _time in range(200):
                self.wfile.write(b"x")
                if self.over.wait(0.05):
                    return

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def neighbour() -> Iterator[str]:
    """A server of the private network that answers whoever reaches it."""
    Answers.asked.clear()
    Answers.over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Answers.over.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("address", INTERNAL)
def test_no_internal_address_is_public(address: str) -> None:
    """Private, local, link-local and multicast addresses are refused in every spelling."""
    assert not outgoing.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888"])
def test_the_internet_is_public(address: str) -> None:
    """Addresses of the internet may be called."""
    assert outgoing.is_public(address)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_neighbour_is_not_reached(neighbour: str, scheme: str) -> None:
    """A server in a private network hears nothing, whatever the scheme."""
    with pytest.raises(outgoing.Forbidden):
        outgoing.session().get(neighbour.replace("http", scheme))
    assert Answers.asked == []


def test_a_name_that_leads_inside_is_refused(neighbour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of the internet that resolves to a private address is refused, also among public ones."""
    port = int(neighbour.rpartition(":")[2])
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
    with pytest.raises(outgoing.Forbidden):
        outgoing.session().get(f"https://inside.example:{port}/")


def test_the_hospitals_own_are_reached(neighbour: str, settings: Settings) -> None:
    """A host that the operator has named is called, without TLS too."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    assert outgoing.session().get(neighbour + "/a").text == "here"


def test_a_redirect_is_not_followed(neighbour: str, settings: Settings) -> None:
    """An answer that leads elsewhere is given as it is: elsewhere was not looked at."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    assert outgoing.session().get(neighbour + "/elsewhere").status_code == 302
    assert Answers.asked == ["/elsewhere"]


def test_a_large_answer_is_dropped(neighbour: str, settings: Settings) -> None:
    """An answer of more than is ever asked for is not read to its end."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    with pytest.raises(outgoing.TooMuch):
        outgoing.session().get(neighbour + "/large")


@pytest.mark.parametrize("path", ["/slow-body", "/slow-head"])
def test_a_slow_answer_is_cut(neighbour: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """The whole call has an end, whatever comes drop by drop."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(outgoing, "LONGEST", 0.5)
    begun = time.monotonic()
    with pytest.raises(outgoing.TooMuch):
        outgoing.session().get(neighbour + path)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("path", "outcome"), [("/leads-nowhere", 302), ("/leads-to-noise", 302), ("/leads-and-tells", outgoing.TooMuch)]
)
def test_where_an_answer_leads_is_not_looked_at(neighbour: str, settings: Settings, path: str, outcome: Any) -> None:
    """A redirect to nonsense is an answer like any other, and what it says besides is read within the same bounds."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    if outcome == 302:
        assert outgoing.session().get(neighbour + path).status_code == 302
    else:
        with pytest.raises(outcome):
            outgoing.session().get(neighbour + path)


@pytest.mark.parametrize(
    "call", [lambda client: client.get("ftp://8.8.8.8/"), lambda client: client.get("file:///etc/passwd")]
)
def test_only_the_web_is_called(call: Callable[[Any], Any]) -> None:
    """No other scheme than http and https is spoken."""
    with pytest.raises(outgoing.requests.RequestException):
        call(outgoing.session())
