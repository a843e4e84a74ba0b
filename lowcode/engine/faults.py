"""What is wrong with a query: a place in its JSON, a code, and the values a message needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    place: str
    """Path in the JSON, for example ``where.items.0.value``."""
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


class BadQuery(ValueError):
    """The query can't be run; every fault is listed."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{finding.place}: {finding.code}" for finding in self.findings))
