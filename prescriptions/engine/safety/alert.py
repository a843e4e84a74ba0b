"""What a safety check says: a value, put into words by whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

NOTE, WARNING, DANGER = "note", "warning", "danger"
LEVELS = (NOTE, WARNING, DANGER)
"""From the least to the most pressing. A danger is either a misreading or an order that must not stand."""

Fact = str | float


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding. `path` names the value it is about (`dosage.0.dose`), `facts` what was computed and from what."""

    code: str
    path: str
    level: str
    facts: dict[str, Fact] = field(default_factory=dict)

    @property
    def is_misreading(self) -> bool:
        """Whether the likelier cause is a letter, a unit or a comma that was misread."""
        return self.code in MISREADINGS


MISREADINGS = frozenset({
    "ten_times", "thousand_times", "thousandth", "unit_implausible", "strength_implausible", "strength_unknown",
    "not_in_units", "many_units",
})  # fmt: skip
