"""A subject's casebook as it is put on paper: what his records hold, without what its reader may not have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from core import access
from ecrf import engine, permissions, rights
from ecrf.engine.exchange.records import Change, Record
from ecrf.engine.exchange.records import Signature as Signed
from ecrf.engine.narrowing import names_of
from ecrf.engine.paper.casebook import Asked, Casebook
from ecrf.models import Entry, Form, Fragment, Query, Signature, Subject
from ecrf.services.keeping import known
from ecrf.services.pictures import pictures

if TYPE_CHECKING:
    from core.access.scope import Actor

FREE = frozenset({"text", "date", "datetime", "partial_date"})
"""What a reader of pages without identities doesn't get: words of others, and days as they were."""


def may_identify(actor: Actor, subject: Subject) -> bool:
    """Whether the reader may have on paper who the person is: whoever may export it."""
    return access.can(actor, permissions.EXPORT, subject.project)


def casebook(
    actor: Actor, subject: Subject, form: Form, *, language: str, identifiers: bool, history: bool, at: datetime
) -> Casebook:
    """Everything of the subject in the form that the reader may take away."""
    definition = form.published.loaded
    hidden = rights.of(actor, form, subject.site).hidden
    entries = sheets(actor, subject, form, definition, hidden)
    left_out, without, whole = kept_back(actor, form, subject, definition, identifiers=identifiers)
    return Casebook(
        definition=definition,
        language=language,
        study=subject.project.name,
        version=form.published.number,
        at=timezone.localtime(at).replace(second=0, microsecond=0),
        subject=subject.number,
        site=subject.site.name,
        arm=arm_of(definition, subject, language),
        records=[record(form, definition, entry, history=history) for entry in entries],
        printed_by=str(actor),
        queries={(entry.event, entry.page, entry.instance): list(asked(actor, entry)) for entry in entries},
        history=history,
        left_out=left_out,
        hidden=hidden,
        without=without,
        identifiers=whole,
    )


def sheets(
    actor: Actor, subject: Subject, form: Form, definition: engine.Definition, hidden: frozenset[str]
) -> list[Entry]:
    """The records of which the actor reads a page, in the order of the study."""
    found = Entry.objects.visible_to(actor).filter(subject=subject, form=form, removed_at=None, revision__gt=0)
    rows = list(found.select_related("subject__project", "subject__site", "version"))
    events = {key: place for place, key in enumerate(definition.events)}
    pages = {page.key: place for place, page in enumerate(definition.pages)}
    here = [
        entry
        for entry in rows
        if definition.has_sheet(entry.sheet)
        and any(page.key not in hidden for page in definition.pages_of(entry.event, entry.page))
    ]
    return sorted(here, key=lambda one: (events.get(one.event, 0), pages.get(one.page, -1), one.instance))


def kept_back(
    actor: Actor, form: Form, subject: Subject, definition: engine.Definition, *, identifiers: bool
) -> tuple[list[str], frozenset[str], bool]:
    """Pages that he reads and questions that he may not have, and whether those that identify are there."""
    held = rights.of(actor, form, subject.site)
    levels = {page.key: held.exported(page.key) for page in definition.pages}
    whole = identifiers and may_identify(actor, subject)
    without = {
        item.key
        for item in definition.items.values()
        if (item.spec.get("identifier") and not (whole and levels[item.page] == "full"))
        or (levels[item.page] == "deidentified" and item.kind in FREE)
    }
    hides = any(
        item.spec.get("identifier") and held.reads(item.page)
        for item in definition.items.values()
        if item.key in without
    )
    left_out = [key for key, level in levels.items() if level == "none" and held.reads(key)]
    return left_out, frozenset(without) | names_of(definition, held.hidden), not hides


def arm_of(definition: engine.Definition, subject: Subject, language: str) -> str:
    """The way through the study that visits depend on; the arm of a randomisation stands nowhere here."""
    arms = {arm["key"]: arm["title"] for arm in definition.data.get("arms", ())}
    return definition.text(arms.get(subject.arm), language)


def record(form: Form, definition: engine.Definition, entry: Entry, *, history: bool) -> Record:
    values = known(definition, entry.values)
    return Record(
        subject=entry.subject.number,
        site=entry.subject.site.code,
        event=entry.event,
        page=entry.page,
        instance=entry.instance,
        values=values,
        notes=entry.notes or {},
        audit=list(changes(entry)) if history else [],
        pages={key: "complete" if page["complete"] else "incomplete" for key, page in begun(entry).items()},
        signatures=[
            Signed(one.page, str(one.signer), entry.subject.site.code, moment(one.created_at), one.meaning)
            for one in Signature.objects.filter(entry=entry, undone_at=None).select_related("signer")
        ],
        files=pictures(entry.subject, form, definition, values),
        version=entry.version.number,
        saved_at=moment(entry.updated_at),
    )


def begun(entry: Entry) -> dict[str, dict[str, int | bool]]:
    return {key: page for key, page in entry.pages.items() if page["complete"] or page["answered"]}


def changes(entry: Entry) -> Iterable[Change]:
    fragments = Fragment.objects.filter(entry=entry).select_related("author", "entry__subject").order_by("number")
    for fragment in fragments:
        who = str(fragment.author or _("the participant"))
        for key in fragment.keys:
            yield Change(key, fragment.values.get(key), who, "", moment(fragment.created_at), fragment.reason)


def asked(actor: Actor, entry: Entry) -> Iterable[Asked]:
    """The queries on a record, with what was said."""
    rows = (
        Query.objects.visible_to(actor).filter(entry=entry).prefetch_related("messages__author").order_by("created_at")
    )
    for query in rows:
        place = f"{query.row}.{query.item}" if query.row else query.item
        said = [
            (str(one.author or _("the suite")), moment(one.created_at), one.text)
            for one in query.messages.all()
            if one.text
        ]
        yield Asked(place, query.state, said)


def moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")
