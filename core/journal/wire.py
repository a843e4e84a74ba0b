"""Bring some messages to a receiver over TLS, and wait until it has read them all."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from urllib.parse import urlsplit

WAIT = 10
"""Seconds for the connection, and for the receiver to read what it was sent."""


def deliver(address: str, authorities: str, messages: Sequence[bytes]) -> None:
    """Send all, end, and wait for the receiver's own end (RFC 5425, section 4.4). Raises OSError, also of TLS."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 6514), WAIT) as plain:
        if parts.scheme == "tcp":
            plain.sendall(b"".join(messages))
            plain.shutdown(socket.SHUT_WR)
            _read_to_the_end(plain)
            return
        context = ssl.create_default_context(cafile=authorities or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with context.wrap_socket(plain, server_hostname=parts.hostname) as secure:
            secure.sendall(b"".join(messages))
            try:
                secure.unwrap()
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                pass  # closed without a word, but closed: what was not read would have reset the connection
            except ssl.SSLError as error:
                if "APPLICATION_DATA_AFTER_CLOSE_NOTIFY" not in str(error):
                    raise


def _read_to_the_end(plain: socket.socket) -> None:
    while plain.recv(4096):
        pass
