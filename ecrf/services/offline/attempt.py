"""What of a piece of work is tried to be saved, and what is left out of it when it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.errors import Fault
from ecrf import engine
from ecrf.services import keeping


@dataclass
class Attempt:
    """What is tried to be saved; without what is refused it is tried again."""

    values: dict[str, Any]
    notes: dict[str, Any]
    complete: dict[str, bool]
    unasked: dict[str, Any]
    draft: bool = False
    left: list[Fault] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)

    @property
    def holds_anything(self) -> bool:
        return bool(self.values or self.notes or self.complete or self.unasked)

    def all_for(self, faults: tuple[Fault, ...]) -> list[Fault]:
        """Everything that is still tried, left for these causes."""
        first = faults[0]
        return [Fault(place, first.code, first.message) for place in {**self.values, **self.notes, **self.unasked}]

    def without(self, faults: tuple[Fault, ...], definition: engine.Definition) -> bool:
        """Leave out what is wrong; what is wrong elsewhere is let stand and seen to there. Whether to try again."""
        places = {fault.place.partition("[")[0] for fault in faults}
        refused = [fault for fault in faults if fault.place.partition("[")[0] in {**self.values, **self.notes}]
        pages = {page for place in places if (page := keeping.page_of(definition, place))} | places
        undone = [page for page in self.complete if page in pages]
        for page in undone:
            del self.complete[page]
        self.incomplete += undone
        if refused and not undone:
            self.values = {key: value for key, value in self.values.items() if key not in places}
            self.notes = {key: note for key, note in self.notes.items() if key.partition("[")[0] not in places}
            self.left += refused
        if refused or undone:
            return True
        again = not self.draft
        self.draft = True
        return again
