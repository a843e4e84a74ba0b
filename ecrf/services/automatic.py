"""What follows from a save: queries of checks and rules open and close, verifications of changed values lapse."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from core import audit
from ecrf import engine, messages
from ecrf.engine import queries as rules
from ecrf.models import Entry, Form, QualityRule, Query, QueryPolicy, Verification, VerificationPlan
from ecrf.models.forms import reader_language
from ecrf.services import visits
from ecrf.services.quality_rules import rules_at_save, wanted_by_rules
from ecrf.services.threads import due_on, move, say, value_at
from ecrf.services.verification_counts import count
from ecrf.verifying import plan_of

if TYPE_CHECKING:
    from core.access.scope import Actor


@dataclass(frozen=True)
class Settled:
    """What a study has settled about queries: the same for all saves of a batch."""

    policy: QueryPolicy
    rules: list[QualityRule]
    plan: VerificationPlan


def settled_for(form: Form) -> Settled:
    policy = QueryPolicy.objects.filter(project=form.project_id).first() or QueryPolicy()
    return Settled(policy, rules_at_save(form.pk), plan_of(form))


def after_save(
    actor: Actor,
    entry: Entry,
    state: engine.Evaluated,
    changed: Collection[str],
    context: engine.Context,
    settled: Settled | None = None,
) -> None:
    """Called at the end of each save, in its transaction. `settled`: what the caller knows to hold for the form."""
    if entry.revision > 1:  # of a new record nothing is verified yet
        Verification.objects.filter(entry=entry, item__in=changed, outdated_at=None, withdrawn_at=None).update(
            outdated_at=timezone.now()
        )
    count(entry.form, entry, settled.plan if settled else None)
    sync_automatic(entry, state, context, actor, settled, is_new=entry.revision == 1)
    visits.refresh(entry.subject, entry.form)


def sync_automatic(
    entry: Entry,
    state: engine.Evaluated,
    context: engine.Context,
    actor: Actor | None = None,
    settled: Settled | None = None,
    *,
    is_new: bool = False,
) -> None:
    """Open a query for each check of severity query that is broken, and close those whose check holds again.

    What a person closed is not asked again as long as the value is the one that he saw. Of queries that a rule opened
    when it was run over all records, only those close here whose rule is run at each save.
    """
    settled = settled or settled_for(entry.form)
    policy, at_save = settled.policy, settled.rules
    wanted = {one.place: one for one in rules.wanted(entry.version.loaded, state, warnings=policy.from_warnings)}
    wanted |= {one.place: one for one in wanted_by_rules(entry, at_save, context)}
    run_now = {str(rule.pk) for rule in at_save}
    rows = list(Query.objects.filter(entry=entry).exclude(check_key="")) if not is_new else []
    for query in rows:
        query.entry = entry
    there = {place(query): query for query in rows if query.is_active}
    for query in list(there.values()):
        mine = query.kind == Query.Kind.AUTOMATIC or query.check_key in run_now
        if mine and place(query) not in wanted:
            move(None, query, "close", str(messages.words("holds_again", {})))
    closed = [query for query in rows if not query.is_active and query.closed_by_id is not None]
    fresh = [one for at, one in wanted.items() if at not in there and not is_settled(entry, one, closed)]
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
