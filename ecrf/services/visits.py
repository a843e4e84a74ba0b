"""The visits of a subject: their days follow every save; what can't be computed is set by hand, with a reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.errors import Fault, Invalid
from ecrf import engine, permissions
from ecrf.engine import schedule
from ecrf.models import Allocation, Entry, Form, FormVersion, Subject, Visit
from ecrf.services.contexts import local
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

COMPUTED = (
    *("place", "due", "opens", "closes", "passed_over", "actual", "is_entered"),
    *("not_done_reason", "dated_by_hand"),
)
"""What a save may change; it is written where it differs only."""


def refresh(subject: Subject, form: Form) -> None:
    """Compute the visits of a subject again, inside the transaction of what changed them."""
    definition = form.published.loaded
    if not definition.events:
        return
    rows = {(one.event, one.instance): one for one in Visit.objects.filter(subject=subject, form=form)}
    before = {place: kept_of(row) for place, row in rows.items()}
    entries = Entry.objects.filter(subject=subject, form=form, page="", removed_at=None).exclude(event="")
    if not schedule.reads_values(definition):
        entries = entries.defer("values", "notes", "title")
    entered = {(one.event, one.instance): one for one in entries}
    for place in entered.keys() - rows.keys():
        rows[place] = Visit(subject=subject, form=form, event=place[0], instance=place[1])
    known = {}
    for place, row in rows.items():
        entry = entered.get(place)
        row.is_entered = entry is not None
        told = actual_of(definition, entry) if entry else None
        if told is not None or not row.dated_by_hand:
            row.actual, row.dated_by_hand = told, False
        if row.actual:
            row.not_done_reason = ""
        if row.is_entered or row.actual or row.planned or row.not_done_reason or row.is_added:
            known[place] = row.known
    for slot in schedule.plan(definition, course(subject, form, definition, entered, known)):
        place = (slot.event, slot.instance)
        row = rows.setdefault(place, Visit(subject=subject, form=form, event=slot.event, instance=slot.instance))
        row.due, row.opens, row.closes, row.passed_over = slot.due, slot.opens, slot.closes, slot.passed_over
        row.place = list(definition.events).index(slot.event)
        known.setdefault(place, row.known)
    keep(rows, known, before)


def kept_of(row: Visit) -> list[Any]:
    return [getattr(row, name) for name in COMPUTED]


def actual_of(definition: engine.Definition, entry: Entry) -> date | None:
    if entry.event not in definition.events or "date" not in definition.events[entry.event].spec:
        return None
    return schedule.date_of(definition, entry.event, entry.values)


def course(
    subject: Subject, form: Form, definition: engine.Definition, entered: dict[tuple[str, int], Entry], known: Any
) -> schedule.Course:
    randomised = None
    if any(event.spec.get("after_randomisation") for event in definition.events.values()):
        first = Allocation.objects.filter(subject=subject, scheme__form=form).order_by("created_at").first()
        randomised = timezone.localdate(first.created_at) if first else None
    reads = schedule.reads_values(definition)
    return schedule.Course(
        included=timezone.localdate(subject.created_at),
        now=local(),
        randomised=randomised,
        arm=subject.arm,
        known={place: one for place, one in known.items() if place[0] in definition.events},
        values={event: one.values for (event, number), one in entered.items() if number == 1} if reads else {},
    )


def keep(rows: dict[tuple[str, int], Visit], wanted: Any, before: dict[tuple[str, int], list[Any]]) -> None:
    """Write what differs; a row that nothing asks for any more goes."""
    fresh = [row for place, row in rows.items() if place in wanted and row._state.adding]
    there = [row for place, row in rows.items() if place in wanted and before.get(place, kept_of(row)) != kept_of(row)]
    gone = [row.pk for place, row in rows.items() if place not in wanted and not row._state.adding]
    if gone:
        Visit.objects.filter(pk__in=gone).delete()
    Visit.objects.bulk_create(fresh)
    if there:
        Visit.objects.bulk_update(there, COMPUTED)


def refresh_all(subject: Subject) -> None:
    for form in Form.objects.filter(project=subject.project_id, current__isnull=False).select_related("current"):
        refresh(subject, form)


AT_ONCE = 100
"""The visits of so many subjects are computed while one waits; those of more by a job."""


def follow_version(actor: Actor, form: Form, before: FormVersion | None) -> None:
    """Compute the visits again where a new version of the form has others, or other days."""
    if before is not None and before.definition.get("events") == form.published.definition.get("events"):
        return
    subjects = Subject.objects.filter(project=form.project_id)
    if subjects.count() > AT_ONCE:
        jobs.submit(actor, "ecrf.refresh_visits", project=form.project, arguments={"form_id": str(form.pk)})
        return
    for subject in subjects.select_for_update(of=("self",)).order_by("pk"):
        refresh(subject, form)


@transaction.atomic
def refresh_next(form: Form, after: str, number: int) -> str:
    """Compute the visits of the next subjects of a form's project; the key of the last, empty when there is none."""
    rows = Subject.objects.filter(project=form.project_id).order_by("pk")
    rows = rows.filter(pk__gt=after) if after else rows
    last = ""
    for subject in rows.select_for_update(of=("self",))[:number]:
        refresh(subject, form)
        last = str(subject.pk)
    return last


@transaction.atomic
def add_visit(actor: Actor, subject: Subject, form: Form, event: str, day: date | None = None) -> Visit:
    """One more visit of an event that repeats or is unscheduled, to be filled in."""
    access.require(actor, permissions.SAVE, subject.project, site=subject.site, obj=subject)
    found = form.published.loaded.events.get(event)
    if found is None or not may_be_added(found):
        raise Invalid([Fault("event", "not_addable", _("This visit is planned by the form: it can’t be added."))])
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    taken = Visit.objects.filter(subject=subject, form=form, event=event)
    last = taken.aggregate(last=Max("instance"))["last"] or 0
    if last and not found.spec.get("repeats"):
        raise Invalid([Fault("event", "once", _("This visit is there already."))])
    row = Visit.objects.create(
        subject=subject,
        form=form,
        event=event,
        instance=last + 1,
        is_added=True,
        planned=day,
        planned_reason=_("Unscheduled visit") if day else "",
        settled_by=account(actor),
        settled_at=timezone.now(),
    )
    refresh(subject, form)
    audit.record(actor, "ecrf.visit_added", subject, form=form.key, event=event)
    row.refresh_from_db()
    return row


def may_be_added(event: engine.Event) -> bool:
    return event.spec.get("kind", "scheduled") == "unscheduled" or (
        bool(event.spec.get("repeats")) and event.spec.get("kind") != "common"
    )


@transaction.atomic
def settle_visit(actor: Actor, visit: Visit, act: str, day: date | None = None, reason: str = "") -> Visit:
    """Set by hand what can't be computed: `plan` another day, `date` it, say it is `not_done`, take that `back`."""
    access.require(actor, permissions.SAVE, visit.subject.project, site=visit.subject.site, obj=visit)
    row = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("subject__project", "form__current")
        .get(pk=visit.pk)
    )
    faults = []
    if act in ("plan", "date") and day is None:
        faults.append(Fault("day", "required", _("Give a day.")))
    if act in ("plan", "not_done") and not reason.strip():
        faults.append(Fault("reason", "required", _("Say why.")))
    if act == "date" and day and day > timezone.localdate():
        faults.append(Fault("day", "future", _("A visit takes place today or before.")))
    if act in ("date", "not_done") and row.actual and not row.dated_by_hand:
        faults.append(Fault("day", "from_record", _("The day of this visit is asked in its record: correct it there.")))
    if act not in ("plan", "date", "not_done", "back"):
        faults.append(Fault("act", "unknown", _("There is no such act.")))
    if faults:
        raise Invalid(faults)
    if act == "plan":
        row.planned, row.planned_reason = day, reason.strip()[:500]
    elif act == "date":
        row.actual, row.dated_by_hand, row.not_done_reason = day, True, ""
    elif act == "not_done":
        row.actual, row.dated_by_hand, row.not_done_reason = None, False, reason.strip()[:500]
    else:
        row.planned, row.planned_reason, row.not_done_reason, row.dated_by_hand = None, "", "", False
    row.settled_by, row.settled_at, row.told_at = account(actor), timezone.now(), None
    row.save()
    refresh(row.subject, row.form)
    audit.record(
        actor, "ecrf.visit_settled", row.subject, reason=reason[:500], form=row.form.key, event=row.event, act=act
    )
    found = Visit.objects.filter(pk=row.pk).first()
    return found or row
