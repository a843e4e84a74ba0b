"""How calls travel: once, whatever the network does, and with what was read to compare against."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Generic, Self, TypeVar, cast

import httpx
from pydantic import BaseModel, ConfigDict, PrivateAttr, TypeAdapter
from pydantic_core import to_json

from suite_interhop.errors import problem_of, seconds_to_wait

T = TypeVar("T")
SAFE = ("GET", "HEAD")
PASSING = (429, 502, 503, 504)
"""What a repeated call may overcome."""
LONGEST = 60.0
"""Seconds: who is to wait longer than this is told so instead."""
File = BinaryIO | bytes | Path


class Model(BaseModel):
    """What the suite answers. Fields that this client doesn't know yet are passed over."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=(), populate_by_name=True)

    _etag: str | None = PrivateAttr(default=None)

    @property
    def etag(self) -> str | None:
        """Names the version that was read; send it as `if_match` with a change."""
        return self._etag


class Pages(Generic[T]):
    """All rows of a list, page after page, fetched as they are needed. It can be gone through again."""

    def __init__(self, transport: Transport, row: type[T], path: str, params: Mapping[str, Any]) -> None:
        self._transport, self._path, self._params = transport, path, params
        self._row = TypeAdapter(row)

    def __iter__(self) -> Iterator[T]:
        answer = self._transport.send("GET", self._path, params=self._params).json()
        while True:
            yield from (self._row.validate_python(row) for row in answer["results"])
            if not answer.get("next"):
                return
            answer = self._transport.send("GET", answer["next"]).json()

    def first(self) -> T | None:
        """The first row, or None where there is none."""
        return next(iter(self), None)


class Download:
    """A file that is read while it arrives: ``with suite.….download(id) as file: file.save(path)``."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    @property
    def media_type(self) -> str:
        return str(self._response.headers.get("Content-Type", ""))

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_bytes()

    def read(self) -> bytes:
        return self._response.read()

    def save(self, path: str | Path) -> Path:
        """Write it there, piece by piece; a file that came only in part is left under no such name."""
        target = Path(path)
        part = target.with_name(f"{target.name}.part")
        try:
            with part.open("wb") as file:
                for piece in self:
                    file.write(piece)
            return part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._response.close()


class Transport:
    """Sends calls to one suite; a resource holds it and adds nothing but names and types."""

    def __init__(self, client: httpx.Client, tries: int, pause: Callable[[float], None] = time.sleep) -> None:
        self._client, self._tries, self._pause = client, tries, pause

    def pages(self, row: type[T], path: str, params: Mapping[str, Any]) -> Pages[T]:
        return Pages(self, row, path, params)

    def call(self, kind: type[T], method: str, path: str, *, known: Model | None = None, **how: Any) -> T:
        """The answer as its type. `known` is what was read before: given back while it is the newest."""
        if known is not None and known.etag:
            how["headers"] = {"If-None-Match": known.etag}
        response = self.send(method, path, **how)
        if response.status_code == 304:
            return cast("T", known)
        answer = TypeAdapter(kind).validate_python(response.json())
        if isinstance(answer, Model):
            answer._etag = response.headers.get("ETag")
        return answer

    def download(self, method: str, path: str, **how: Any) -> Download:
        return Download(self.send(method, path, stream=True, **how))

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        if_match: Model | str | None = None,
        stream: bool = False,
    ) -> httpx.Response:
        """Send a call until it is answered. A change carries a key under which the suite does it once.

        Raises a Problem for what is refused, and httpx.TransportError where nobody answers.
        """
        sent = {"Accept-Encoding": "gzip", **(headers or {})}
        if method not in SAFE and not stream:
            sent["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        if if_match is not None:
            sent["If-Match"] = if_match if isinstance(if_match, str) else if_match.etag or ""
        content = None
        if body is not None:
            content, sent["Content-Type"] = to_json(body), "application/json"
        asked = {name: worded(value) for name, value in (params or {}).items() if value is not None}
        repeatable = method in SAFE or "Idempotency-Key" in sent
        for left in reversed(range(self._tries)):
            request = self._client.build_request(
                method, path, params=asked or None, content=content, headers=sent, **parts(form)
            )
            try:
                response = self._client.send(request, stream=stream)
            except httpx.TransportError:
                if not left or not repeatable:
                    raise
                self._pause(self._backoff(left))
                continue
            if response.is_success or response.status_code == 304:
                return response
            response.read()
            wait = seconds_to_wait(response)
            wait = self._backoff(left) if wait is None else wait
            passing = response.status_code in PASSING or problem_of(response).code == "idempotency-key-running"
            if not left or not passing or wait > LONGEST or (response.status_code != 429 and not repeatable):
                raise problem_of(response)
            self._pause(wait)
        raise AssertionError("at least one try is made")

    def _backoff(self, left: int) -> float:
        """Half a second, then twice as long each time, each a little different, so that not all come back at once."""
        return float(0.5 * 2 ** (self._tries - 1 - left) * random.uniform(0.8, 1.2))  # noqa: S311  (no secret)


def worded(value: Any) -> str:
    """A value as the query of an address says it: several separated by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(worded(each) for each in value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def parts(form: Mapping[str, Any] | None) -> dict[str, Any]:
    """A form with files as httpx sends it; a file that was read in an earlier try is read from its start."""
    if form is None:
        return {}
    files, data = {}, {}
    for name, value in form.items():
        if isinstance(value, Path):
            files[name] = (value.name, value.read_bytes())
        elif isinstance(value, bytes):
            files[name] = (name, value)
        elif hasattr(value, "read"):
            value.seek(0)
            files[name] = (Path(str(getattr(value, "name", name))).name, value)
        elif value is not None:
            data[name] = value if isinstance(value, str) else to_json(value).decode()
    return {"files": files, "data": data}
