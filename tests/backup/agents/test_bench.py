"""What an agent works with."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from backup.engine.agent.doing import Bench
from backup.engine.agent.options import CHECK, KEEP, SAVE, read
from backup.engine.agent.orders import Plan
from backup.engine.agent.place import Identity, Place
from backup.engine.stores.cached import Cached


@pytest.mark.parametrize("duty", [SAVE, KEEP, CHECK])
def test_who_checks_asks_the_store_itself(tmp_path: Path, duty: str) -> None:
    """What was read once and is kept near serves those who save and prune, and is no proof for who checks."""
    place = Place(tmp_path / "own", tmp_path / "memory")
    place.token_file.parent.mkdir()
    place.token_file.write_text("token")
    identity = Identity(
        portal="http://127.0.0.1",
        id="1",
        name="ward",
        duty=duty,
        project="p",
        repository="suite+http://127.0.0.1/00000000-0000-0000-0000-000000000001",
        number="0",
    )
    bench = Bench(place, identity, tmp_path / "state", tmp_path / "cache", "test", environment={})
    options, _faults = read(duty, {})
    with closing(bench.store(Plan("1", "all", "ward", ["/srv"], [], [], options, "UTC", []))) as store:
        assert isinstance(store, Cached) == (duty != CHECK)
