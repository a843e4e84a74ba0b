"""Say in words what the engine met, where a person can do something about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from backup.engine.errors import Busy, Damaged, Denied, Full, KeyRefused, Missing, Unreachable
from core.errors import Conflict


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
        message = _("The repository isn’t where it was. Check that its disk is connected, then try again.")
        raise Conflict(message, "missing") from error
    except Full as error:
        raise Conflict(_("The disk of the repository is full. Make room on it, then try again."), "full") from error
    except Denied as error:
        message = _("The server isn’t allowed to write to the repository. Check the rights of its folder.")
        raise Conflict(message, "denied") from error
    except Damaged as error:
        words = {"name": error.name, "why": error.why}
        raise Conflict(_("The repository is damaged. %(name)s: %(why)s.") % words, "damaged") from error
    except KeyRefused as error:
        raise Conflict(_("The key doesn’t fit the repository."), "key") from error
