"""Say in words what the engine met, where a person can do something about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from backup.engine.errors import Busy, Damaged, Denied, Full, KeyRefused, Missing, StillLocked, Unreachable
from backup.engine.sources.base import SourceFailed
from core.errors import Away, Conflict

LONGEST = 500
"""Characters of what a program says of its failure."""


@contextmanager
def reached() -> Iterator[None]:
    """For who waits for an answer. Raises Away where the store can't be reached, or doesn't let the server in."""
    try:
        yield
    except StillLocked:
        raise
    except (Unreachable, Denied) as error:
        raise Away(_("The repository can’t be reached at the moment. Try again later.")) from error


@contextmanager
def in_words() -> Iterator[None]:
    """Raises Conflict, which ends a job with its words."""
    try:
        yield
    except Busy as error:
        raise Conflict(
            _("Another backup into this repository is under way. Wait until it has ended."), "busy"
        ) from error
    except (Missing, Unreachable) as error:
        message = _(
            "The repository isn’t where it was, or can’t be reached. Check its disk or the network, then try again."
        )
        raise Conflict(message, "missing") from error
    except SourceFailed as error:
        words = {"why": str(error)[:LONGEST]}
        raise Conflict(
            _("What was to be saved couldn’t be read: %(why)s. No backup was made.") % words, "source"
        ) from error
    except Full as error:
        raise Conflict(
            _("Where the repository lies there is no room left. Make some, then try again."), "full"
        ) from error
    except Denied as error:
        message = _("The server isn’t allowed to write to the repository. Check the rights of its folder or place.")
        raise Conflict(message, "denied") from error
    except Damaged as error:
        words = {"name": error.name, "why": error.why}
        raise Conflict(_("The repository is damaged. %(name)s: %(why)s.") % words, "damaged") from error
    except KeyRefused as error:
        raise Conflict(_("The key doesn’t fit the repository."), "key") from error
