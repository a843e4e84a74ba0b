"""A language model of the hospital's own, by Ollama's HTTP API: no text goes to an address of the internet.

It is asked only about lines that the grammar isn't sure of, and believed only as `engine/opinions/quoting.py` says.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from django.conf import settings

from prescriptions import engine
from prescriptions.engine.opinions import quoting
from prescriptions.engine.schema import Line

log = logging.getLogger(__name__)
CONNECT, PIECE, WHOLE = 2.0, 20.0, 20.0
"""Seconds for a connection, for each piece of an answer, and for all of it."""
LARGEST = 64 << 10
"""Bytes of an answer."""
MOST_FAILURES = 3
"""After so many in a row it isn't asked again by this reader."""


class Unanswered(Exception):
    """No answer: not configured, not reachable, too slow, too large, or not what Ollama says."""


class Abroad(Unanswered):
    """The address isn't in a private network: nothing is sent there."""


@dataclass
class Model:
    """The model at an address. `http://host:port`, where the host is this machine or in a private network."""

    url: str
    name: str
    failures: int = 0

    def opinion(self, line: Line, lexicon: engine.Lexicon | None = None) -> Line:
        """The line, its confidence moved by the model where it is low and the answer can be believed; else as it is."""
        if line.confidence >= quoting.LOW or len(line.text) > quoting.LONGEST or self.failures >= MOST_FAILURES:
            return line
        try:
            taken = quoting.take(self.ask(line.text), line.text, lexicon)
        except quoting.Refused as error:
            log.info("an answer of the language model isn't taken: %s", error.code)
            return line
        except Unanswered as error:
            self.failures += 1
            log.warning("the language model doesn't answer: %s", error)
            return line
        self.failures = 0
        return quoting.weighed(line, taken)

    def ask(self, text: str) -> str:
        """What the model says of a line, as it says it. Raises Unanswered."""
        base, host = at_home(self.url)
        body = {
            "model": self.name,
            "messages": [{"role": "system", "content": quoting.INSTRUCTION}, {"role": "user", "content": text}],
            "format": quoting.SCHEMA,
            "stream": False,
            "options": {"temperature": 0, "seed": 0, "num_predict": 800},
        }
        until = time.monotonic() + WHOLE
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(
                    f"{base}/api/chat", json=body, headers={"Host": host}, timeout=(CONNECT, PIECE), stream=True,
                    allow_redirects=False,
                )  # fmt: skip
                with answer:
                    return said(answer, until)
            except (requests.RequestException, ValueError, KeyError, TypeError) as error:
                raise Unanswered(type(error).__name__) from error


def said(answer: requests.Response, until: float) -> str:
    """The content of an answer, read within time and size. Raises Unanswered, ValueError, KeyError."""
    if answer.status_code != 200:
        raise Unanswered(f"status {answer.status_code}")
    body = b""
    for piece in answer.iter_content(8 << 10):
        body += piece
        if len(body) > LARGEST:
            raise Unanswered("the answer is too large")
        if time.monotonic() > until:
            raise Unanswered("the answer is too slow")
    content = json.loads(body)["message"]["content"]
    if not isinstance(content, str):
        raise Unanswered("no text in the answer")
    return content


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


def configured() -> bool:
    """Whether the operator has named a model."""
    return bool(settings.OLLAMA_URL and settings.OLLAMA_MODEL)


def model() -> Model:
    """The operator's model."""
    return Model(settings.OLLAMA_URL, settings.OLLAMA_MODEL)
