"""Requests of WebDAV (RFC 4918), and what a server answers, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

import requests
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth

from backup.engine.errors import AlreadyThere, BackupError, Denied, Full, Missing, Unreachable
from backup.engine.stores.base import Listed
from backup.engine.stores.placing import Broken

CONNECTIONS = 32
WAIT = (10, 120)
"""Seconds for a connection, and for each piece of an answer."""
_WANTED = (
    '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getlastmodified/></prop>'
    "</propfind>"
)
_DAV = "{DAV:}"


class NoFolder(BackupError):
    """The folder in which something is to lie isn't there."""


class Locked(Unreachable):
    """The server is about to give this name to somebody."""


class OutOfRange(BackupError):
    """The object ends before what was asked for begins."""


@dataclass(frozen=True)
class Entry:
    path: str
    is_folder: bool
    size: int
    modified: int
    """In nanoseconds since 1970."""


class Dav:
    """A folder of a server, for all threads."""

    def __init__(self, url: str, user: str, password: str, *, ca: Path | None = None, within: float = math.inf) -> None:
        """`ca` is a file of the authorities that are believed; nothing is waited for longer than `within` seconds."""
        self.url = url.rstrip("/")
        self._base = unquote(urlsplit(self.url).path)
        self._wait = tuple(min(seconds, within) for seconds in WAIT)
        self.session = requests.Session()
        if ca:
            self.session.verify = str(ca)
        if user or password:
            self.session.auth = HTTPBasicAuth(user.encode(), password.encode())
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS))

    def address(self, path: str) -> str:
        return f"{self.url}/{quote(path)}"

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, data: bytes | str | None = None
    ) -> requests.Response:
        """An answer that says yes. Raises what a store may raise, NoFolder and Locked."""
        options: dict[str, Any] = {"headers": headers, "data": data, "timeout": self._wait, "allow_redirects": False}
        try:
            answer = self.session.request(method, self.address(path), **options)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise Broken(f"{path}: the server broke off, or can't be reached: {error}") from error
        except requests.RequestException as error:
            raise Unreachable(f"{path}: the server doesn't answer: {error}") from error
        if answer.status_code // 100 != 2:
            raise _explain(method, path, answer)
        return answer

    def look(self, folder: str) -> list[Entry]:
        """What lies in a folder. Raises Missing."""
        return [entry for entry in self._find(f"{folder}/", depth=1) if entry.path not in ("", folder)]

    def entry(self, path: str) -> Listed:
        """One file. Raises Missing."""
        for entry in self._find(path, depth=0):
            if entry.path == path and not entry.is_folder:
                return Listed(path, entry.size, entry.modified)
        raise Missing(path)

    def _find(self, path: str, *, depth: int) -> list[Entry]:
        answer = self.ask("PROPFIND", path, {"Depth": str(depth), "Content-Type": "application/xml"}, _WANTED)
        try:
            parts = ElementTree.fromstring(answer.content).iter(f"{_DAV}response")
            return [self._entry(part) for part in parts]
        except (ParseError, DefusedXmlException, TypeError, ValueError) as error:
            raise Unreachable(f"{path}: the server's list can't be read: {error}") from error

    def _entry(self, part: Element) -> Entry:
        path = unquote(urlsplit(part.findtext(f"{_DAV}href", "")).path)
        modified = part.findtext(f".//{_DAV}getlastmodified")
        return Entry(
            path.removeprefix(self._base).strip("/"),
            part.find(f".//{_DAV}resourcetype/{_DAV}collection") is not None,
            int(part.findtext(f".//{_DAV}getcontentlength") or 0),
            moment(modified) if modified else 0,
        )


def moment(date: str) -> int:
    """Nanoseconds since 1970 for a date as HTTP writes it."""
    return int(parsedate_to_datetime(date).timestamp()) * 10**9


def _explain(method: str, path: str, answer: requests.Response) -> BackupError:
    status, said = answer.status_code, f"{path}: the server answers {answer.status_code} {answer.reason}"
    if status in (401, 403):
        return Denied(said)
    if status in (404, 410):
        return Missing(path)
    if status == 409:
        return NoFolder(said)
    if status == 412 or (status == 405 and method == "MKCOL"):
        return AlreadyThere(path)
    if status == 416:
        return OutOfRange(said)
    if status == 423:
        return Locked(said)
    if status == 507 or (status == 405 and method == "PUT"):  # so rclone says that its disk is full
        return Full(f"{said}: it has no room, or its quota is reached")
    if status // 100 == 3:
        return Denied(f"{said}: the repository isn't at this address, but at {answer.headers.get('Location')}")
    return Unreachable(said)
