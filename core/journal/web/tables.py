"""The list of events: its columns, and its filters in the address."""

from __future__ import annotations

import ipaddress
from datetime import datetime, time
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core.audit.models import Event
from core.journal import queries
from core.journal.telling import Teller
from core.journal.web.listing import EventTable
from core.web.table import Column, Filter

if TYPE_CHECKING:
    from datetime import date

    from core.access.models import Project

Events = QuerySet[Event]


class AddressFilter(Filter):
    """An address, or a network in the form 10.2.0.0/16."""

    def accepts(self, value: str) -> bool:
        try:
            ipaddress.ip_network(value.strip(), strict=False)
        except ValueError:
            return False
        return "%" not in value


def journal_table(
    request: HttpRequest, events: Events, teller: Teller, project: Project | None, *, without: frozenset[str]
) -> EventTable:
    """`without` names the filters that the page has settled itself."""
    return EventTable(
        request,
        events,
        columns=(
            Column("at", _("When"), sort=("id",), template="journal/cells/when.html"),
            Column("who", _("Who"), value=teller.who, template="journal/cells/who.html"),
            Column("what", _("What"), value=teller.act, template="journal/cells/what.html"),
            Column("thing", _("To what"), value=teller.thing, template="journal/cells/thing.html"),
            Column("outcome", _("Outcome"), template="journal/cells/outcome.html"),
            Column("channel", _("Way in"), value=way_in, template="journal/cells/way.html"),
            Column("seal", _("Seal"), value=teller.is_sealed, template="journal/cells/seal.html"),
        ),
        name="events",
        caption=_("Audit trail"),
        search=(queries.matching,),
        filters=tuple(each for each in filters(project, without) if each.key not in without),
        order=("-id",),
        empty={
            "icon": "history",
            "title": _("Nothing has happened yet"),
            "text": _("Every act, reading, export and refusal will stand here, and can never be changed."),
        },
    )


def filters(project: Project | None, without: frozenset[str]) -> tuple[Filter, ...]:
    people = [] if "who" in without else queries.people_in(project)
    return (
        Filter("who", _("Who"), people, "actor_id"),
        Filter("family", _("Part of the suite"), queries.families(), queries.of_family),
        Filter("outcome", _("Outcome"), Event.Outcome.choices),
        Filter("from", _("From day"), lookup=from_day, is_day=True),
        Filter("to", _("To day"), lookup=to_day, is_day=True),
        Filter("action", _("What"), queries.actions_in(project), rare=True),
        Filter("object", _("To what"), queries.kinds(), "object_type", rare=True),
        Filter("channel", _("Way in"), list(ways().items()), rare=True),
        Filter("reason", _("Words of the reason"), lookup=queries.with_reason, is_text=True, rare=True),
        AddressFilter("address", _("Address or network"), lookup=of_address, is_text=True, rare=True),
        Filter("emergency", _("Access in an emergency"), [("yes", _("only"))], queries.of_emergency, rare=True),
    )


def of_address(events: Events, value: str) -> Events:
    return events.filter(address__within=str(ipaddress.ip_network(value.strip(), strict=False)))


def from_day(events: Events, day: str) -> Events:
    return events.filter(at__gte=moment(parse_date(day), time.min))


def to_day(events: Events, day: str) -> Events:
    """Up to and with this day."""
    return events.filter(at__lte=moment(parse_date(day), time.max))


def moment(day: date | None, of_the_day: time) -> datetime:
    assert day is not None  # the filter has accepted it
    return timezone.make_aware(datetime.combine(day, of_the_day))


def ways() -> dict[str, str]:
    return {
        "page": _("page"),
        "api": _("REST"),
        "job": _("job"),
        "command": _("command line"),
        "system": _("system"),
    }


def way_in(event: Event) -> str:
    return ways().get(event.channel, event.channel)
