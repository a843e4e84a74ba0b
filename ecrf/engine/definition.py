"""A form definition: canonical JSON, checked whole, hashed, compiled once. What loads can always be evaluated."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from jsonschema import Draft202012Validator

from ecrf.engine.expressions import compile_expression, elsewhere, references
from ecrf.engine.expressions.run import Run
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.items import Check, Event, Group, Item, Page
from ecrf.engine.soundness import expressions, problems
from ecrf.engine.state import Sheet

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
MISSING = ("nsp", "na", "nd")
"""Statuses in place of a value, besides the study's own: doesn't wish to answer, not applicable, not known."""
PENDING = ("wait", "check")
"""Statuses that may stand beside a value: still to come, to be verified."""


@dataclass(frozen=True)
class Definition:
    data: dict[str, Any]
    hash: str
    pages: tuple[Page, ...]
    items: Mapping[str, Item]
    """In the order of the form, those asked in rows too."""
    order: tuple[Item, ...]
    """In the order of evaluation: what an item reads comes before it."""
    groups: Mapping[str, Group]
    """The groups asked once per row, by the key of their rows."""
    events: Mapping[str, Event]
    """In the order of the study; empty where each page is filled in once."""
    arms: Sequence[str] = field(default=())

    @property
    def languages(self) -> list[str]:
        return list(self.data["languages"])

    def text(self, texts: Mapping[str, str] | None, language: str) -> str:
        """A text in the reader's language, else in the form's first that has one."""
        return next((texts[name] for name in (language, *self.languages) if texts.get(name)), "") if texts else ""

    def has_sheet(self, sheet: Sheet) -> bool:
        """Whether a subject's casebook may have this sheet."""
        if bool(sheet.event) != bool(self.events) or (sheet.event and sheet.event not in self.events):
            return False
        if sheet.page:
            return any(page.key == sheet.page for page in self.copied_pages(sheet.event))
        return sheet.instance == 1 or bool(self.events and self.events[sheet.event].spec.get("repeats"))

    def page(self, key: str) -> Page:
        return next(page for page in self.pages if page.key == key)

    def repeats(self, event: str, page: Page) -> bool:
        """Whether the page is filled in as often as needed, here or everywhere."""
        return bool(page.spec.get("repeats")) or (event in self.events and page.key in self.events[event].copied)

    def pages_of(self, event: str = "", copy_of: str = "") -> tuple[Page, ...]:
        """The pages of one entry: all that an event asks once, or the one that this is a copy of."""
        if copy_of:
            return tuple(page for page in self.pages if page.key == copy_of)
        known = self.events.get(event)
        return tuple(
            page
            for page in self.pages
            if (page.key in known.pages if known else not self.events and not page.spec.get("repeats"))
        )

    def copied_pages(self, event: str = "") -> tuple[Page, ...]:
        """The pages that may be filled in several times at an event."""
        known = self.events.get(event)
        return tuple(
            page
            for page in self.pages
            if (page.key in known.copied if known else not self.events and page.spec.get("repeats"))
        )

    def holds(self, key: str) -> bool:
        """Whether a value is kept under this key: an item outside of rows, or rows."""
        return key in self.groups or (key in self.items and not self.items[key].repeat)

    @cached_property
    def statuses(self) -> Mapping[str, bool]:
        """Each status that a question may get, and whether it stands in place of the value."""
        own = [code["code"] for code in self.data.get("missing_codes", ())]
        return dict.fromkeys(PENDING, False) | dict.fromkeys((*MISSING, *own), True)

    def may_annotate(self, item: Item) -> bool:
        return bool(self.data.get("annotate", True) and item.spec.get("annotate", True))

    @cached_property
    def read_copies(self) -> frozenset[str]:
        """The repeating pages whose copies expressions count or sum up."""
        pages = {page.key for page in self.pages}
        return frozenset(name for _, node, _ in expressions(self.data) for name in references(node) if name in pages)

    @cached_property
    def read_elsewhere(self) -> frozenset[tuple[str, str]]:
        """What its expressions read at other events: (event, or which one, and item)."""
        return frozenset(pair for _, node, _ in expressions(self.data) for pair in elsewhere(node))


def canonical(data: Mapping[str, Any]) -> str:
    """The one spelling of a definition: the same form has the same hash on every machine."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def load(data: Mapping[str, Any]) -> Definition:
    """Check and compile. Raises Refused with every fault, each with its path."""
    return _load(canonical(data))


REMEMBERED = 64
_remembered: OrderedDict[str, Definition] = OrderedDict()
_turn = Lock()


def remember(digest: str, data: Callable[[], Mapping[str, Any]]) -> Definition:
    """The definition that has this hash: `data` is asked for only where it isn't in memory already."""
    with _turn:
        if found := _remembered.get(digest):
            _remembered.move_to_end(digest)
            return found
    loaded = load(data())
    with _turn:
        _remembered[digest] = loaded
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return loaded


@lru_cache(maxsize=64)
def _load(text: str) -> Definition:
    data = json.loads(text)
    faults = [
        Fault(".".join(map(str, error.absolute_path)), "schema", {"detail": error.message[:300]})
        for error in sorted(VALIDATOR.iter_errors(data), key=lambda error: list(map(str, error.absolute_path)))
    ]
    if faults:
        raise Refused(faults)
    faults, order = problems(data)
    if faults:
        raise Refused(faults)
    groups: list[Group] = []
    items: dict[str, Item] = {}
    for item in compiled(data, groups):
        items[item.key] = item
    return Definition(
        data=data,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        pages=tuple(compiled_page(page, items, groups) for page in data["pages"]),
        items=items,
        order=tuple(items[key] for key in order if key in items),
        groups={group.repeat: group for group in groups if group.repeat},
        events={event["key"]: compiled_event(event, data) for event in data.get("events", ())},
        arms=tuple(arm["key"] for arm in data.get("arms", ())),
    )


def run_of(spec: Mapping[str, Any], name: str) -> Run | None:
    return compile_expression(spec[name]) if name in spec else None


def compiled(data: Mapping[str, Any], groups: list[Group]) -> Iterator[Item]:
    """Every item, while `groups` fills with their groups."""
    lists = data.get("lists", {})
    for page in data["pages"]:
        for spec in page["groups"]:
            conditions = tuple(compile_expression(part["visible_if"]) for part in (page, spec) if "visible_if" in part)
            group = Group(len(groups), page["key"], spec, conditions, run_of(spec.get("repeat", {}), "row_title"))
            groups.append(group)
            for item in spec["items"]:
                own = {**item, "choices": lists[item["list"]]} if "list" in item else item
                yield compiled_item(own, group)


def compiled_item(spec: Mapping[str, Any], group: Group) -> Item:
    return Item(
        key=spec["key"],
        kind=spec["type"],
        page=group.page,
        group=group,
        spec=spec,
        codes={choice["code"]: choice for choice in spec.get("choices", ())},
        condition=run_of(spec, "visible_if"),
        calc=run_of(spec, "calc"),
        default=run_of(spec, "default"),
        low=run_of(spec, "min"),
        high=run_of(spec, "max"),
        required_if=run_of(spec, "required_if"),
        readonly_if=run_of(spec, "readonly_if"),
        offer=run_of(spec, "choice_filter"),
        checks=tuple(
            Check(
                check["key"],
                compile_expression(check["holds"]),
                check["severity"],
                check["message"],
                check.get("when", "input"),
            )
            for check in spec.get("checks", ())
        ),
    )


def compiled_page(spec: Mapping[str, Any], items: Mapping[str, Item], groups: Sequence[Group]) -> Page:
    return Page(
        spec["key"],
        spec["title"],
        tuple(item for item in items.values() if item.page == spec["key"]),
        tuple(group for group in groups if group.page == spec["key"]),
        spec,
        run_of(spec, "row_title" if "row_title" in spec and "summary" not in spec else "summary"),
    )


def compiled_event(spec: Mapping[str, Any], data: Mapping[str, Any]) -> Event:
    everywhere = {page["key"] for page in data["pages"] if page.get("repeats")}
    copied = everywhere | set(spec.get("repeating_pages", ()))
    return Event(
        spec["key"],
        spec["title"],
        spec,
        pages=tuple(key for key in spec["pages"] if key not in copied),
        copied=tuple(key for key in spec["pages"] if key in copied),
        start=run_of(spec, "from"),
        condition=run_of(spec, "visible_if"),
    )
