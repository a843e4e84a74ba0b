"""What follows from a save: queries of checks and rules open and close, verifications of changed values lapse."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.utils import timezone

from core import audit
from ecrf import engine, messages
from ecrf.engine import queries as rules
from ecrf.models import Entry, Query, QueryPolicy, Verification
from ecrf.models.forms import reader_language
from ecrf.services import visits
from ecrf.services.quality_rules import rules_at_save, wanted_by_rules
from ecrf.services.threads import due_on, move, say, value_at

if TYPE_CHECKING:
    from core.access.scope import Actor


def after_save(
    actor: Actor, entry: Entry, state: engine.Evaluated, changed: Collection[str], context: engine.Context
) -> None:
    """Called at the end of each save, in its transaction."""
    Verification.objects.filter(entry=entry, item__in=changed, outdated_at=None, withdrawn_at=None).update(
        outdated_at=timezone.now()
    )
    sync_automatic(entry, state, context, actor)
    visits.refresh(entry.subject, entry.form)


def sync_automatic(entry: Entry, state: engine.Evaluated, context: engine.Context, actor: Actor | None = None) -> None:
    """Open a query for each check of severity query that is broken, and close those whose check holds again.

    What a person closed is not asked again as long as the value is the one that he saw. Of queries that a rule opened
    when it was run over all records, only those close here whose rule is run at each save.
    """
    policy = QueryPolicy.objects.filter(project=entry.subject.project_id).first() or QueryPolicy()
    wanted = {one.place: one for one in rules.wanted(entry.version.loaded, state, warnings=policy.from_warnings)}
    at_save = rules_at_save(entry.form_id)
    wanted |= {one.place: one for one in wanted_by_rules(entry, at_save, context)}
    run_now = {str(rule.pk) for rule in at_save}
    rows = list(Query.objects.filter(entry=entry).exclude(check_key=""))
    for query in rows:
        query.entry = entry
    there = {place(query): query for query in rows if query.is_active}
    for query in list(there.values()):
        mine = query.kind == Query.Kind.AUTOMATIC or query.check_key in run_now
        if mine and place(query) not in wanted:
            move(None, query, "close", str(messages.words("holds_again", {})))
    settled = [query for query in rows if not query.is_active and query.closed_by_id is not None]
    fresh = [one for at, one in wanted.items() if at not in there and not is_settled(entry, one, settled)]
    open_all(entry, fresh, run_now, actor)


def place(query: Query) -> tuple[str, str, str]:
    return query.item, query.row, query.check_key


def is_settled(entry: Entry, one: rules.Wanted, settled: Iterable[Query]) -> bool:
    value = value_at(entry, one.item, one.row)
    return any(place(query) == one.place and query.settled_value == value for query in settled)


def open_all(entry: Entry, wanted: list[rules.Wanted], own: Collection[str], actor: Actor | None) -> None:
    if not wanted:
        return
    definition, due = entry.version.loaded, due_on(entry)
    for one in wanted:
        query = Query.objects.create(
            entry=entry,
            page=one.page,
            item=one.item,
            row=one.row,
            kind=Query.Kind.RULE if one.check in own else Query.Kind.AUTOMATIC,
            check_key=one.check,
            value=value_at(entry, one.item, one.row),
            due_on=due,
        )
        finding = engine.Finding(one.item, one.code, "warning", one.params, one.message)
        say(query, None, "open", str(messages.of_finding(finding, definition, reader_language())))
        audit.record(
            actor, "ecrf.query_opened", query, form=entry.form.key, item=one.item, kind=query.kind, check=one.check
        )
