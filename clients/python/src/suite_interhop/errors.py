"""What the suite says when it refuses a call: problem+json (RFC 9457) as exceptions, one class for each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

TYPE = "urn:suite-interhop:problem:"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where: ``lines.2.dose``."""

    place: str
    code: str
    message: str


class Problem(Exception):
    """A call was refused, and nothing was changed. `type` is stable; `title` and messages are in the asked language."""

    def __init__(self, status: int, said: dict[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.type = str(said.get("type", "about:blank"))
        self.title = str(said.get("title", f"The server answered {status}."))
        self.detail = str(said.get("detail", ""))
        self.errors = tuple(Fault(each["place"], each["code"], each["message"]) for each in said.get("errors") or ())
        self.request_id = said.get("request_id")
        """Leads the support to the log and the audit trail."""
        self.retry_after = retry_after
        super().__init__("; ".join([self.title, *(f"{fault.place}: {fault.message}" for fault in self.errors)]))

    @property
    def code(self) -> str:
        """The end of the type: ``not-found``, ``invalid``, ``reauthenticate``."""
        return self.type.removeprefix(TYPE)


class Unauthenticated(Problem):
    """401: the token is unknown, over or revoked."""


class Refused(Problem):
    """403: one may see it but not do this."""


class NotFound(Problem):
    """404: there is nothing, or nothing that one may see."""


class Conflict(Problem):
    """409: it has changed or ended since."""


class Changed(Problem):
    """412: somebody has changed it since it was read; nothing was overwritten."""


class Invalid(Problem):
    """422: the input is refused whole, with every fault by its place."""


class TooMany(Problem):
    """429: too much at once, also after waiting."""


class Unavailable(Problem):
    """5xx: the server failed; a repeated call may succeed."""


KINDS: dict[int, type[Problem]] = {
    401: Unauthenticated,
    403: Refused,
    404: NotFound,
    409: Conflict,
    412: Changed,
    422: Invalid,
    429: TooMany,
}


def problem_of(response: httpx.Response) -> Problem:
    """What a refused call raises, also where a proxy answered in the suite's place."""
    try:
        said = response.json()
    except ValueError:
        said = {}
    kind = KINDS.get(response.status_code, Unavailable if response.status_code >= 500 else Problem)
    return kind(response.status_code, said if isinstance(said, dict) else {}, seconds_to_wait(response))


def seconds_to_wait(response: httpx.Response) -> float | None:
    """Retry-After in seconds; None where it isn't said."""
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else None
