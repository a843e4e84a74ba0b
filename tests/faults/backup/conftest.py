from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.backup.site import Site, fill


@pytest.fixture
def rounds() -> int:
    """How often what falls by chance is tried: FAULTS=50 is the whole of it."""
    return int(os.environ.get("FAULTS", "5"))


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20_261)


@pytest.fixture
def site(tmp_path: Path, chance: random.Random) -> Site:
    """A repository on this machine, and something to save."""
    made = Site(tmp_path)
    fill(made.source, chance)
    return made
