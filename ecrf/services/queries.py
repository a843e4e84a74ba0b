"""Open a query and move it on: each act checks the right, keeps the thread, and is in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Membership
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from ecrf import messages, permissions, rights
from ecrf.engine import queries as engine
from ecrf.models import Entry, Query, QueryPolicy
from ecrf.services.entries import save_entry
from ecrf.services.people import account
from ecrf.services.query_notices import tell
from ecrf.services.threads import Assignment, checked_person, due_on, held, live, move, say, value_at
from ecrf.words.values import VALUES

if TYPE_CHECKING:
    from core.access.scope import Actor

MOST_TEXT = 4000
RIGHTS = {
    permissions.OPEN: "open",
    permissions.ANSWER: "answer",
    permissions.CLOSE: "close",
    permissions.ASSIGN: "assign",
}


def rights_of(actor: Actor, entry: Entry) -> frozenset[str]:
    """What of the four rights the actor holds on queries of this record."""
    held = access.abilities(actor, entry.subject.project, entry.subject.site)
    return frozenset(name for code, name in RIGHTS.items() if code in held)


def checked_place(actor: Actor, entry: Entry, page: str, item: str, row: str) -> tuple[str, str, str]:
    """The page, item and row that a query is about, if the form has them. Raises Invalid."""
    definition, may = entry.version.loaded, rights.of_entry(actor, entry)
    if item:
        found = definition.items.get(item)
        if found is None or not may.reads(found.page):
            raise Invalid([Fault("item", "unknown_variable", messages.words("unknown_variable", {}, of=VALUES))])
        return found.page, item, row[:200]
    if page and page not in {one.key for one in definition.pages if may.reads(one.key)}:
        raise Invalid([Fault("page", "unknown_page", messages.words("unknown_page", {}))])
    return page, "", ""


@transaction.atomic
def open_query(
    actor: Actor,
    entry: Entry,
    text: str,
    *,
    item: str = "",
    page: str = "",
    row: str = "",
    to: Assignment | None = None,
    due: date | None = None,
    rule: str = "",
) -> Query:
    """Ask about a value, a page or the whole record; `rule` names the quality rule that found it.

    Raises Invalid without words or for a place that the form doesn't have, Conflict where the rule's query is open.
    """
    access.require(actor, permissions.OPEN, entry.subject.project, site=entry.subject.site, obj=entry)
    text = checked_text(text)
    page, item, row = checked_place(actor, entry, page, item, row)
    to = to or Assignment()
    if to.person is not None or to.group != Query.Group.SITE:
        access.require(actor, permissions.ASSIGN, entry.subject.project, site=entry.subject.site, obj=entry)
    Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if rule and live(entry).filter(item=item, row=row, check_key=rule).exists():
        raise Conflict(_("A query of this rule is open here already."), "open")
    query = Query.objects.create(
        entry=entry,
        page=page,
        item=item,
        row=row,
        kind=Query.Kind.RULE if rule else Query.Kind.MANUAL,
        check_key=rule,
        opened_by=account(actor),
        value=value_at(entry, item, row) if item else None,
        assigned_group=to.group,
        assigned_to=checked_person(entry, to.person),
        due_on=due_on(entry, due),
    )
    say(query, actor, "open", text)
    audit.record(actor, "ecrf.query_opened", query, form=entry.form.key, item=item, kind=query.kind)
    tell(actor, query, "open")
    return query


def checked_text(text: str, *, required: bool = True) -> str:
    text = text.strip()
    if required and not text:
        raise Invalid([Fault("text", "required", _("Write what the query is about."))])
    if len(text) > MOST_TEXT:
        raise Invalid([Fault("text", "too_long", messages.words("too_long", {"limit": MOST_TEXT}))])
    return text


@transaction.atomic
def act_on_query(
    actor: Actor,
    query: Query,
    act: str,
    text: str = "",
    *,
    values: Mapping[str, Any] | None = None,
    base: int | None = None,
    to: Assignment | None = None,
    due: date | None = None,
    expected: str = "",
) -> Query:
    """Answer, resolve, close, reopen, cancel, assign or comment.

    An answer may correct the record: `values` are saved on revision `base` as by `save_entry`, whose faults it raises.
    `expected`: the state that the actor saw; where it is another by now, Conflict says so. Raises Invalid without words
    where they are needed.
    """
    if act not in engine.ACTS:
        raise Invalid([Fault("act", "unknown_act", messages.words("unknown_act", {}))])
    rights = rights_of(actor, query.entry)
    if not engine.ACTS[act].rights & rights:
        code = next(code for code, name in RIGHTS.items() if name in engine.ACTS[act].rights)
        access.require(actor, code, query.entry.subject.project, site=query.entry.subject.site, obj=query)
    corrected = act == "answer" and bool(values)
    if corrected:
        correct(actor, query.entry, values or {}, base)
    query = held(query)
    text = checked_text(text, required=False)
    if expected and query.state != expected and not corrected:
        raise Conflict(
            _("Somebody was faster: this query is now %(state)s.") % {"state": query.get_state_display()}, "state"
        )
    if corrected and not query.is_active:
        # the correction itself made the check hold, which closed the query: what was said goes into its thread
        say(query, actor, "comment", text, corrected=True)
        audit.record(actor, "ecrf.query_answered", query, item=query.item, state=query.state, corrected=True)
        return query
    move(actor, query, act, text, corrected=corrected, to=to, due=due)
    return query


def correct(actor: Actor, entry: Entry, values: Mapping[str, Any], base: int | None) -> None:
    """Save a correction as any other change of the record."""
    saved = save_entry(
        actor,
        entry.subject,
        entry.form,
        entry.revision if base is None else base,
        values,
        reason=_("Correction after a query"),
    )
    entry.revision = saved.entry.revision


@transaction.atomic
def act_on_queries(
    actor: Actor, queries: list[Query], act: str, text: str = "", *, to: Assignment | None = None
) -> int:
    """Do the same to several, all or none: the first that can't be says which it is.

    They are taken in one order, so that two who do this don't wait for each other.
    """
    for query in sorted(queries, key=lambda one: str(one.pk)):
        try:
            act_on_query(actor, query, act, text, to=to)
        except Conflict as error:
            text = _("%(query)s: %(problem)s") % {"query": query, "problem": error.message}
            raise Conflict(text, error.code) from None
    return len(queries)


def people_to_assign(entry: Entry) -> list[User]:
    """Who may be asked to see to a query of this record."""
    rows = Membership.objects.active().filter(user__is_active=True)
    at_site = Q(project=entry.subject.project) & (Q(all_sites=True) | Q(sites=entry.subject.site))
    found = rows.granting(permissions.READ).filter(at_site).select_related("user").distinct()
    return sorted({membership.user for membership in found}, key=str)


@transaction.atomic
def change_query_policy(actor: Actor, project: Any, *, from_warnings: bool, answer_within: int | None) -> QueryPolicy:
    """Settle whether warnings of the form open queries, and in how many days a query is to be answered."""
    access.require(actor, permissions.DESIGN, project)
    policy, _made = QueryPolicy.objects.update_or_create(
        project=project, defaults={"from_warnings": from_warnings, "answer_within": answer_within}
    )
    audit.record(actor, "ecrf.query_policy_changed", policy, project=project)
    return policy
