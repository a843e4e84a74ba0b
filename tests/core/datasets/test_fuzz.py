"""A slice of ``make fuzz``: the same mutated files each time, each refused cleanly or read right."""

from __future__ import annotations

import pytest

from tests.fuzz.corpus import SEEDS
from tests.fuzz.parsing import turn

TURNS = {"csv": 150}


@pytest.mark.parametrize("kind", SEEDS)
def test_mutated_files(kind):
    """Files that were damaged at random end in a refusal or in rows, never in anything else."""
    ended = {turn(kind, seed) for seed in range(TURNS.get(kind, 2))}
    assert ended <= {"read", "refused"}
