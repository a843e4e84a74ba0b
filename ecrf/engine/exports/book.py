"""What is exported: a definition, and its records one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import Record


@dataclass(frozen=True)
class Options:
    """What stands in the file besides the values, and how they are told."""

    language: str = "en"
    labels: bool = False
    """The labels of choices in place of their codes, where the format has but one of them."""
    statuses: bool = True
    """What is said in place of a value, or beside it."""
    history: bool = False
    """Each change of each value, with who, when and why."""
    files: bool = False
    """The files that questions hold, where the format has a place for them."""
    bom: bool = True
    """Text files begin with a byte order mark, by which spreadsheets know UTF-8."""


@dataclass(frozen=True)
class Book:
    """The records of a form as a writer sees them: chosen, evaluated and, where that was asked, without identities.

    `records` may be called several times: each time it gives all records again, in the order of subjects, events,
    pages and instances, and never holds more than a few of them. What isn't exported isn't in `definition` either.
    Values are canonical and were shown: hidden ones and defaults that nobody saved are missing. Of several choices,
    the empty list says that the question was shown on a complete page and nothing is ticked. `Record.pages` names the
    pages whose values the record brings, `Record.audit` is filled where the history is wanted.
    """

    definition: Definition
    records: Callable[[], Iterator[Record]]
    study: str
    """What the study is called, and `key`, its name in addresses."""
    key: str
    exported_at: datetime
    version: int
    """The number of the form's version that the values are read by."""
    options: Options = field(default_factory=Options)
