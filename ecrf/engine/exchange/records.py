"""Data between a format and the suite: one record per entry, whatever the file looks like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ecrf.engine.faults import Fault

PageStatus = Literal["incomplete", "unverified", "complete"]


@dataclass(frozen=True)
class Change:
    """Who gave an item its value, where, when and why. Empty where the format doesn't say."""

    key: str
    """An item, or empty for the entry as a whole."""
    value: Any
    user: str = ""
    site: str = ""
    at: str = ""
    """ISO 8601, with its zone where it is known."""
    reason: str = ""


@dataclass(frozen=True)
class Signature:
    """Who signed a page, when, and what that means."""

    page: str
    user: str
    site: str
    at: str
    meaning: str


@dataclass(frozen=True)
class Attachment:
    """A file that came with the data."""

    name: str
    kind: str
    """Its media type, as the file says."""
    content: bytes


@dataclass(frozen=True)
class Stored:
    """A file that is read when a writer wants it, and held no longer than that."""

    name: str
    kind: str
    key: str
    """What tells it apart where it is kept."""
    load: Callable[[str], bytes] = field(repr=False, compare=False)

    @property
    def content(self) -> bytes:
        return self.load(self.key)


class File(Protocol):
    """One or the other."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def content(self) -> bytes: ...


@dataclass(frozen=True)
class Code:
    """What a text was coded as; `path`: what the term belongs to, the highest first, as (code, label)."""

    dictionary: str
    version: str
    code: str
    label: str
    path: tuple[tuple[str, str], ...] = ()


@dataclass
class Record:
    """What one entry holds: all pages of an event that don't repeat, or one copy of a page that does."""

    subject: str
    site: str = ""
    event: str = ""
    """Empty where the definition has no events."""
    page: str = ""
    """Empty unless the entry is a copy of a repeating page."""
    instance: int = 1
    values: dict[str, Any] = field(default_factory=dict)
    """Stored values: texts, lists of codes, and lists of rows under the key of a repeating group."""
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    audit: list[Change] = field(default_factory=list)
    pages: dict[str, PageStatus] = field(default_factory=dict)
    """How far each page is, where the format says so: REDCap's ``<form>_complete``."""
    signatures: list[Signature] = field(default_factory=list)
    files: Mapping[str, File] = field(default_factory=dict)
    """What file items hold, by place, where the file carries it; their values are the names."""
    spelt: dict[str, str] = field(default_factory=dict)
    """How the file spells a value, where not in our way: ``.34`` for ``0.34``."""
    place: str = ""
    """Where the record stands in its file: ``row 12``."""
    places: dict[str, str] = field(default_factory=dict, compare=False)
    """Where its pages stand, by key, where a file has them in several places."""
    version: int = 0
    """The number of the form's version in which it was last saved; 0 where that isn't known."""
    saved_at: str = ""
    """ISO 8601 with its zone, empty where that isn't known."""
    created_at: str = ""
    codes: dict[str, Code] = field(default_factory=dict)
    """By place (``term``, ``drug[0].name``), what texts were coded as."""


@dataclass
class Reading:
    """What a file of data holds: its records, and each wrong or doubtful cell by its place."""

    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    """What the file calls the column of an item, by its key, or ``rows[0].key`` for one that is asked in rows."""
    asked: set[str] = field(default_factory=set)
    """The items, and the groups of rows, that the file has columns for: where none is filled in, that is said too."""


def cell_fault(row: int | str, column: str, code: str, params: Mapping[str, Any] | None = None) -> Fault:
    """A fault at one cell; the header is row 1. Files without rows name the place where the value stands."""
    where = f"row {row}" if isinstance(row, int) else row
    place = f"{where}, {column}" if column else where
    return Fault(place, code, {"row": row, "column": column, **(params or {})})
