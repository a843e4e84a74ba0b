"""What a scheme of allocation may hold: codes of arms, numbers at most, measures."""

from __future__ import annotations

import re

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,19}")
MOST_ARMS = 8
MOST_RATIO = 20
LARGEST_BLOCK = 60
MOST_STRATA = 400
MOST_ROWS = 20_000
MEASURES = ("range", "variance", "deviation")
