"""What an evaluation starts from and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ecrf.engine.faults import Finding
from ecrf.engine.values import Stored

Values = Mapping[str, Stored]


@dataclass(frozen=True)
class Sheet:
    """What of a subject's casebook is filled in as one: what an event asks once, or one copy of a page that repeats."""

    event: str = ""
    page: str = ""
    """The repeating page; empty for all the others of the event."""
    instance: int = 1

    @property
    def is_first(self) -> bool:
        return self.instance == 1


@dataclass(frozen=True)
class Context:
    """What an expression may know besides the values; given, so that an evaluation can be done again."""

    now: datetime
    subject: str = ""
    """The number of the subject."""
    site: str = ""
    arm: str = ""
    event: str = ""
    """The key of the event; empty where the study has none."""
    page: str = ""
    """The repeating page of which this entry is a copy; empty for the pages that are filled in once."""
    instance: int = 1
    base: Values = field(default_factory=dict)
    """For a copy of a repeating page: what the pages filled in once hold at the same event."""
    copies: Mapping[str, Sequence[Values]] = field(default_factory=dict)
    """Of each repeating page, the copies filled in at the same event."""
    others: Mapping[str, Values] = field(default_factory=dict)
    """What is held at other events."""

    @property
    def today(self) -> date:
        return self.now.date()


@dataclass(frozen=True)
class Note:
    """What is said of a question beside its value, or in its place."""

    status: str = ""
    comment: str = ""
    locked: bool = False

    @classmethod
    def read(cls, raw: Any) -> Note:
        """From its stored form; what isn't one says nothing."""
        if not isinstance(raw, Mapping):
            return cls()
        return cls(str(raw.get("status") or ""), str(raw.get("comment") or ""), raw.get("locked") is True)


@dataclass(frozen=True)
class PageState:
    """How far a page is: counts only, no value."""

    shown: int
    answered: int
    missing: int
    errors: int
    warnings: int


@dataclass(frozen=True)
class Evaluated:
    """The state of an entry. Places are keys, or ``rows[0].key`` for what is asked in rows."""

    values: Mapping[str, Stored]
    """Canonical, with defaults and calculations; what can't be read is left out."""
    visible: frozenset[str]
    findings: tuple[Finding, ...]
    defaults: frozenset[str]
    """Places whose value comes from their default."""
    recomputed: frozenset[str]
    """Calculations that were given another result."""
    pages: Mapping[str, PageState]
    required: frozenset[str] = frozenset()
    readonly: frozenset[str] = frozenset()
    """Fixed by a condition."""
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The choices on offer, where a filter says which."""
    tags: tuple[str, ...] = ()
    """Of ``wait check na incomplete error``, those that something in the entry gives it."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """What a page or a row calls itself."""

    def of(self, *severities: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity in severities]

    @property
    def errors(self) -> list[Finding]:
        return self.of("error")

    @property
    def missing(self) -> list[Finding]:
        return self.of("missing")

    @property
    def warnings(self) -> list[Finding]:
        return self.of("warning", "query")
