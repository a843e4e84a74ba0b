"""Which records an export holds, and what of each: chosen, evaluated, and without what may not leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from core import vault
from core.access.models import Site
from ecrf import engine
from ecrf.engine.coding import coded_items
from ecrf.engine.exchange.records import PageStatus, Record
from ecrf.engine.exports import coded
from ecrf.engine.exports.leaving import Leaving, Level, code_leaves, definition_without, leaves, weeks
from ecrf.engine.exports.reading import Sheets
from ecrf.models import Entry, Form
from ecrf.permissions import EXPORTS
from ecrf.services.contexts import context_of
from ecrf.services.dictionaries import usable_in
from ecrf.services.exports import levels, marks
from ecrf.services.exports.beside import Beside
from ecrf.services.exports.choices import Choices
from ecrf.services.exports.faithful import as_it_came, told_pages
from ecrf.services.exports.rows import Row, casebooks

if TYPE_CHECKING:
    from core.access.scope import Actor

TOGETHER = 500
"""Entries whose signatures, locks and history are asked for at once."""


@dataclass
class Selection:
    """What one actor may export of a form by these choices; counts and marks fill while `records` is read."""

    actor: Actor
    form: Form
    choices: Choices
    before: Mapping[UUID, bytes] = field(default_factory=dict)
    """The marks of the export since which it is; empty where it is no such."""
    faithful: bool = False
    """Whether what came from a file, and that nobody saved since, is told as that file told it."""
    codes: bool = True
    """Whether what texts were coded as comes along, as questions of their own."""
    marks: dict[UUID, bytes] = field(default_factory=dict)
    read: dict[UUID, int] = field(default_factory=dict)
    """Every entry that was looked at, and its revision."""
    subjects: int = 0
    records: int = 0

    def __post_init__(self) -> None:
        self.source = self.form.published.loaded
        sites = self.places()
        wanted = set(self.choices.sites)
        self.sites: dict[Any, Site] = {site.pk: site for site in sites if not wanted or site.code in wanted}
        self.levels = {pk: self.level_of(site) for pk, site in self.sites.items()}
        chosen = set(self.choices.only)
        for pages in self.levels.values():
            pages |= dict.fromkeys((page for page in pages if chosen and page not in chosen), "none")
        self._sheets = Sheets(self.source)
        self._codes = self.coded() if self.codes else {}
        self._leavings: dict[Any, Leaving] = {}
        self._plain = {pk: self.keeps_all(pages) for pk, pages in self.levels.items()}

    def coded(self) -> coded.Names:
        """The questions of the codes that leave from some site."""
        if not (dictionaries := set(coded_items(self.source).values())):
            return {}
        known = usable_in(self.form.project).filter(key__in=dictionaries).exclude(levels=[])
        found = coded.names(self.source, set(known.values_list("key", flat=True)))
        return {
            key: own
            for key, own in found.items()
            if any(code_leaves(item := self.source.items[key], pages[item.page]) for pages in self.levels.values())
        }

    def places(self) -> list[Site]:
        return levels.sites_of(self.actor, self.form)

    def level_of(self, site: Site) -> dict[str, Level]:
        """What leaves of each page at a site."""
        return levels.of_pages(self.actor, self.form, site, self.choices.level)

    def everything(self) -> Any:
        """The entries that he may export something of."""
        rows = Entry.objects.none()
        for code in EXPORTS:
            rows |= Entry.objects.visible_to(self.actor, code)
        return rows.filter(form=self.form)

    def keeps_all(self, pages: Mapping[str, Level]) -> bool:
        """Whether a record of the site leaves as it is."""
        return all(leaves(item, pages[item.page]) for item in self.source.items.values()) and not any(
            level == "deidentified" for level in pages.values()
        )

    @property
    def definition(self) -> engine.Definition:
        """The form without what is exported from no site. Raises Refused where nothing of it is."""
        items = self.source.items.values()
        kept = {item.key for item in items for pages in self.levels.values() if leaves(item, pages[item.page])}
        told = {key for own in self._codes.values() for key in own.values()}
        return definition_without(coded.with_codes(self.source, self._codes), frozenset(kept | told))

    @property
    def held(self) -> dict[str, dict[str, Level]]:
        """Site -> page -> level, of what leaves."""
        return {
            str(pk): {page: level for page, level in pages.items() if level != "none"}
            for pk, pages in self.levels.items()
        }

    def entries(self) -> Any:
        chosen = self.everything().filter(removed_at=None, subject__site__in=list(self.sites))
        return chosen.filter(event__in=list(self.choices.events)) if self.choices.events else chosen

    def all(self, report: Callable[[int], None] = lambda count: None) -> Iterator[Record]:
        """Every record that leaves; `report` hears how many entries were looked at."""
        beside = Beside(self.form, history=self.choices.history, coded=bool(self._codes), with_files=self.choices.files)
        batch: list[list[Row]] = []
        waiting = 0
        books = casebooks(self.entries(), self.form.project_id, self.sites, self.source, traces=self.faithful)
        for book in books:
            batch.append(book)
            waiting += len(book)
            if waiting >= TOGETHER:
                yield from self.of_batch(batch, beside)
                report(len(self.read))
                batch, waiting = [], 0
        yield from self.of_batch(batch, beside)
        report(len(self.read))

    def of_batch(self, batch: list[list[Row]], beside: Beside) -> Iterator[Record]:
        beside.look_up([row for book in batch for row in book])
        for book in batch:
            found = 0
            for row in book:
                if (record := self.record(row, book, beside)) is not None:
                    found += 1
                    yield record
            self.records += found
            self.subjects += bool(found)

    def record(self, row: Row, book: list[Row], beside: Beside) -> Record | None:
        self.read[row.pk] = row.revision
        pages = self.pages_of(row, beside)
        site = row.subject.site
        kept = {page: state for page, state in pages.items() if self.levels[site.pk].get(page) != "none"}
        if not kept:
            return None
        mark = marks.sign(row.revision, self.form.published.number, kept)
        old = self.before.get(row.pk)
        if self.choices.since and (
            old == mark
            or (self.choices.changes == "new" and old is not None)
            or (self.choices.changes == "changed" and old is None)
        ):
            return None
        self.marks[row.pk] = mark
        record = self.evaluated(row, book, kept, beside)
        left: Record | None = record
        if not self._plain[site.pk] or len(kept) < len(pages) or self.choices.pages != "all":
            left = self.leaving(row, frozenset(kept)).of(record)
        if left is not None and left.codes:
            coded.tell(left, self._codes)
        return left

    def pages_of(self, row: Row, beside: Beside) -> dict[str, PageStatus]:
        """The pages of a sheet that are in the state that was asked for, and how far they are."""
        asked = [page.key for page in self.source.pages_of(row.event, row.page)]
        complete = {page for page in asked if row.pages.get(page, {}).get("complete")}
        wanted = set(asked)
        if self.choices.pages == "complete":
            wanted = complete
        elif self.choices.pages == "signed":
            wanted = beside.signed(row.pk)
        elif self.choices.pages == "locked":
            wanted = beside.locked(row, asked)
        return {page: "complete" if page in complete else "incomplete" for page in asked if page in wanted}

    def evaluated(self, row: Row, book: list[Row], kept: Mapping[str, PageStatus], beside: Beside) -> Record:
        subject = row.subject

        def context() -> engine.Context:
            return context_of(
                cast("Any", subject),
                row.updated_at,
                form=self.form,
                definition=self.source,
                sheet=row.sheet,
                casebook=cast("Any", book),
            )

        values, shown = self._sheets.shown_values(row.values, row.notes, context, row.event, row.page)
        if row.trace:
            values = as_it_came(self.source, row)
        complete = frozenset(page for page, state in kept.items() if state == "complete")
        self._sheets.with_boxes(values, shown, complete, row.notes)
        told = {page: state for page, state in kept.items() if state == "complete" or asks(row, page)}
        pages = told_pages(self.source, row, values, kept) if self.faithful else told
        return Record(
            subject=subject.number,
            site=subject.site.code,
            event=row.event,
            page=row.page,
            instance=row.instance,
            values=values,
            notes=self.notes(row, shown),
            audit=beside.changes(row),
            pages=pages,
            signatures=[one for one in beside.signatures(row.pk) if one.page in kept],
            version=row.version,
            saved_at=row.updated_at.isoformat(),
            created_at=row.created_at.isoformat(),
            codes=beside.codes(row, values),
            files=beside.files(row, values),
            spelt={key: text for key, text in row.trace.get("spelt", {}).items() if key in values},
        )

    def notes(self, row: Row, shown: frozenset[str]) -> dict[str, dict[str, Any]]:
        """What is said of questions that are shown; locks of fields aren't exported."""
        found = {}
        for place, note in row.notes.items():
            said = {name: note[name] for name in ("status", "comment") if note.get(name)}
            if said and place in shown:
                found[place] = said
        return found

    def leaving(self, row: Row, kept: frozenset[str]) -> Leaving:
        site, subject = row.subject.site, row.subject
        hidden = self.choices.level == "deidentified" or "deidentified" in self.levels[site.pk].values()
        key = (site.pk, kept, subject.pk if hidden else None)
        if key not in self._leavings:
            if hidden:
                self._leavings.clear()
            pages = {page: level for page, level in self.levels[site.pk].items() if page in kept}
            shift, pseudonym = None, ""
            if hidden:
                shift = timedelta(weeks=weeks(vault.blind_index(self.form.project, str(subject.pk), SHIFT)))
                pseudonym = f"P-{vault.blind_index(self.form.project, str(subject.pk), PSEUDONYM)[:12].upper()}"
            self._leavings[key] = Leaving(self.source, pages, shift, pseudonym)
        return self._leavings[key]


def asks(row: Row, page: str) -> bool:
    """Whether the page asked anything when the record was saved."""
    return bool(row.pages.get(page, {}).get("shown", 1))


SHIFT, PSEUDONYM = "ecrf.export.shift", "ecrf.export.subject"
"""What the secret numbers of a participant are for; of one project always the same, of another always others."""
