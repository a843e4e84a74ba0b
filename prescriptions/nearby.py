"""Addresses at home: this machine and private networks, looked up once so that no text goes anywhere else."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit


class Unanswered(Exception):
    """No answer: not configured, not reachable, too slow, too large, or not what Ollama says."""


class Abroad(Unanswered):
    """The address isn't in a private network: nothing is sent there."""


def at_home(url: str) -> tuple[str, str]:
    """(the address by its number, the host as it is called): looked up once, so that nothing else is called.

    Raises Abroad where any address of the host is outside of private networks, Unanswered where there is none.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or not host:
        raise Abroad("only http in a private network")
    port = parts.port or 11434
    try:
        found = {str(where[0]) for *_kind, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise Unanswered("the host is unknown") from error
    if not found or not all(is_near(address) for address in found):
        raise Abroad("the host is not in a private network")
    chosen = min(found, key=lambda address: ":" in address)
    return f"http://{f'[{chosen}]' if ':' in chosen else chosen}:{port}", f"{host}:{port}"


def is_near(address: str) -> bool:
    """Whether an IP address is this machine's or a private network's."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        return is_near(str(found.ipv4_mapped))
    if isinstance(found, ipaddress.IPv6Address) and (found.sixtofour or found.teredo):
        return False
    odd = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
    return found.is_loopback or (found.is_private and not odd)
