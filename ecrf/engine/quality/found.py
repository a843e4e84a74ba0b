"""What a rule of data quality finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Found:
    """A rule that a record breaks, and where; `params` complete the words of `code` and hold no value."""

    rule: str
    item: str
    page: str = ""
    row: str = ""
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
