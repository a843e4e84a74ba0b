"""Say in words what the engine met, where a person can do something about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from backup.engine.errors import Busy, Damaged, KeyRefused, Missing
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
    except Missing as error:
        message = _("The repository isn’t where it was. Check that its disk is connected, then try again.")
        raise Conflict(message, "missing") from error
    except Damaged as error:
        words = {"name": error.name, "why": error.why}
        raise Conflict(_("The repository is damaged. %(name)s: %(why)s.") % words, "damaged") from error
    except KeyRefused as error:
        raise Conflict(_("The key doesn’t fit the repository."), "key") from error
