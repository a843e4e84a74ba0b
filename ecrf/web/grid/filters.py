"""What narrows the grid: where, how far, what waits, since when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from core.access.models import Site
from core.web.table import Filter
from ecrf import overview
from ecrf.engine.queries import ACTIVE
from ecrf.models import Entry, Form, Level, Lock, Query, Signature, Subject, Verification
from ecrf.overview import Group

DAYS = (1, 7, 30, 90)


def filters(asked: QueryDict, form: Form, groups: list[Group], sites: list[Site], arms: list[str]) -> list[Filter]:
    """The event and the page say where the state is looked for; alone, they keep who has something there."""
    event, page = asked.get("event", ""), asked.get("on", "")
    here = overview.entries_in(form).filter(subject=OuterRef("pk"))
    if event:
        here = here.filter(event=event)

    def by_state(rows: QuerySet[Subject], value: str) -> QuerySet[Subject]:
        if value == "none":
            there = here.filter(Q(marks__contains=[f"{page}=empty"]) | any_mark(page)) if page else here
            return rows.exclude(Exists(there.filter(~Q(marks__contains=[f"{page}=empty"])) if page else there))
        return rows.filter(Exists(in_state(here, value, page)))

    def by_place(rows: QuerySet[Subject], _value: str) -> QuerySet[Subject]:
        if asked.get("state"):
            return rows
        return rows.filter(Exists(here.filter(any_mark(page)) if page else here))

    def by_activity(rows: QuerySet[Subject], value: str) -> QuerySet[Subject]:
        recent = overview.entries_in(form).filter(subject=OuterRef("pk"), updated_at__gte=days_ago(value.lstrip("-")))
        return rows.filter(~Exists(recent) if value.startswith("-") else Exists(recent))

    def by_overdue(rows: QuerySet[Subject], _value: str) -> QuerySet[Subject]:
        missed = overview.overdue(timezone.localdate()).filter(form=form, subject=OuterRef("pk"))
        return rows.filter(Exists(missed.filter(event=event) if event else missed))

    found = [Filter("state", _("State"), states(), by_state)]
    if len(groups) > 1:
        found.append(Filter("event", _("Event"), [(one.event, one.title) for one in groups], by_place))
    pages = {column.page: column.title for group in groups for column in group.columns}
    found.append(Filter("on", _("Page"), list(pages.items()), by_place))
    if len(sites) > 1:
        found.insert(0, Filter("site", _("Site"), [(site.code, site.name) for site in sites], "site__code"))
    if arms:
        found.append(Filter("arm", _("Arm"), [(arm, arm) for arm in arms], "arm", rare=True))
    found.append(Filter("visits", _("Visits"), [("overdue", _("Overdue"))], by_overdue, rare=True))
    found.append(Filter("activity", _("Last activity"), activities(), by_activity, rare=True))
    return found


def states() -> list[tuple[str, Any]]:
    return [
        ("none", _("Not begun")),
        ("begun", _("Begun")),
        ("complete", _("Complete")),
        ("missing", _("With missing answers")),
        ("errors", _("With errors")),
        ("warnings", _("With warnings")),
        ("queries", _("With open queries")),
        ("locked", _("Locked")),
        ("signed", _("Signed")),
        ("verified", _("Verified")),
        ("draft", _("Draft")),
        ("wait", _("Pending")),
        ("check", _("To verify")),
    ]


def activities() -> list[tuple[str, Any]]:
    since = [(str(days), _("In the last %(n)s days") % {"n": days}) for days in DAYS]
    return [*since, *((f"-{days}", _("Not for %(n)s days") % {"n": days}) for days in DAYS[1:])]


def days_ago(days: str) -> Any:
    return timezone.now() - timedelta(days=int(days))


def any_mark(page: str) -> Q:
    return Q(marks__overlap=[f"{page}={word}" for word in ("doubtful", "complete", "incomplete", "begun")])


def in_state(here: QuerySet[Entry], state: str, page: str) -> QuerySet[Entry]:
    """The records of one subject that are so; `page` narrows to what is said of a page."""
    if state == "complete":
        return here.filter(marks__contains=[f"{page}=complete"]) if page else here.filter(is_complete=True)
    if state == "begun":
        words = [f"{page}={word}" for word in ("doubtful", "incomplete", "begun")]
        return here.filter(marks__overlap=words) if page else here.filter(is_complete=False, locked_at=None)
    if state in ("missing", "errors", "warnings"):
        return here.filter(marks__contains=[f"{page}+{state}"])
    if state in ("draft", "wait", "check"):
        return here.filter(tags__contains=[state]).exclude(tags=[])
    on = {"page": page} if page else {}
    its: dict[str, QuerySet[Any]] = {
        "queries": Query.objects.filter(entry=OuterRef("pk"), state__in=sorted(ACTIVE), **on),
        "signed": Signature.objects.filter(entry=OuterRef("pk"), undone_at=None, **on),
        "locked": Lock.objects.filter(
            entry=OuterRef("pk"), level=Level.PAGE, released_at=None, starts_at__lte=timezone.now(), **on
        ),
        "verified": Verification.objects.filter(entry=OuterRef("pk"), withdrawn_at=None, outdated_at=None),
    }
    kept = Q(Exists(its[state].order_by()))
    return here.filter(kept | Q(locked_at__isnull=False)) if state == "locked" else here.filter(kept)
