"""``make fuzz``: so many mutated lines (FUZZ_LINES, 20 000) at the reading of prescriptions, none of which may fail."""

from __future__ import annotations

import os
import time

from tests.fuzz import lines

COUNT = int(os.environ.get("FUZZ_LINES", "20000"))
FIRST = int(os.environ.get("FUZZ_SEED", str(time.time_ns() % 1_000_000_000)))


def test_mutated_lines() -> None:
    """Whatever was done to a line, a reading comes back, in time that grows with its length only."""
    report = lines.run(FIRST, COUNT)
    print(
        f"{report.read:,} lines in {report.seconds:,.0f} s from seed {FIRST}; slowest {report.slowest * 1000:.0f} ms"
        f" for {len(report.slowest_text)} characters"
    )
    assert report.failed == []
    assert report.slow == []
