"""How a person wishes to be told: by which ways of each kind of thing, and when by mail."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, tool
from core.errors import Fault, Invalid
from core.notices.models import Choice, Rhythm

if TYPE_CHECKING:
    from core.accounts.models import User

WAYS = ("shown", "in_digest", "at_once")


def of(actor: User) -> dict[str, Choice]:
    """The person's choice for every kind there is."""
    made = {choice.kind: choice for choice in Choice.objects.filter(user=actor)}
    return {kind: made.get(kind) or Choice(user=actor, kind=kind) for kind in tool.notices()}


def rhythm_of(actor: User) -> Rhythm:
    return Rhythm.objects.filter(user=actor).first() or Rhythm(user=actor)


@transaction.atomic
def choose(actor: User, ways: Mapping[str, Set[str]]) -> None:
    """Be told of each of these kinds by these ways alone. Raises Invalid for a kind or a way that there isn't."""
    known = tool.notices()
    faults = [Fault(kind, "unknown", _("There is no such notice.")) for kind in ways if kind not in known]
    faults += [Fault(kind, "way", _("There is no such way to be told.")) for kind, of in ways.items() if of - {*WAYS}]
    if faults:
        raise Invalid(faults)
    for kind, chosen in ways.items():
        Choice.objects.update_or_create(user=actor, kind=kind, defaults={way: way in chosen for way in WAYS})
    audit.record(actor, "notices.choices_set", kinds=len(ways))


@transaction.atomic
def set_rhythm(actor: User, every: str, hour: int, weekday: int) -> Rhythm:
    """Get the summary by mail at these times, or never. Raises Invalid."""
    faults = []
    if every not in Rhythm.Every.values:
        faults.append(Fault("every", "unknown", _("Choose every day, once a week or never.")))
    if not 0 <= hour <= 23:
        faults.append(Fault("hour", "range", _("Choose an hour from 0 to 23.")))
    if not 0 <= weekday <= 6:
        faults.append(Fault("weekday", "range", _("Choose a day of the week, from 0 for Monday to 6.")))
    if faults:
        raise Invalid(faults)
    rhythm, _made = Rhythm.objects.update_or_create(
        user=actor, defaults={"every": every, "hour": hour, "weekday": weekday}
    )
    audit.record(actor, "notices.rhythm_set", every=every)
    return rhythm


@transaction.atomic
def unsubscribe(user: User, what: str) -> None:
    """No mail of this any more: the summary, or one kind. It may be asked for by who has the mail, without signing in.

    What is urgent goes on being mailed.
    """
    if what == "summary":
        Rhythm.objects.update_or_create(user=user, defaults={"every": Rhythm.Every.NEVER})
    else:
        Choice.objects.update_or_create(user=user, kind=what, defaults={"at_once": False})
    audit.record(user, "notices.unsubscribed", kind=what)
