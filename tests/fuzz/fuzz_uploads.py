"""``make fuzz``: mutated files at each reader for FUZZ_MINUTES (10); what it finds has a seed that repeats it."""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from tests.fuzz.corpus import SEEDS
from tests.fuzz.parsing import turn

MINUTES = float(os.environ.get("FUZZ_MINUTES", "10"))
FIRST = int(os.environ.get("FUZZ_SEED", str(time.time_ns() % 1_000_000_000)))


@pytest.mark.parametrize("kind", SEEDS)
def test_mutated_files(kind: str) -> None:
    """Each file of a format is refused cleanly or read right, whatever was done to it."""
    end, ended, seed = time.monotonic() + MINUTES * 60 / len(SEEDS), Counter[str](), FIRST
    while time.monotonic() < end:
        ended[turn(kind, seed)] += 1
        seed += 1
    print(f"{kind}: {dict(ended)} from seed {FIRST}")
    assert sum(ended.values()) > 0
