"""The unit that a label ends with."""

from __future__ import annotations

import re
from pathlib import Path

UNITS = frozenset((Path(__file__).parent / "units.txt").read_text().split())
TRAILING = re.compile(r"^(?P<label>.*\S)\s*\((?P<unit>[^()]{1,20})\)\s*:?$", re.DOTALL)


def unit_of(label: str) -> tuple[str, str]:
    """The label without the unit that it ends with, and that unit: ``Height (cm)`` is ``Height`` in ``cm``."""
    found = TRAILING.match(label)
    if found and found["unit"].strip() in UNITS:
        return found["label"], found["unit"].strip()
    return label, ""
