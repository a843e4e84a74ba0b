"""What snapshots take, what is theirs alone, and what would come back."""

from __future__ import annotations

import pytest

from backup.engine.errors import KeyRefused
from backup.engine.keeping.stats import Stats, stats
from tests.backup.keeping.conftest import Depot


def told(depot: Depot) -> Stats:
    return stats(depot.as_pruner)


def test_one_snapshot(depot: Depot) -> None:
    """Content is what a restore brings back; stored is what lies in packs; all of it is the only snapshot's own."""
    depot.save({"noise": depot.noise(50_000), "again": b"text" * 25_000, "twin": b"text" * 25_000})
    (only,) = told(depot).snapshots
    usage = only.usage
    assert usage.content == 250_000
    assert 150_000 < usage.unpacked < 151_000
    assert 50_000 < usage.stored < 52_000
    assert usage.alone == usage.stored == only.added
    assert usage.shared == 0
    assert usage.deduplication == pytest.approx(250 / 150, rel=0.01)
    assert usage.compression == pytest.approx(150 / 51, rel=0.05)


def test_growth(depot: Depot) -> None:
    """Each snapshot tells what it added; what all added is what all take; alone is what goes with it."""
    common = depot.noise(40_000)
    for number in range(3):
        depot.save({"common": common, "own": depot.noise(10_000 * (number + 1))})
    depot.save({"other": depot.noise(5_000)}, label="mail")
    found = told(depot)
    assert [round(one.added, -4) for one in found.snapshots] == [50_000, 20_000, 30_000, 10_000]
    assert [round(one.usage.alone, -4) for one in found.snapshots] == [10_000, 20_000, 30_000, 10_000]
    assert [round(one.usage.shared, -4) for one in found.snapshots] == [40_000, 40_000, 40_000, 0]
    docs, mail = found.sources
    assert (docs.source, docs.snapshots, mail.source, mail.snapshots) == ("docs", 3, "mail", 1)
    assert docs.usage.stored + mail.usage.stored == sum(one.added for one in found.snapshots)
    assert docs.usage.content == 3 * 40_000 + 60_000
    assert found.stored > docs.usage.stored + mail.usage.stored


def test_alone_is_what_comes_back(depot: Depot) -> None:
    """What stats says a snapshot has alone is what pruning it gives back, but for lists and padding."""
    common = {str(number): depot.noise(3_000) for number in range(10)}
    first = depot.save(common | {"own": depot.noise(100_000)})
    depot.save(common)
    alone = told(depot).snapshots[0].usage.alone
    assert told(depot).reclaimable_later == 0
    depot.forget(first)
    assert told(depot).reclaimable_later == pytest.approx(alone, rel=0.1)
    before = depot.store.size
    for _ in range(3):
        depot.wait(8)
        depot.prune()
    assert before - depot.store.size == pytest.approx(alone, rel=0.1)


def test_now_and_later(depot: Depot) -> None:
    """What waits for its grace is told as later, what a prune would delete as now."""
    first = depot.save({"a": depot.noise(20_000)})
    depot.save({"b": depot.noise(100)})
    depot.forget(first)
    depot.wait(8)
    depot.prune()
    found = told(depot)
    assert (found.reclaimable_now, found.reclaimable_later > 20_000) == (0, True)
    depot.wait(8)
    found = told(depot)
    assert (found.reclaimable_now > 20_000, found.reclaimable_later) == (True, 0)


def test_damage_is_told(depot: Depot) -> None:
    """Snapshots that can't be walked are named, and the others counted."""
    depot.save({"a": depot.noise(20_000)}, writer=depot.other)
    before = depot.packs()
    depot.save({"b": depot.noise(100)})
    for name in depot.packs() - before:
        del depot.store.objects[name]
    found = told(depot)
    assert len(found.snapshots) == 1
    assert found.problems


@pytest.mark.parametrize("role", ["reader", "verifier", "master"])
def test_who_may(depot: Depot, role: str) -> None:
    """Whoever opens trees sees sizes; a lister and a writer don't."""
    depot.save({"a": depot.noise(2_000)})
    assert stats(depot.opened(getattr(depot, role))).snapshots
    for other in (depot.lister, depot.writer):
        with pytest.raises(KeyRefused):
            stats(depot.opened(other))


def test_large_files_and_directories(depot: Depot) -> None:
    """Contents that go through lists are counted with them."""
    depot.save({f"d/{number:05}": number.to_bytes(4, "big") for number in range(5000)} | {"big": depot.noise(3 << 20)})
    (only,) = told(depot).snapshots
    assert only.usage.content == 20_000 + (3 << 20)
    assert only.usage.alone == only.usage.stored
