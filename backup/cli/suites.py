"""A suite's server, as `send` and `receive` speak to it: in pieces, each tried again until it is there."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from backup.cli import words
from backup.cli.failures import Failed
from backup.cli.words import _
from backup.engine.stores.addresses import is_here

PIECE = 4 << 20
TRIES, FIRST_WAIT, LONGEST_WAIT = 8, 0.5, 30.0
"""How often a call is made where the network or the server fails, and how many seconds pass between."""
WAIT = 60
_LINK = re.compile(r"(?P<base>https?://[^#?]+?)/sealed/(?P<to>to/)?(?P<name>[\w-]{22})/?#(?P<secret>[\w-]{43})")


@dataclass(frozen=True, repr=False)
class Link:
    """A link to a sealed file, or one by which files are dropped; what stands behind # never leaves this machine."""

    base: str
    name: str
    secret: str
    is_request: bool


def link_of(text: str) -> Link:
    """Raises Failed."""
    found = _LINK.fullmatch(text.strip())
    if found is None:
        raise Failed(_("this is no whole link: copy it with all that stands behind its #"))
    return Link(found["base"], found["name"], found["secret"], bool(found["to"]))


class _Straight(urllib.request.HTTPRedirectHandler):
    """Nobody sends us elsewhere."""

    def redirect_request(self, *_asked: Any, **_more: Any) -> None:
        return None


class Suite:
    def __init__(self, base: str, token: str = "", sleep: Callable[[float], None] = time.sleep) -> None:
        if not base.startswith(("https://", "http://")):
            raise Failed(_("{address} isn't the address of a suite: it begins with https").format(address=base))
        if token and base.startswith("http://") and not is_here(urlsplit(base).hostname or ""):
            raise Failed(_("a token isn't sent unencrypted: write {address}").format(address=f"https{base[4:]}"))
        self._base, self._token, self._sleep = f"{base.rstrip('/')}/api/v1/backup", token, sleep
        self._opener = urllib.request.build_opener(_Straight)

    def call(self, method: str, path: str, data: dict[str, Any] | None = None, *, once: str = "") -> dict[str, Any]:
        """The answer to a call; under the name `once` it is done once, however often it is tried.

        Raises Failed in the server's words.
        """
        body = None if data is None else json.dumps(data).encode()
        answer = self._ask(method, path, body, "application/json", {"Idempotency-Key": once} if once else {})
        found: dict[str, Any] = json.loads(answer) if answer else {}
        return found

    def put(self, path: str, piece: bytes) -> None:
        self._ask("PUT", path, piece, "application/octet-stream")

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, None, "application/octet-stream")

    def _ask(
        self, method: str, path: str, body: bytes | None, kind: str, more: Mapping[str, str] | None = None
    ) -> bytes:
        headers = {"Content-Type": kind, "Accept-Language": words.language, **(more or {})}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(f"{self._base}/{path}", body, headers, method=method)  # noqa: S310 (looked at above)
        wait = FIRST_WAIT
        for tries in range(1, TRIES + 1):
            try:
                with self._opener.open(request, timeout=WAIT) as answer:
                    return bytes(answer.read())
            except urllib.error.HTTPError as error:
                if (error.code != 429 and error.code < 500) or tries == TRIES:
                    raise Failed(_said(error)) from error
                wait = max(wait, _asked_for(error))
            except (OSError, HTTPException) as error:
                if tries == TRIES:
                    host = urlsplit(self._base).hostname
                    raise Failed(_("{host} can't be reached: {why}").format(host=host, why=error)) from error
            self._sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
        raise AssertionError


def _said(error: urllib.error.HTTPError) -> str:
    """Why the server refuses, in its own words where it has some."""
    try:
        problem = json.loads(error.read())
        faults = " ".join(fault["message"] for fault in problem.get("errors", ()))
        return str(faults or problem.get("detail") or problem["title"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return _("the server answers {status}").format(status=error.code)


def _asked_for(error: urllib.error.HTTPError) -> float:
    """For how many seconds the server wants to be left alone; a date says nothing to us."""
    said = error.headers.get("Retry-After") or ""
    return min(float(said), LONGEST_WAIT) if said.isdecimal() else 0.0
