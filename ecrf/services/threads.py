"""The thread of a query and its way from one state to the next, for people and for the form itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from ecrf import messages
from ecrf.engine import queries as engine
from ecrf.models import Entry, Query, QueryMessage, QueryPolicy
from ecrf.services.people import account
from ecrf.services.query_notices import tell

if TYPE_CHECKING:
    from core.access.scope import Actor

TOLD = {
    "answer": "ecrf.query_answered",
    "resolve": "ecrf.query_resolved",
    "close": "ecrf.query_closed",
    "reopen": "ecrf.query_reopened",
    "cancel": "ecrf.query_cancelled",
    "assign": "ecrf.query_assigned",
    "comment": "ecrf.query_commented",
}


@dataclass(frozen=True)
class Assignment:
    """Who is to see to a query: a group of people at the site, or one person."""

    group: str = Query.Group.SITE
    person: User | None = None


def value_at(entry: Entry, item: str, row: str = "") -> Any:
    """What stands at an item of a record; in a repeat, at one of its rows."""
    if not row:
        return entry.values.get(item)
    name, _bracket, number = row.removesuffix("]").partition("[")
    rows = entry.values.get(name)
    if not isinstance(rows, list) or not number.isdecimal() or len(number) > 6 or int(number) >= len(rows):
        return None
    return rows[int(number)].get(item) if isinstance(rows[int(number)], dict) else None


def checked_person(entry: Entry, person: User | None) -> User | None:
    """Who is to see to a query must see the record. Raises Invalid."""
    if person is not None and not Entry.objects.visible_to(person).filter(pk=entry.pk).exists():
        raise Invalid([Fault("assigned_to", "cannot_see", _("This person doesn’t see the record."))])
    return person


def due_on(entry: Entry, asked: date | None = None) -> date | None:
    """The day asked for, else the one that the study has settled on."""
    if asked is not None:
        return asked
    policy = QueryPolicy.objects.filter(project=entry.subject.project_id).first() or QueryPolicy()
    return timezone.localdate() + timedelta(days=policy.answer_within) if policy.answer_within else None


def live(entry: Entry) -> Any:
    return Query.objects.filter(entry=entry, state__in=engine.ACTIVE)


def say(query: Query, actor: Actor | None, action: str, text: str, *, corrected: bool = False) -> QueryMessage:
    return QueryMessage.objects.create(
        query=query,
        author=account(actor) if actor is not None else None,
        action=action,
        state=query.state,
        text=text,
        corrected=corrected,
        revision=query.entry.revision,
    )


def held(query: Query) -> Query:
    """The row as it is now, which nobody else changes until the end of the transaction."""
    rows = Query.objects.select_related(
        "entry__subject__project", "entry__subject__site", "entry__form", "entry__version"
    )
    return rows.select_for_update(of=("self",)).get(pk=query.pk)


def move(
    actor: Actor | None,
    query: Query,
    act: str,
    text: str,
    *,
    corrected: bool = False,
    to: Assignment | None = None,
    due: date | None = None,
) -> None:
    """Bring a locked query into its next state. Raises Conflict where the state forbids it, Invalid without words."""
    try:
        state = engine.step(query.state, act, text, corrected=corrected)
    except engine.NotAllowed as error:
        if error.code == "query_text":
            raise Invalid([Fault("text", "required", messages.words("query_text", {}))]) from None
        words = messages.words("query_state", {"state": query.get_state_display()})
        raise Conflict(words, "state") from None
    if act == "reopen" and query.check_key and query.state in engine.ENDED:
        same = live(query.entry).filter(item=query.item, row=query.row, check_key=query.check_key)
        if same.exists():
            raise Conflict(_("The same check has opened a newer query here."), "open")
    query.state = state
    if state in engine.ENDED and query.closed_at is None:
        query.closed_at, query.closed_by = timezone.now(), account(actor) if actor is not None else None
        if actor is not None and query.item:
            query.settled_value = value_at(query.entry, query.item, query.row)
    elif state in engine.ACTIVE:
        query.closed_at = query.closed_by = query.settled_value = None
    if act == "assign":
        to = to or Assignment()
        query.assigned_group, query.assigned_to = to.group, checked_person(query.entry, to.person)
        query.due_on = due or query.due_on
    query.save()
    say(query, actor, act, text, corrected=corrected)
    details: dict[str, Any] = {"assigned": query.assigned_group} if act == "assign" else {}
    audit.record(actor, TOLD[act], query, item=query.item, state=query.state, corrected=corrected, **details)
    tell(actor, query, act)
