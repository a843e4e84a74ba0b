"""Who made a form is told that a script of it was stopped: whoever met it was told only that nothing was saved."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import redis
from django.core.cache import cache
from django.db import transaction

from core import access, audit
from core.errors import Conflict
from core.notices.services import notify
from ecrf import permissions
from ecrf.models import Guest
from ecrf.services.people import Respondent
from ecrf.services.scripted import ScriptFailed

if TYPE_CHECKING:
    from core.access.scope import Actor

P = ParamSpec("P")
T = TypeVar("T")
QUIET = 3600
"""Seconds in which the same failure is told once."""


def told(save: Callable[P, T]) -> Callable[P, T]:
    """Tell the designers when a save ends because of a script; the save's own transaction is over by then.

    Its first argument is who acts, or a participant's visit.
    """

    @functools.wraps(save)
    def saving(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return save(*args, **kwargs)
        except (ScriptFailed, Conflict) as error:
            failed = error if isinstance(error, ScriptFailed) else error.__cause__
            if isinstance(failed, ScriptFailed):
                actor: Any = args[0]
                tell(Respondent() if isinstance(actor, Guest) else actor, failed)
            raise

    return saving


@transaction.atomic
def tell(actor: Actor, failed: ScriptFailed) -> None:
    """A notice to those who design forms in the project, and an event in the journal, once an hour for each line."""
    form, fault = failed.form, failed.fault
    line = f"{fault.file or failed.page.key}:{fault.line}" if fault.line else fault.file or failed.page.key
    try:
        if not cache.add(f"ecrf.script_failed:{form.pk}:{fault.code}:{line}"[:200], 1, QUIET):
            return
    except redis.RedisError:  # rather twice than never
        pass
    audit.record(actor, "ecrf.script_failed", form, page=failed.page.key, kind=fault.code, source=line)
    members = access.members_holding(permissions.DESIGN, form.project).select_related("user")
    people = {member.user for member in members}
    notify(
        people, "ecrf.script_failed", project=form.project, url=form.get_absolute_url(), urgent=True, form=form.title
    )
