"""Calls that leave the suite, to addresses that people have typed: identity providers, webhooks, log-out notices.

They reach no private network, so that nobody makes the server speak to its own neighbours (SSRF): names are resolved
here and the connection goes to the very address that was looked at. A hospital's own servers, which are in private
networks, are named by the operator in OUTGOING_HOSTS, and their own certificate authority in OUTGOING_CA.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from contextlib import suppress
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util.connection import create_connection

WAIT = (5, 10)
"""Seconds for a connection, and for each piece of an answer."""
LONGEST = 30
"""Seconds for a whole call."""
MOST_ADDRESSES = 4
"""Addresses of one host that are tried."""
LARGEST = 1 << 20
"""Bytes of an answer."""


class Forbidden(requests.RequestException):
    """The address is not one that the suite may call."""


class BadCertificate(requests.RequestException):
    """Whoever answers there doesn't prove who he is: his certificate has expired, is another's or nobody's we trust."""


class TooMuch(requests.RequestException):
    """The answer is larger, or takes longer, than anything that is asked for here."""


def session(*, largest: int | None = None, longest: float | None = None) -> requests.Session:
    """A client that follows no redirects, uses no proxy of the environment, and refuses what it may not reach.

    Where more than the usual is asked for, an answer has at most `largest` bytes, and a call takes `longest` seconds.
    """
    return Session(largest, longest)


class Session(requests.Session):
    """Each call has a connection of its own, which is cut from outside where it takes too long."""

    def __init__(self, largest: int | None = None, longest: float | None = None) -> None:
        super().__init__()
        self.largest, self.longest = largest or LARGEST, longest or LONGEST
        self.trust_env = False
        for scheme in ("https://", "http://"):
            self.mount(scheme, Adapter())

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Call, and read the answer whole, within bounds. Raises TooMuch."""
        options |= {"allow_redirects": False, "stream": True, "timeout": options.get("timeout") or WAIT}
        until = time.monotonic() + self.longest
        lines: list[socket.socket] = []
        limit = threading.Timer(self.longest, cut, [lines])
        limit.daemon = True
        limit.start()
        mark = _lines.set(lines)
        try:
            response = _whole(super().send(request, **options), self.largest)
        except TooMuch:
            raise
        except requests.RequestException:
            if time.monotonic() < until:
                raise
            raise TooMuch("the answer is too slow", request=request) from None
        finally:
            _lines.reset(mark)
            limit.cancel()
            self.close()
            for line in lines:
                line.close()
        if time.monotonic() >= until:  # an answer without a length ends where it was cut
            raise TooMuch("the answer is too slow", request=request)
        return response

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None is followed; requests would still read the answer, without bounds, to say where it leads."""
        return None


_lines: ContextVar[list[socket.socket] | None] = ContextVar("lines", default=None)
"""A second handle of each connection of the call that is made now."""


def cut(lines: list[socket.socket]) -> None:
    """End these connections, whatever waits for them: the timeout of a socket begins anew with each byte."""
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _whole(response: requests.Response, largest: int) -> requests.Response:
    """Read an answer within bounds. Raises TooMuch."""
    body = bytearray()
    with response:
        for piece in response.iter_content(64 << 10):
            body += piece
            if len(body) > largest:
                raise TooMuch("the answer is too large", response=response)
    response._content = bytes(body)
    return response


class Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager = Pools()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        host = urlsplit(str(request.url)).hostname or ""
        if not str(request.url).startswith("https://") and not is_ours(host):
            raise Forbidden("only https is called", request=request)
        if is_ours(host) and settings.OUTGOING_CA:
            options["verify"] = settings.OUTGOING_CA
        try:
            return super().send(request, *args, **options)
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise BadCertificate("its certificate isn't valid", request=request) from None
            raise
        except requests.ConnectionError as error:
            if "forbidden address" in str(error):
                raise Forbidden("this address is in a private network", request=request) from None
            raise


def is_ours(host: str) -> bool:
    """Whether the operator has named this host as one of the hospital's own."""
    return host.lower() in settings.OUTGOING_HOSTS


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's: no private, local or multicast one, in whatever disguise."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
        if found.sixtofour or found.teredo or found in NAT64:
            return False
    return found.is_global and not found.is_multicast


NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _connect(connection: HTTPConnection) -> socket.socket:
    """Connect to an address of the host that may be called, and to none that a second look-up would give."""
    host, port = connection._dns_host, connection.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NewConnectionError(connection, f"{host} is unknown") from error
    addresses = [str(where[0]) for *_kind, where in found][:MOST_ADDRESSES]
    if not is_ours(host) and not all(is_public(address) for address in addresses):
        raise NewConnectionError(connection, "forbidden address")
    fault: OSError | None = None
    for address in addresses:
        try:
            line = create_connection((address, port), connection.timeout, socket_options=connection.socket_options)
        except OSError as error:
            fault = error
        else:
            if (lines := _lines.get()) is not None:
                lines.append(line.dup())
            return line
    raise NewConnectionError(connection, f"{host} doesn't answer") from fault


class Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class PlainPool(HTTPConnectionPool):
    ConnectionCls = Plain


class SecurePool(HTTPSConnectionPool):
    ConnectionCls = Secure


class Pools(PoolManager):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
