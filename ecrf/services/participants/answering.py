"""What a participant is shown and what is kept of what he answers: his own sheets, through the door of every save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access.models import Site
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages
from ecrf.engine import Sheet, cutting, moments
from ecrf.models import AccessLink, Entry, Fragment, Guest, Invitation, Origin, Participant, Source, Subject
from ecrf.services import double_plans, entries, keeping, locks, noting, script_failures
from ecrf.services.contexts import context_of, local
from ecrf.services.participants import guests, mailing, schedule, tokens
from ecrf.services.participants.faults import Shut
from ecrf.services.people import Respondent
from ecrf.services.scripted import ScriptFailed
from ecrf.services.subjects import include

DECLINED = "nsp"
"""The one status that a participant may give a question: he'd rather not say."""


@dataclass(frozen=True)
class Asked:
    """The sheet of a visit as it is now."""

    sheet: Sheet
    subject: Subject | None
    entry: Entry | None
    cut: cutting.Cut
    version: int


def asked(guest: Guest) -> Asked:
    """Only what the questionnaire asks: the rest of the form and of the casebook stays on the server."""
    form, sheet = guest.questionnaire.form, Sheet(guest.questionnaire.event)
    subject = guest.invitation.subject if guest.invitation else None
    definition = form.published.loaded
    entry = None
    if subject is not None:
        entry = Entry.objects.filter(subject=subject, form=form, event=sheet.event, page="", instance=1).first()
        if entry is not None and entry.removed_at is not None:
            raise Shut("locked")
        context = context_of(subject, form=form, definition=definition, sheet=sheet)
    else:
        context = engine.Context(now=local(), event=sheet.event)
    values = keeping.known(definition, entry.values) if entry else {}
    notes = (entry.notes if entry else None) or {}
    title = guest.questionnaire.texts.get("title") or {}
    pages = [key for key in guest.questionnaire.pages if is_there(definition, sheet, key)]
    found = cutting.cut(definition, pages, values, context, notes, title)
    return Asked(sheet, subject, entry, found, form.published.number)


def is_there(definition: engine.Definition, sheet: Sheet, key: str) -> bool:
    """Whether the published version still asks this page there, in a way that participants can be asked."""
    return any(page.key == key for page in definition.pages_of(sheet.event)) and cutting.askable(definition, key)


def shown(one: Asked) -> dict[str, Any]:
    """What the browser must know of it: no history, no number, nobody's name."""
    held = locks.holding(one.subject, one.sheet, one.entry) if one.subject is not None else None
    own = {item["key"] for page in one.cut.definition["pages"] for group in page["groups"] for item in group["items"]}
    notes = (one.entry.notes if one.entry else None) or {}
    return {
        "definition": one.cut.definition,
        "version": one.version,
        "follows": one.cut.follows,
        "revision": one.entry.revision if one.entry else 0,
        "values": one.cut.values,
        "notes": {
            place: {"status": DECLINED}
            for place, note in notes.items()
            if place.rpartition(".")[2] in own and note.get("status") == DECLINED
        },
        "complete": [],
        "locked": bool(held and held.all),
        "held": {
            "pages": [page["key"] for page in one.cut.definition["pages"] if held and page["key"] in held.pages],
            "items": sorted(held.items & own) if held else [],
        },
        "saved": {"by": "", "at": one.entry.updated_at.isoformat()} if one.entry else None,
        "context": {
            "now": moments.write(local()),
            "subject": "",
            "site": "",
            "arm": "",
            "event": one.sheet.event,
            "page": "",
            "instance": 1,
            "base": {},
            "copies": {},
            "others": {},
        },
    }


@script_failures.told
@transaction.atomic
def keep_answers(
    guest: Guest, base: int, values: Mapping[str, Any], notes: Mapping[str, Any], shown: int | None
) -> Guest:
    """Keep what he has answered so far, as a draft. Raises Shut, Invalid, Conflict."""
    held = held_visit(guest)
    keep(held, base, values, notes, shown, complete=False)
    guests.prolong(held)
    return held


@script_failures.told
@transaction.atomic
def send_answers(
    guest: Guest, base: int, values: Mapping[str, Any], notes: Mapping[str, Any], shown: int | None
) -> Guest:
    """Keep his last answers, complete every page, and end the visit. Raises Shut, Invalid with every lack, Conflict."""
    held = held_visit(guest)
    keep(held, base, values, notes, shown, complete=True)
    now = timezone.now()
    assert held.invitation is not None
    Invitation.objects.filter(pk=held.invitation.pk).update(answered_at=now, mail_at=None)
    audit.record(Respondent(), "ecrf.participant_answered", held.invitation, questionnaire=held.questionnaire.name)
    if not held.is_kiosk:
        guests.end(held)
    AccessLink.objects.filter(invitation=held.invitation, kind=AccessLink.Kind.RETURN, revoked_at=None).update(
        revoked_at=now
    )
    return held


@transaction.atomic
def return_code(guest: Guest, *, mailed: bool = False) -> dict[str, Any]:
    """A code to go on with elsewhere, in place of the one before; sent to his address too, if he wants. Raises Shut."""
    held = held_visit(guest)
    if held.invitation is None or held.is_kiosk:
        raise Shut("ended")
    links = AccessLink.objects.filter(invitation=held.invitation, kind=AccessLink.Kind.RETURN, revoked_at=None)
    links.update(revoked_at=timezone.now())
    code = tokens.return_code()
    digest = tokens.keyed(tokens.plain(code), "return")
    AccessLink.objects.create(invitation=held.invitation, kind=AccessLink.Kind.RETURN, digest=digest)
    person = Participant.objects.filter(subject=held.invitation.subject).select_related("subject__project").first()
    mailed = mailed and person is not None and person.is_mailed
    if mailed and person is not None:
        mailing.return_mail(held.questionnaire, person, code).send()
    return {"code": code, "mailed": mailed}


def held_visit(guest: Guest) -> Guest:
    """The visit, held until the transaction ends, if it lasts and its questionnaire takes answers."""
    rows = Guest.objects.select_for_update(of=("self",)).select_related(*guests.GUEST, *guests.INVITED)
    held = rows.get(pk=guest.pk)
    if held.invitation is not None:  # whoever withdraws it waits for this save, or this save sees that he has
        Invitation.objects.select_for_update(of=("self",)).get(pk=held.invitation.pk)
        held.invitation.refresh_from_db(fields=["revoked_at", "answered_at", "closes_at"])
    guests.require_lasting(held)
    if not held.is_proved:
        raise Shut("ended")
    return held


def keep(
    guest: Guest,
    base: int,
    values: Mapping[str, Any],
    notes: Mapping[str, Any],
    shown: int | None,
    *,
    complete: bool,
) -> None:
    if guest.invitation is None:
        if not values and not notes and not complete:
            return
        join(guest)
    assert guest.invitation is not None
    subject, form = guest.invitation.subject, guest.questionnaire.form
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    one = asked(guest)
    refuse_strangers(one, guest, values, notes)
    values = {key: with_cells(one, key, value) for key, value in values.items()}
    pages = [page["key"] for page in one.cut.definition["pages"]]
    options: dict[str, Any] = {
        "sheet": one.sheet,
        "notes": notes,
        "reason": "",
        "shown": shown,
        "source": Source.PARTICIPANT,
        "said_at": None,
        "complete": dict.fromkeys(asked_after(guest, one, values, notes), True) if complete else {},
    }
    base = rebased(one, pages, form.published.loaded, base)
    try:
        try:
            with transaction.atomic():
                entries.keep(Respondent(), subject, form, base, values, draft=not complete, **options)
        except ScriptFailed as failed:  # on a page of the study's own: he is told that nothing was saved, and no more
            raise failed.told_as([Fault("", "script", messages.words("hidden_page", {}))]) from None
        except Invalid as error:
            if not complete or any(is_own(form.published.loaded, pages, fault) for fault in error.faults):
                raise Invalid(
                    [fault for fault in error.faults if is_own(form.published.loaded, pages, fault)]
                ) from None
            # what is wrong lies on a page of the study's own: it stays there to be looked at, and isn't his business
            entries.keep(Respondent(), subject, form, base, values, draft=True, **options)
    except Conflict as error:
        if error.code in ("locked", "removed"):
            raise Shut("locked") from None
        raise Conflict(_("Some answers were changed elsewhere: look through them."), error.code) from None
    Invitation.objects.filter(pk=guest.invitation.pk, begun_at=None).update(begun_at=timezone.now())


def asked_after(guest: Guest, one: Asked, values: Mapping[str, Any], notes: Mapping[str, Any]) -> list[str]:
    """The pages that ask something once these answers are there: those are to be complete.

    One that is entered twice waits until both entries are one, and lacks nothing before. Raises Invalid.
    """
    definition = guest.questionnaire.form.published.loaded
    assert one.subject is not None
    stored = keeping.known(definition, one.entry.values) if one.entry else {}
    held = {**((one.entry.notes if one.entry else None) or {}), **notes}
    context = context_of(one.subject, form=guest.questionnaire.form, definition=definition, sheet=one.sheet)
    state = engine.evaluate(definition, {**stored, **values}, context, notes=held)
    shown = [key for key in guest.questionnaire.pages if key in state.pages and state.pages[key].shown]
    waiting = double_plans.waiting_pages(double_plans.plan_of(guest.questionnaire.form), one.entry, shown)
    _states, lacks = keeping.page_states(definition, state, {}, dict.fromkeys(waiting, True))
    if lacks:
        raise Invalid(lacks)
    return [key for key in shown if key not in waiting]


def refuse_strangers(one: Asked, guest: Guest, values: Mapping[str, Any], notes: Mapping[str, Any]) -> None:
    """He writes what he is asked and nothing else, whatever his browser sends. Raises Invalid."""
    wrong = [key for key in values if key not in one.cut.keys]
    for key in values.keys() & one.cut.cells.keys():
        rows = values[key] if isinstance(values[key], list) else []
        wrong += [key for row in rows if not isinstance(row, dict) or not row.keys() <= one.cut.cells[key]]
    for place, note in notes.items():
        found = noting.PLACE.fullmatch(place)
        mine = found is not None and found[3] in (one.cut.cells.get(found[1], ()) if found[1] else one.cut.keys)
        declined = note is None or (guest.questionnaire.may_decline and note == {"status": DECLINED})
        if not (mine and declined):
            wrong.append(place)
    if wrong:
        words = messages.words("unknown_variable", {})
        raise Invalid([Fault(str(key)[:100], "unknown_variable", words) for key in wrong[:20]])


def with_cells(one: Asked, key: str, value: Any) -> Any:
    """Rows with what the team holds in them and he isn't asked, which his browser never had."""
    if key not in one.cut.cells or not isinstance(value, list):
        return value
    stored: Any = (one.entry.values.get(key) if one.entry else None) or []
    beside = [{name: row[name] for name in row.keys() - one.cut.cells[key]} for row in stored]
    return [{**(beside[number] if number < len(beside) else {}), **row} for number, row in enumerate(value)]


def rebased(one: Asked, pages: list[str], definition: engine.Definition, base: int) -> int:
    """The revision to save on: what the team changed elsewhere on the sheet meanwhile is no matter to him."""
    revision = one.entry.revision if one.entry else 0
    if one.entry is None or base >= revision:
        return base
    since = Fragment.objects.filter(entry=one.entry, number__gt=base).defer("values", "notes")
    touched = {place for fragment in since for place in (*fragment.keys, *fragment.noted)}
    return base if keeping.pages_of(definition, touched) & set(pages) else revision


def is_own(definition: engine.Definition, pages: list[str], fault: Fault) -> bool:
    key = fault.place.partition("[")[0]
    return fault.place == "" or keeping.page_of(definition, key) in pages


def join(guest: Guest) -> None:
    """A new subject of the site, for who came by the public link and has answered something. Raises Shut."""
    asked_for = guest.questionnaire
    type(asked_for).objects.select_for_update(of=("self",)).get(pk=asked_for.pk)
    guests.require_place(asked_for)
    site = Site.objects.get(questionnaires=asked_for)
    subject = include(Respondent(), site)
    made = schedule.invitation(asked_for, subject, timezone.now(), Origin.PUBLIC, None)
    guest.invitation = made
    Guest.objects.filter(pk=guest.pk).update(invitation=made)
