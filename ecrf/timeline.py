"""Everything of one subject in time, newest first: nine queries, no value opened, only what the reader may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecrf import engine, randomised, rights, visiting
from ecrf.models import Entry, Form, Fragment, Level, Lock, Query, Signature, Subject, Visit
from ecrf.models.entries import THE_PARTICIPANT, sheet_url
from ecrf.models.forms import reader_language
from ecrf.services.keeping import pages_of

if TYPE_CHECKING:
    from core.access.scope import Actor

KINDS: Mapping[str, Any] = {
    "subject": gettext_lazy("Inclusion and randomisation"),
    "visit": gettext_lazy("Visits"),
    "save": gettext_lazy("Data entry"),
    "query": gettext_lazy("Queries"),
    "lock": gettext_lazy("Locks"),
    "signature": gettext_lazy("Signatures"),
    "removal": gettext_lazy("Removals"),
}


@dataclass(frozen=True)
class Moment:
    """One thing that happened, or a visit that is due."""

    at: datetime
    kind: str
    icon: str
    text: str
    who: str = ""
    url: str = ""
    is_day: bool = False
    """Known by its day only."""

    @property
    def is_ahead(self) -> bool:
        return self.at > timezone.now()


class Timeline:
    """The moments of a subject, as this reader may know them."""

    def __init__(self, actor: Actor, subject: Subject, forms: Sequence[Form]) -> None:
        self.actor, self.subject = actor, subject
        self.forms = {form.pk: form for form in forms}
        self.language = reader_language()
        self.rights = {form.pk: rights.of(actor, form, subject.site) for form in forms}
        entries = Entry.objects.filter(subject=subject, form__in=forms).defer("values", "notes", "title", "marks")
        self.entries = {one.pk: one for one in entries.select_related("removed_by")}
        for one in self.entries.values():
            one.subject, one.form = subject, self.forms[one.form_id]

    def moments(self, kind: str = "") -> list[Moment]:
        parts = {
            "subject": self.inclusion,
            "visit": self.visits,
            "save": self.saves,
            "query": self.queries,
            "lock": self.locks,
            "signature": self.signatures,
            "removal": self.removals,
        }
        wanted = [parts[kind]] if kind in parts else list(parts.values())
        return sorted((one for part in wanted for one in part()), key=lambda one: one.at, reverse=True)

    def definition(self, form: Any) -> engine.Definition:
        return self.forms[form].published.loaded

    def sheet(self, entry: Entry) -> str:
        """The event of a record and its instance, in words."""
        definition = self.definition(entry.form_id)
        event = definition.events.get(entry.event)
        title = definition.text(event.title, self.language) if event else str(entry.form)
        return f"{title} {entry.instance}" if entry.instance > 1 else title

    def page(self, form: Any, key: str) -> str:
        definition = self.definition(form)
        title = next((page.title for page in definition.pages if page.key == key), None)
        return definition.text(title, self.language) or key

    def inclusion(self) -> Iterator[Moment]:
        who = str(self.subject.included_by or THE_PARTICIPANT)
        yield Moment(self.subject.created_at, "subject", "user-plus", _("Included"), who)
        for scheme in randomised.schemes_of(self.actor, self.subject.project):
            for one in randomised.allocations_of(self.actor, scheme).filter(subject=self.subject):
                text = _("Randomised: %(scheme)s") % {"scheme": scheme.name}
                yield Moment(one.created_at, "subject", "arrows-split-2", text, str(one.by))

    def visits(self) -> Iterator[Moment]:
        for one in Visit.objects.filter(subject=self.subject, form__in=self.forms):
            definition, day = self.definition(one.form_id), one.actual or one.due
            if day is None:
                continue
            event = definition.events.get(one.event)
            told = {"visit": definition.text(event.title, self.language) if event else one.event}
            look = visiting.LOOKS[visiting.state_of(one, timezone.localdate())]
            text = _("Visit “%(visit)s”: %(state)s") % {**told, "state": str(look.word).lower()}
            at = timezone.make_aware(datetime.combine(day, time(12)))
            sheet = engine.Sheet(one.event, "", one.instance)
            url = sheet_url("entry", self.subject, self.forms[one.form_id].key, sheet)
            yield Moment(at, "visit", look.icon, text, url=url, is_day=True)

    def saves(self) -> Iterator[Moment]:
        rows = Fragment.objects.filter(entry__in=list(self.entries)).select_related("author")
        for one in rows.defer("values", "notes", "salt"):
            entry = self.entries[one.entry_id]
            definition = self.definition(entry.form_id)
            pages = pages_of(definition, [*one.keys, *one.noted])
            read = [key for key in sorted(pages) if self.rights[entry.form_id].reads(key)]
            if pages and not read:
                continue
            names = ", ".join(self.page(entry.form_id, key) for key in read)
            text = _("Saved: %(what)s") % {"what": " · ".join(filter(None, [self.sheet(entry), names]))}
            url = f"{sheet_url('history', self.subject, entry.form.key, entry.sheet)}"
            yield Moment(one.created_at, "save", "device-floppy", text, str(one.author or THE_PARTICIPANT), url)

    def queries(self) -> Iterator[Moment]:
        rows = Query.objects.filter(entry__in=list(self.entries)).select_related("opened_by", "closed_by")
        for one in rows:
            entry = self.entries[one.entry_id]
            if one.page and not self.rights[entry.form_id].reads(one.page):
                continue
            one.entry = entry
            place = " · ".join(
                filter(None, [self.sheet(entry), self.page(entry.form_id, one.page) if one.page else ""])
            )
            url = one.get_absolute_url()
            opened = _("Query opened: %(what)s") % {"what": place}
            yield Moment(one.created_at, "query", "message-question", opened, str(one.opened_by or ""), url)
            if one.closed_at:
                closed = _("Query closed: %(what)s") % {"what": place}
                yield Moment(one.closed_at, "query", "message-check", closed, str(one.closed_by or ""), url)

    def locks(self) -> Iterator[Moment]:
        for one in Lock.objects.filter(subject=self.subject).select_related("by", "released_by"):
            entry = self.entries.get(one.entry_id) if one.entry_id else None
            if entry is not None and one.page and not self.rights[entry.form_id].reads(one.page):
                continue
            told = {"what": " · ".join(filter(None, [str(Level(one.level).label), one.event, one.page]))}
            yield Moment(one.starts_at, "lock", "lock", _("Locked: %(what)s") % told, str(one.by))
            if one.released_at:
                text = _("Released: %(what)s") % told
                yield Moment(one.released_at, "lock", "lock-open", text, str(one.released_by))

    def signatures(self) -> Iterator[Moment]:
        rows = Signature.objects.filter(entry__in=list(self.entries)).select_related("signer", "undone_by")
        for one in rows:
            entry = self.entries[one.entry_id]
            if not self.rights[entry.form_id].reads(one.page):
                continue
            told = {"what": f"{self.sheet(entry)} · {self.page(entry.form_id, one.page)}"}
            url = sheet_url("entry", self.subject, entry.form.key, entry.sheet, page=one.page)
            yield Moment(one.created_at, "signature", "signature", _("Signed: %(what)s") % told, str(one.signer), url)
            if one.undone_at:
                text = _("Signature undone: %(what)s") % told
                yield Moment(one.undone_at, "signature", "signature-off", text, str(one.undone_by), url)

    def removals(self) -> Iterator[Moment]:
        for one in self.entries.values():
            if one.removed_at:
                text = _("Removed: %(what)s") % {"what": self.sheet(one)}
                yield Moment(one.removed_at, "removal", "trash", text, str(one.removed_by))
