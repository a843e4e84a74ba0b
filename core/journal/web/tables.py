"""The list of events: its columns, and its filters in the address."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core.audit.models import Event
from core.journal import queries
from core.journal.telling import Teller, kind_in_words
from core.web.table import Column, Filter, Table

if TYPE_CHECKING:
    from datetime import date

Events = QuerySet[Event]


def journal_table(request: HttpRequest, events: Events, teller: Teller) -> Table:
    return Table(
        request,
        events,
        columns=(
            Column("at", _("When"), sort=("id",), template="journal/cells/when.html"),
            Column("who", _("Who"), value=teller.who),
            Column("what", _("What"), value=teller.act, template="journal/cells/what.html"),
            Column("thing", _("To what"), value=teller.thing, template="journal/cells/thing.html"),
            Column("outcome", _("Outcome"), template="journal/cells/outcome.html"),
            Column("channel", _("Way in"), value=way_in),
            Column("seal", _("Seal"), value=teller.is_sealed, template="journal/cells/seal.html"),
        ),
        name="events",
        caption=_("Audit trail"),
        search=(queries.matching,),
        filters=filters(events),
        order=("-id",),
        empty={
            "icon": "history",
            "title": _("Nothing has happened yet"),
            "text": _("Every act, reading, export and refusal will stand here, and can never be changed."),
        },
    )


def filters(events: Events) -> tuple[Filter, ...]:
    kinds = [(kind, kind_in_words(kind)) for kind in queries.kinds_in(events)]
    return (
        Filter("who", _("Who"), queries.people_in(events), "actor_id"),
        Filter("action", _("What"), queries.actions_in(events)),
        Filter("object", _("To what"), kinds, "object_type"),
        Filter("outcome", _("Outcome"), Event.Outcome.choices),
        Filter("from", _("From day"), lookup=from_day, is_day=True),
        Filter("to", _("To day"), lookup=to_day, is_day=True),
    )


def from_day(events: Events, day: str) -> Events:
    return events.filter(at__gte=moment(parse_date(day), time.min))


def to_day(events: Events, day: str) -> Events:
    """Up to and with this day."""
    return events.filter(at__lte=moment(parse_date(day), time.max))


def moment(day: date | None, of_the_day: time) -> datetime:
    assert day is not None  # the filter has accepted it
    return timezone.make_aware(datetime.combine(day, of_the_day))


def way_in(event: Event) -> str:
    ways = {
        "page": _("page"),
        "api": _("REST"),
        "job": _("job"),
        "command": _("command line"),
        "system": _("system"),
    }
    return ways.get(event.channel, event.channel)
