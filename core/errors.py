"""What a service raises when it can't do what it was asked: said in words, with the place of every fault."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest, PermissionDenied

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where: a field, or a row and a column."""

    place: str
    code: str
    message: _StrPromise | str


class Invalid(Exception):
    """The input is refused whole: nothing was saved. Pages show a summary, the API answers 422."""

    def __init__(self, faults: Iterable[Fault], message: _StrPromise | str = "") -> None:
        self.faults = tuple(faults)
        self.message = message
        super().__init__(str(message) or "; ".join(f"{fault.place}: {fault.code}" for fault in self.faults))


class Conflict(Exception):
    """What was read has changed since, or is locked. The API answers 409."""

    def __init__(self, message: _StrPromise | str, code: str = "conflict") -> None:
        self.message = message
        self.code = code
        super().__init__(str(message))


class NoRoom(BadRequest):
    """The server's disk is full: nothing was kept of what was sent. Answered 507."""


class Away(Exception):
    """A server that this needs can't be reached, or doesn't do what it should: 503. Worth trying again."""


class NotFresh(PermissionDenied):
    """The password or second factor is asked for again before this: 403 of the type «reauthenticate»."""


class Refusal(PermissionDenied):
    """What one may see but not do: 403. Whoever catches it at the boundary calls `record` once all is rolled back."""

    def record(self) -> None:
        raise NotImplementedError


def place_of(error: BaseException) -> str:
    """Where an error was raised, innermost first. Its own words stay out of the log, for they may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
