"""The states that things are in: the same icon, word and colour in every tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class State:
    look: str
    """The colour, by its token: done, running, waiting, warning, failed or locked."""
    icon: str
    word: _StrPromise | str


DONE = State("done", icon="circle-check", word=_("Done"))
RUNNING = State("running", icon="progress", word=_("In progress"))
WAITING = State("waiting", icon="clock", word=_("Waiting"))
WARNING = State("warning", icon="alert-triangle", word=_("To check"))
FAILED = State("failed", icon="circle-x", word=_("Failed"))
LOCKED = State("locked", icon="lock", word=_("Locked"))

LOOKS = {state.look: state for state in (DONE, RUNNING, WAITING, WARNING, FAILED, LOCKED)}

STATES = {
    **LOOKS,
    "active": State("done", icon="circle-check", word=_("Active")),
    "archived": State("locked", icon="archive", word=_("Archived")),
    "cancelled": State("waiting", icon="ban", word=_("Cancelled")),
    "draft": State("waiting", icon="pencil", word=_("Draft")),
    "empty": State("waiting", icon="circle-dashed", word=_("Empty")),
    "expired": State("waiting", icon="calendar-off", word=_("Expired")),
    "incomplete": State("warning", icon="circle-half-2", word=_("Incomplete")),
    "missing": State("warning", icon="circle-dashed", word=_("Missing")),
    "published": State("done", icon="world-check", word=_("Published")),
    "refused": State("failed", icon="hand-stop", word=_("Refused")),
    "stale": State("warning", icon="refresh-alert", word=_("Out of date")),
    "verified": State("done", icon="shield-check", word=_("Verified")),
}
"""What a state may be called, by any room: its look is one of the six."""


def named(name: str) -> State:
    """The state of this name. Raises KeyError for a name that has no look: give it one here."""
    return STATES[str(name)]
