"""What is wrong with a definition or with values: a place, a code, and what its message needs. Words come later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Fault:
    """`place` is a path in a definition (``pages.0.title``), or ``row 12, column`` of a file."""

    place: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """The definition or the file can't be used; nothing of it is kept."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.place}: {fault.code}" for fault in faults[:5]))


Severity = Literal["error", "missing", "warning", "query"]


@dataclass(frozen=True)
class Finding:
    """One remark on the values of an entry, at an item."""

    key: str
    code: str
    severity: Severity
    """An error is refused; what is missing keeps a page from being complete; a warning is shown and kept in mind; a
    query is a warning that somebody has to answer."""
    params: Mapping[str, Any] = field(default_factory=dict)
    message: Mapping[str, str] | None = None
    """The author's own words for a check, by language."""
    row: str = ""
    """``rows[0]`` where the item is asked in rows."""
    when: str = "input"
    """``save`` for what is said only once the page is to be saved."""
    waived: bool = False
    """An error that a status or a comment on the question lets through."""

    @property
    def place(self) -> str:
        return f"{self.row}.{self.key}" if self.row else self.key
