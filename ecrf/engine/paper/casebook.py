"""What was entered for one subject, on paper: values, remarks, signatures, queries and, where asked, history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.evaluation import evaluate
from ecrf.engine.exchange.records import File, Record, Signature
from ecrf.engine.expressions import references
from ecrf.engine.items import Group, Item, Page
from ecrf.engine.paper.images import drawable
from ecrf.engine.paper.press import Press, pdf
from ecrf.engine.paper.tongue import Tongue
from ecrf.engine.state import Context, Evaluated


@dataclass(frozen=True)
class Asked:
    """A query on a record: its place, its state, and what was said, in order."""

    place: str
    state: str
    said: Sequence[tuple[str, str, str]]
    """Who, when (ISO 8601), and the words."""


@dataclass(frozen=True)
class Casebook:
    """`records` are those of one subject, in the order of the study, without what its reader may not have."""

    definition: Definition
    language: str
    study: str
    version: int
    at: datetime
    subject: str
    site: str
    records: Sequence[Record]
    arm: str = ""
    printed_by: str = ""
    queries: Mapping[tuple[str, str, int], Sequence[Asked]] = field(default_factory=dict)
    """By event, page and instance of their record."""
    history: bool = False
    left_out: Sequence[str] = ()
    """The keys of pages that its reader may not have, which is said."""
    hidden: frozenset[str] = frozenset()
    """The keys of pages of which he may not even know."""
    without: frozenset[str] = frozenset()
    """The keys of questions that he may not have; what is computed from them for lists is left out too."""
    identifiers: bool = True
    """Whether questions that tell who the person is are among the others."""


def casebook_pdf(book: Casebook, press: Press | None = None) -> bytes:
    """The PDF. Raises press.Unset."""
    made, images = values(book)
    return press.pdf("casebook.typ", made, book.at, images) if press else pdf("casebook.typ", made, book.at, images)


def values(book: Casebook) -> tuple[dict[str, Any], dict[str, bytes]]:
    tongue = Tongue(book.definition, book.language)
    writer = Writer(tongue, book)
    title = tongue.text(book.definition.data["title"])
    when = tongue.moment(book.at)
    made = tongue.word("made_by", when=when, who=book.printed_by) if book.printed_by else tongue.word("made", when=when)
    facts = [(tongue.word("form_version"), title), (tongue.word("site"), book.site), (tongue.word("arm"), book.arm)]
    remarks = [] if book.identifiers else [tongue.word("without_identifiers")]
    if book.left_out:
        remarks.append(tongue.word("left_out", pages=", ".join(tongue.page(page) for page in book.left_out)))
    sheets = [writer.sheet(record) for record in book.records]
    data = {
        "language": tongue.base,
        "words": tongue.known,
        "title": f"{tongue.word('casebook')} {book.subject}",
        "head": {
            "left": book.study,
            "middle": title,
            "right": f"{book.subject} · {tongue.word('version', number=book.version)}",
        },
        "foot": made,
        "facts": [fact for fact in facts if fact[1]],
        "remarks": remarks if sheets else [*remarks, tongue.word("nothing_yet")],
        "sheets": sheets,
    }
    return data, writer.images


class Writer:
    def __init__(self, tongue: Tongue, book: Casebook) -> None:
        self.tongue, self.book, self.definition = tongue, book, book.definition
        self.images: dict[str, bytes] = {}

    def sheet(self, record: Record) -> dict[str, Any]:
        """One record: its pages, its queries, its history."""
        state = evaluate(self.definition, record.values, self.context(record), notes=record.notes, defaults=False)
        pages = [
            self.page(page, record, state)
            for page in self.definition.pages_of(record.event, record.page)
            if page.key in state.pages and page.items and not self.is_page_kept_back(page.key)
        ]
        asked = self.book.queries.get((record.event, record.page, record.instance), ())
        return {
            "title": self.title(record, state),
            "pages": pages,
            "queries": [self.query(one) for one in asked if not self.is_kept_back(one.place)],
            "history": list(self.history(record)) if self.book.history else [],
        }

    def title(self, record: Record, state: Evaluated) -> str:
        event = self.definition.events.get(record.event)
        words = [self.tongue.event(record.event)] if event else []
        if record.page:
            words += [self.tongue.page(record.page), self.tongue.word("instance", number=record.instance)]
            words += [title] if (title := self.called(state, record.page, self.page_title(record.page))) else []
        elif event and event.spec.get("repeats"):
            words.append(self.tongue.word("instance", number=record.instance))
        return " · ".join(words)

    def page_title(self, key: str) -> Any:
        spec = self.definition.page(key).spec
        return spec.get("summary", spec.get("row_title"))

    def called(self, state: Evaluated, place: str, node: Any) -> str:
        """What a copy or a row calls itself, unless that tells what its reader may not have."""
        kept_back = node is None or self.book.without.intersection(references(node))
        return "" if kept_back else state.titles.get(place, "")

    def is_page_kept_back(self, page: str) -> bool:
        return page in self.book.left_out or page in self.book.hidden

    def is_kept_back(self, place: str) -> bool:
        """Whether it is about something that its reader may not have."""
        key = place.partition("[")[0]
        item = self.definition.items.get(place.rpartition(".")[2]) or self.definition.items.get(key)
        page = item.page if item else self.definition.groups[key].page if key in self.definition.groups else ""
        return (item is not None and item.key in self.book.without) or self.is_page_kept_back(page)

    def context(self, record: Record) -> Context:
        """What the other records of the subject tell this one."""
        now = datetime.fromisoformat(record.saved_at) if record.saved_at else self.book.at
        base: Mapping[str, Any] = {}
        copies: dict[str, list[Mapping[str, Any]]] = {}
        others: dict[str, Mapping[str, Any]] = {}
        for one in sorted(self.book.records, key=lambda one: one.instance):
            if one is record:
                continue
            if one.event != record.event:
                if not one.page:
                    others.setdefault(one.event, one.values)
            elif one.page:
                copies.setdefault(one.page, []).append(one.values)
            else:
                base = one.values
        return Context(
            now=now.replace(tzinfo=None),
            subject=record.subject,
            site=record.site,
            arm=self.book.arm,
            event=record.event,
            page=record.page,
            instance=record.instance,
            base=base if record.page else {},
            copies=copies,
            others=others,
        )

    def page(self, page: Page, record: Record, state: Evaluated) -> dict[str, Any]:
        groups = [
            made
            for group in page.groups
            if (made := self.group(page, group, record, state)) and (made["lines"] or made["rows"])
        ]
        begun = page.key in record.pages or any(
            line["value"] or line["marks"] or line["comment"] for group in groups for line in self.all_lines(group)
        )
        status = record.pages.get(page.key, "incomplete") if begun else "not_filled"
        return {
            "title": self.tongue.page(page.key),
            "state": self.tongue.word(status),
            "is_complete": status == "complete",
            "groups": groups if begun else [],
            "signatures": [self.signature(one) for one in record.signatures if one.page == page.key],
        }

    def all_lines(self, group: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield from group["lines"]
        for row in group["rows"]:
            yield from row["lines"]

    def group(self, page: Page, group: Group, record: Record, state: Evaluated) -> dict[str, Any]:
        items = [item for item in page.items if item.group is group and item.kind != "output"]
        made: dict[str, Any] = {"title": self.tongue.text(group.spec.get("title")), "lines": [], "rows": []}
        if not group.repeat:
            made["lines"] = [self.line(item, item.key, state.values, record, state) for item in items]
        for number, row in enumerate(self.rows_of(state, group.repeat)):
            lines = [self.line(item, f"{group.repeat}[{number}].{item.key}", row, record, state) for item in items]
            title = self.called(state, f"{group.repeat}[{number}]", group.spec["repeat"].get("row_title"))
            called = f"{self.tongue.word('row')} {number + 1}" + (f" · {title}" if title else "")
            made["rows"].append({"title": called, "lines": [line for line in lines if line]})
        made["lines"] = [line for line in made["lines"] if line]
        return made

    def rows_of(self, state: Evaluated, key: str) -> list[Any]:
        rows = state.values.get(key) if key else None
        return list(rows) if isinstance(rows, list) else []

    def line(
        self, item: Item, place: str, values: Mapping[str, Any], record: Record, state: Evaluated
    ) -> dict[str, Any] | None:
        """Label, value and remarks; nothing for what isn't asked."""
        if place not in state.visible or item.spec.get("hidden") or item.key in self.book.without:
            return None
        note = record.notes.get(place) or {}
        stored = values.get(item.key)
        marks = [self.tongue.status(note["status"])] if note.get("status") else []
        marks += [self.tongue.word("locked")] if note.get("locked") else []
        return {
            "label": self.tongue.label(item.key),
            "value": self.tongue.value(item, stored),
            "image": self.image(item, stored, record.files),
            "marks": marks,
            "comment": note.get("comment") or "",
        }

    def image(self, item: Item, stored: Any, files: Mapping[str, File]) -> str:
        """The name of the drawing among the files of the paper, where the record carries it and it can be shown."""
        attachment = files.get(stored) if item.kind == "file" and isinstance(stored, str) else None
        if attachment is None or not (kind := drawable(content := attachment.content)):
            return ""
        name = f"image-{len(self.images)}.{kind}"
        self.images[name] = content
        return name

    def is_strange(self, key: str) -> bool:
        """Whether the form knows it no more: then nobody can say whether it may be told."""
        return bool(key) and key not in self.definition.groups

    def whole(self, rows: Any) -> Any:
        """Rows without the cells that its reader may not have."""
        if not isinstance(rows, list):
            return rows
        return [{key: cell for key, cell in row.items() if key not in self.book.without} for row in rows]

    def signature(self, one: Signature) -> dict[str, str]:
        said = self.tongue.word("signed", who=one.user, when=self.tongue.iso(one.at))
        return {"meaning": one.meaning, "said": said}

    def query(self, one: Asked) -> dict[str, Any]:
        return {
            "place": self.place(one.place),
            "state": self.tongue.known.get(f"query.{one.state}", one.state),
            "said": [{"who": who, "when": self.tongue.iso(at), "text": text} for who, at, text in one.said],
        }

    def place(self, place: str) -> str:
        """``meds[1].dose`` in words."""
        group, bracket, rest = place.partition("[")
        if not bracket:
            return self.tongue.label(place) if place else self.tongue.word("whole_record")
        number, _, key = rest.partition("].")
        row = self.tongue.word("rows_of", name=self.tongue.label(group), number=int(number.rstrip("]") or 0) + 1)
        return f"{row}: {self.tongue.label(key)}" if key else row

    def history(self, record: Record) -> Iterator[dict[str, str]]:
        """Every change in the order in which it came."""
        for change in sorted(record.audit, key=lambda change: change.at):
            item = self.definition.items.get(change.key)
            if self.is_kept_back(change.key) or (item is None and self.is_strange(change.key)):
                continue
            value = self.whole(change.value) if change.key in self.definition.groups else change.value
            yield {
                "when": self.tongue.iso(change.at),
                "who": change.user,
                "field": self.tongue.label(change.key) if change.key else self.tongue.word("whole_record"),
                "value": self.tongue.value(item, value) or (self.tongue.word("empty") if change.key else ""),
                "reason": change.reason,
            }
