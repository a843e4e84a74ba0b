"""The REST interface of a Suite InterHop, for programs.

```python
from suite_interhop import Suite

with Suite("https://suite.example", token="suite_…") as suite:
    for subject in suite.ecrf.subjects.list(project="etude-sepsis"):
        print(subject.number)
```
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from importlib.metadata import version
from types import TracebackType
from typing import Self

import httpx

from suite_interhop.api.suite import Resources
from suite_interhop.errors import (
    Changed,
    Conflict,
    Fault,
    Invalid,
    NotFound,
    Problem,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from suite_interhop.transport import Download, Model, Pages, Transport

__all__ = [
    "Changed",
    "Conflict",
    "Download",
    "Fault",
    "Invalid",
    "Model",
    "NotFound",
    "Pages",
    "Problem",
    "Refused",
    "Suite",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
]


class Suite(Resources):
    """One suite, as the owner of a token: `token`, or the variable SUITE_TOKEN.

    `language` is that of messages; `tries` says how often a call is sent at most. Where tokens are renewed, as those
    of a service that signs people in, give an `auth` of httpx instead. `transport` is for tests and special networks.
    """

    def __init__(
        self,
        address: str,
        token: str | None = None,
        *,
        language: str = "en",
        timeout: float = 60,
        tries: int = 4,
        auth: httpx.Auth | None = None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"User-Agent": f"suite-interhop/{version('suite-interhop')}", "Accept-Language": language}
        token = token if token is not None or auth is not None else os.environ["SUITE_TOKEN"]
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(
            base_url=address.rstrip("/"), headers=headers, timeout=timeout, auth=auth, transport=transport
        )
        super().__init__(Transport(self._client, tries, pause))

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
