"""The portal as an agent calls it: what it answers, what it refuses, and whether it is there at all."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from backup.engine.errors import BackupError
from backup.engine.stores import portal as store

WAIT = (10, 60)
"""Seconds for a connection, and for each piece of an answer."""


class Away(BackupError):
    """The portal doesn't answer, or has no time now."""


class Removed(BackupError):
    """The portal knows this agent no more."""


class Refused(BackupError):
    """The portal refuses what was asked, in words."""

    def __init__(self, status: int, code: str, words: str) -> None:
        self.status, self.code = status, code
        super().__init__(words)


class Portal:
    """Calls of one agent; its clock is the portal's, as far as that was heard."""

    def __init__(
        self, url: str, token: str, *, ca: str = "", language: str = "en", clock: Callable[[], float] = time.time
    ) -> None:
        self.url = url.rstrip("/")
        self._session = store.session(token, ca)
        self._session.headers["Accept-Language"] = language
        self._clock, self._ahead = clock, 0.0
        self._tag = ""
        self._state: dict[str, Any] | None = None

    def now(self) -> float:
        """Seconds since 1970 by the portal's clock; by this machine's where it was never heard."""
        return self._clock() + self._ahead

    def state(self) -> dict[str, Any]:
        """Who the agent is and what it is to do. Sent anew only where something has changed."""
        answer = self._call("GET", "state/", headers={"If-None-Match": self._tag} if self._tag else {})
        if answer.status_code != 304 or self._state is None:
            self._state, self._tag = self._read(answer), answer.headers.get("ETag", "")
        return self._state

    def key_kept(self, key_id: str) -> None:
        """Say that the key which was sealed to this machine is kept here."""
        self._call("POST", "key/", json={"key_id": key_id})

    def bring_key(self, badge: bytes, proof: bytes) -> None:
        """Have a key let in that was made on this machine."""
        body = {"badge": base64.b64encode(badge).decode(), "proof": base64.b64encode(proof).decode()}
        self._call("POST", "key/", json=body)

    def begin(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._read(self._call("POST", "runs/", json=body))

    def report(self, run: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._read(self._call("POST", f"runs/{run}/progress/", json=body))

    def end(self, run: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._read(self._call("POST", f"runs/{run}/end/", json=body))

    def leave(self) -> None:
        self._call("POST", "leave/")

    def enrol(self, body: Mapping[str, str]) -> dict[str, Any]:
        """Raises Refused for a code that counts no more."""
        return self._read(self._call("POST", "enrol/", json=body))

    def close(self) -> None:
        self._session.close()

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:
        options |= {"timeout": WAIT, "allow_redirects": False}
        try:
            answer = self._session.request(method, f"{self.url}/api/v1/backup/agent/{path}", **options)
        except requests.RequestException as error:
            raise Away(f"{self.url} can't be reached: {error}") from error
        self._hear(answer)
        status = answer.status_code
        if status // 100 == 2 or status == 304:
            return answer
        if status == 401:
            raise Removed(store.said(answer))
        if status in (408, 425, 429) or status >= 500:
            raise Away(f"{self.url}: {store.said(answer)}")
        if status // 100 == 3:
            raise Refused(status, "elsewhere", f"{self.url} isn't the portal: {answer.headers.get('Location')} is")
        raise Refused(status, _code(answer), store.said(answer))

    def _read(self, answer: requests.Response) -> dict[str, Any]:
        try:
            body: dict[str, Any] = answer.json()
        except ValueError as error:
            raise Away(f"{self.url} answers something else than a portal") from error
        return body

    def _hear(self, answer: requests.Response) -> None:
        if date := answer.headers.get("Date"):
            self._ahead = parsedate_to_datetime(date).timestamp() - self._clock()
            if abs(self._ahead) < 2:  # it is told in whole seconds, and takes its time
                self._ahead = 0.0


def _code(answer: requests.Response) -> str:
    try:
        return str(answer.json()["type"]).rpartition(":")[2]
    except (ValueError, KeyError, TypeError):
        return ""
