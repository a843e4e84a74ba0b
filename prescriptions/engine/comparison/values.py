"""What a comparison says, in French words that a pharmacist reads."""

from __future__ import annotations

from dataclasses import dataclass

from prescriptions.engine.schema import Medication

SAME, CHANGED, SWITCHED, ADDED, STOPPED = "same", "changed", "switched", "added", "stopped"
KINDS = (STOPPED, SWITCHED, CHANGED, ADDED, SAME)
"""What happened to a line, in the order in which a person looks at it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line to compare. `substances` are names or codes of its active substances, where a product is known."""

    number: int
    medication: Medication
    substances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stopped:
    """A medicine that the second ordonnance says to stop; its ATC code where its name is known."""

    name: str
    atc: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that isn't the same, in words: empty where it isn't said."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a line. `by`: how the two were matched (name, substance, class); `direction` of the daily dose."""

    kind: str
    name: str
    before: str = ""
    after: str = ""
    before_number: int | None = None
    after_number: int | None = None
    by: str = ""
    differences: tuple[Difference, ...] = ()
    daily_before: str = ""
    daily_after: str = ""
    direction: str = ""
    """`up`, `down`, or nothing where the two can't be compared."""
    said: bool = False
    """The second ordonnance says to stop it."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two lines of the second ordonnance with the same substance (`substance`) or of the same class (`class`)."""

    first: str
    second: str
    by: str
    code: str


@dataclass(frozen=True, slots=True)
class Comparison:
    changes: tuple[Change, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
