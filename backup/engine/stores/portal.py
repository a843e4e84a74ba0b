"""A repository that the portal keeps and hands out over HTTP, to agents within their duty and to people who read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from backup.engine.errors import AlreadyThere, BackupError, Denied, Full, Missing, Unreachable
from backup.engine.format import cipher, layout
from backup.engine.format.cipher import Bytes
from backup.engine.stores import placing
from backup.engine.stores.base import Listed
from backup.engine.stores.dav import moment
from backup.engine.stores.placing import Broken, Placing, twice

LARGEST = 32 << 20
"""Bytes of an object that a portal takes, at most: packs have 16 MiB, and indexes half of that."""
CONNECTIONS = 32
WAIT = (10, 120)
"""Seconds for a connection, and for each piece of an answer."""
PAGE = 5000
"""Objects asked for at once."""
BY_CONTENT = ("packs/", "index/", "manifests/")
_URL = re.compile(
    r"suite\+(?P<portal>https?://[^/@?#\s]+(?:/[^/@?#\s]+)*)/(?P<number>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?"
)
_MEDIA_TYPE = "application/octet-stream"


class PortalStore:
    """The objects of a repository below ``…/api/v1/backup/repositories/<id>/objects/``, by a token.

    Times are those of the portal's disk; its clock is told in whole seconds.
    """

    def __init__(self, url: str, token: str, *, ca: str = "") -> None:
        self.url = url.rstrip("/")
        self.session = session(token, ca)

    def prepare(self) -> None:
        """The portal makes the places of repositories: here it is only seen that nothing is in this one."""
        if any(True for folder in layout.FOLDERS for _one in self.list(folder)):
            raise BackupError(f"{self.url} isn't empty")

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        layout.check_name(name)
        data = b"".join(parts)
        headers = {"Content-Type": _MEDIA_TYPE, "If-None-Match": "*"}
        twice(Placing(lambda: self._put(name, data, headers), lambda: placing.holds(self, name, [data])))

    def holds(self, name: str, parts: Sequence[Bytes]) -> bool:
        """Whether the portal has these bytes: what is named by its content is told by the name alone."""
        if name.startswith(BY_CONTENT):
            return name.endswith(cipher.digest(*parts).hex()) and self._is_there(name)
        try:
            return placing.is_equal(self.read(name), parts)
        except Missing:
            return False

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        layout.check_name(name)
        if length == 0:
            return b""
        end = "" if length is None else str(offset + length - 1)
        part = {"Range": f"bytes={offset}-{end}"} if offset or end else {}
        answer = twice(lambda: self._ask("GET", name, headers=part))
        if answer.status_code == 416:
            return b""
        start = 0 if answer.status_code == 206 else offset
        return answer.content[start:] if length is None else answer.content[start : start + length]

    def list(self, prefix: str) -> Iterator[Listed]:
        layout.check_folder(prefix)
        after = ""
        while True:
            found, after = self._page({"folder": prefix, "limit": str(PAGE), **({"after": after} if after else {})})
            yield from found
            if not after:
                return

    def look(self, name: str) -> Listed:
        layout.check_name(name)
        asked = {"folder": name.partition("/")[0], "after": name[:-1], "limit": "16"}  # sixteen end in another digit
        for one in self._page(asked)[0]:
            if one.name == name:
                return one
        raise Missing(name)

    def delete(self, name: str) -> None:
        layout.check_name(name)
        twice(lambda: self._ask("DELETE", name))

    def now(self) -> int:
        answer = twice(lambda: self._ask("GET", "", params={"folder": "config", "limit": "1"}))
        if "Date" not in answer.headers:
            raise Unreachable("the portal doesn't say what time it is")
        return moment(answer.headers["Date"])

    def tidy(self) -> None:
        """The portal does it."""

    def probe(self) -> None:
        self.now()

    def erase(self) -> None:
        raise Denied("a portal's repository is discarded on its page")

    def close(self) -> None:
        self.session.close()

    def _put(self, name: str, data: bytes, headers: dict[str, str]) -> None:
        self._ask("PUT", name, headers=headers, data=data)

    def _is_there(self, name: str) -> bool:
        try:
            twice(lambda: self._ask("HEAD", name))
        except Missing:
            return False
        return True

    def _page(self, asked: Mapping[str, str]) -> tuple[Sequence[Listed], str]:
        """A page of a listing, and after which name the next one begins; empty where it was the last."""
        answer = twice(lambda: self._ask("GET", "", params=asked))
        try:
            page = answer.json()
            found = [Listed(one["name"], int(one["size"]), int(one["received"])) for one in page["objects"]]
            following = page["next"] or ""
        except (ValueError, KeyError, TypeError) as error:
            raise Unreachable(f"{self.url}: what is answered isn't a list of objects") from error
        return [one for one in found if layout.NAME.fullmatch(one.name)], following

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """An answer that says yes, or that there is no such part. Raises what a store may raise."""
        options |= {"timeout": WAIT, "allow_redirects": False}
        try:
            answer = self.session.request(method, f"{self.url}/{path}", **options)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise Broken(f"{path}: the portal broke off, or can't be reached: {error}") from error
        except requests.RequestException as error:
            raise Unreachable(f"{path}: the portal doesn't answer: {error}") from error
        if answer.status_code // 100 == 2 or (method == "GET" and answer.status_code == 416):
            return answer
        raise _explain(path, answer)


def address(url: str) -> str:
    """Where the objects of ``suite+https://host/<number of a repository>`` are. Raises BackupError."""
    found = _URL.fullmatch(url)
    if found is None:
        raise BackupError(f"{url}: write suite+https://host/<number of the repository>, as the portal shows it")
    return f"{found['portal']}/api/v1/backup/repositories/{found['number']}/objects"


class Bearer(AuthBase):
    """A token, whatever else this machine knows of the portal (a .netrc)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def session(token: str = "", ca: str = "") -> requests.Session:
    """A client of a portal, for all threads; `ca` is a file of the authorities that are believed."""
    made = requests.Session()
    made.headers["User-Agent"] = "suite-backup"
    if token:
        made.auth = Bearer(token)
    if ca:
        made.verify = ca
    for scheme in ("https://", "http://"):
        made.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS))
    return made


def said(answer: requests.Response) -> str:
    """What a portal says of a refusal, in its words."""
    try:
        problem = answer.json()
        faults = [fault["message"] for fault in problem.get("errors", ())]
        return " ".join([str(problem.get("detail") or problem["title"]), *faults])
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{answer.status_code} {answer.reason}"


def _explain(path: str, answer: requests.Response) -> BackupError:
    status, words = answer.status_code, f"{path}: {said(answer)}"
    if status in (404, 410):
        return Missing(path)
    if status == 412:
        return AlreadyThere(path)
    if status == 507:
        return Full(words)
    if status // 100 == 3:
        return Denied(f"{path}: the portal isn't at this address, but at {answer.headers.get('Location')}")
    if status in (408, 425, 429) or status >= 500:
        return Unreachable(words)
    return Denied(words)
