"""Packs that are mostly waste, and small ones, are written anew; then nothing moves any more."""

from __future__ import annotations

import pytest

from backup.engine.errors import Unreachable
from backup.engine.format import packs
from backup.engine.keeping import rewriting
from backup.engine.keeping.judging import Allowance, Economy
from backup.engine.keeping.stock import Stock
from tests.backup.keeping.conftest import Depot, settle


def test_packs_that_are_mostly_waste_are_written_anew(depot: Depot, small_packs: int) -> None:
    """What is needed of them lies in a new pack, every snapshot reads as before, and the room comes back."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    second = depot.save({name: data for name, data in big.items() if int(name) % 8 == 0})
    third = depot.save({name: data for name, data in big.items() if int(name) % 16 == 0})
    before = depot.store.size
    depot.forget(first)
    depot.wait(8)
    done = depot.prune()
    assert done.rewritten.packs
    assert done.waste < 4096
    depot.check(second.snapshot, third.snapshot)
    settle(depot)
    depot.check(second.snapshot, third.snapshot)
    assert depot.store.size < before / 4


def test_a_writer_finds_its_blobs_where_they_lie_now(depot: Depot, small_packs: int) -> None:
    """After packs were written anew, a save of what was held stores no content twice."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    kept = {name: data for name, data in big.items() if int(name) % 8 == 0}
    depot.save(kept)
    depot.forget(first)
    depot.wait(8)
    assert depot.prune().rewritten.packs
    assert depot.store.names("manifests")
    third = depot.save(kept | {"new": b"new"})
    assert third.effort.fresh < 4000
    settle(depot)
    depot.check(*list(depot.pictures)[1:])


def test_manifests_go_with_the_last_of_their_packs(depot: Depot, small_packs: int) -> None:
    """A manifest stays while a pack it lists does; one that lists only what has gone is deleted."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    second = depot.save({name: data for name, data in big.items() if int(name) % 8 == 0})
    depot.forget(first)
    settle(depot)
    assert depot.store.names("manifests")
    depot.save({"x": b"x"})
    depot.forget(second)
    settle(depot)
    settle(depot)
    assert not depot.store.names("manifests")


def test_rewriting_comes_to_rest(depot: Depot, small_packs: int) -> None:
    """Once everything is in order, a prune writes nothing anew and says nothing."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    depot.save({name: data for name, data in big.items() if int(name) % 8 == 0})
    for number in range(20):
        depot.wait(1)
        depot.save({"small": depot.noise(3000 + number)})
    depot.forget(first)
    for _ in range(6):
        depot.wait(8)
        depot.prune()
    before = dict(depot.store.objects)
    depot.wait(8)
    done = depot.prune()
    assert (done.rewritten.packs, done.reclaimed, depot.store.objects) == (0, 0, before)
    depot.check(*list(depot.pictures)[1:])


def test_rounds(depot: Depot, small_packs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Much is written anew round by round, each with an act of its own: what was done counts though the rest fails."""
    monkeypatch.setattr(rewriting, "_ROUND_BLOBS", 20)
    big: dict[str, bytes] = {}
    saved = []
    for part in range(6):
        big |= {f"{part}-{number}": depot.noise(4000) for number in range(30)}
        saved.append(depot.save(big))
    last = depot.save({name: data for name, data in big.items() if int(name[2:]) < 10})
    depot.forget(*saved)
    depot.wait(8)
    acts = len(depot.store.names("acts"))
    left = 3

    def before(what: str, name: str) -> None:
        nonlocal left
        left -= what == "create" and name.startswith("acts/")
        if not left:
            raise Unreachable(name)

    depot.store.before = before
    with pytest.raises(Unreachable):
        depot.prune()
    depot.store.before = lambda _what, _name: None
    assert len(depot.store.names("acts")) == acts + 2
    depot.check(last.snapshot)
    assert depot.prune().rewritten.packs
    assert depot.prune().rewritten.packs == 0
    settle(depot)
    depot.check(last.snapshot)
    assert depot.store.size < 300_000


def test_small_packs_are_joined(depot: Depot, small_packs: int) -> None:
    """Packs of many small saves are joined as soon as they fill one, with the keys of each (restic: PruneSmall)."""
    for number in range(30):
        depot.save({"a": depot.noise(3000), "b": str(number).encode()})
        depot.wait(1)
    before = depot.packs()
    settle(depot)
    data = [name for name in depot.packs() if packs.TARGET <= len(depot.store.objects[name][0]) < 2 * packs.TARGET]
    assert data
    assert len(depot.packs()) < len(before) / 1.5
    depot.check()


def test_few_small_packs_are_left_alone(depot: Depot, small_packs: int) -> None:
    """What doesn't fill a pack isn't joined, so that nothing is written again and again."""
    for _ in range(5):
        depot.save({"a": depot.noise(3000)})
    before = depot.packs()
    settle(depot)
    assert depot.packs() == before


def test_joining_can_be_declined(depot: Depot, small_packs: int) -> None:
    """Without joining, small packs stay as they are, however many."""
    for _ in range(30):
        depot.save({"a": depot.noise(3000)})
    before = depot.packs()
    settle(depot, economy=Economy(join=False))
    assert depot.packs() == before


@pytest.mark.parametrize(("allowed", "most"), [("0%", 0.02), ("50%", 0.5), ("unlimited", 99), ("8K", 0.15)])
def test_max_unused(depot: Depot, small_packs: int, allowed: str, most: float) -> None:
    """Given how much waste may stay, so much and no more of it is left, and no pack is rewritten beyond need."""
    big = {str(number): depot.noise(4000) for number in range(80)}
    first = depot.save(big)
    depot.save({name: data for name, data in big.items() if int(name) % 5})
    depot.forget(first)
    depot.wait(8)
    economy = Economy(max_unused=Allowance.parse(allowed), join=False)
    done = depot.prune(economy=economy)
    used = sum(size.total for size in done.sizes)
    assert done.waste <= most * used
    assert bool(done.rewritten.packs) is (allowed in ("0%", "8K"))
    settle(depot, economy=economy)
    depot.check(*list(depot.pictures)[1:])


def test_max_rewrite(depot: Depot, small_packs: int) -> None:
    """One run writes no more anew than it may; the next runs do the rest, which is told as put off."""
    big: dict[str, bytes] = {}
    saved = []
    for part in range(6):
        big |= {f"{part}-{number}": depot.noise(4000) for number in range(20)}
        saved.append(depot.save(big))
    last = depot.save({name: data for name, data in big.items() if name.endswith(("-1", "-2"))})
    depot.forget(*saved)
    depot.wait(8)
    economy = Economy(max_rewrite=20_000)
    left = []
    for _ in range(4):
        done = depot.prune(economy=economy)
        assert done.rewritten.size < 24_000
        left.append(done.rewritten.put_off)
        depot.wait(8)
    assert left == [4, 2, 0, 0]
    depot.check(last.snapshot)


def test_duplicates_go(depot: Depot) -> None:
    """Blobs stored twice, because a writer lost its memory, are kept once (restic: PruneMaxUnusedDuplicate)."""
    files = {str(number): depot.noise(2000) for number in range(10)}
    first = depot.save(files)
    before = depot.store.size
    for path in depot.state().iterdir():
        path.unlink()
    depot.save(files)
    assert depot.store.size > 1.9 * before
    depot.forget(first)
    settle(depot)
    assert depot.store.size < 1.2 * before
    depot.check(*list(depot.pictures)[1:])


def test_sizes_by_source(depot: Depot) -> None:
    """The result tells what each source takes, and what of it is its alone."""
    shared, own = depot.noise(30_000), depot.noise(10_000)
    depot.save({"a": shared, "b": own}, label="docs")
    depot.save({"a": shared}, label="mail")
    depot.save({"a": shared}, writer=depot.other, label="docs")
    sizes = {(size.writer, size.source): size for size in depot.prune().sizes}
    docs, mail = sizes[depot.writer.key_id, "docs"], sizes[depot.writer.key_id, "mail"]
    assert 40_000 < docs.total < 41_000
    assert 10_000 < docs.alone < 11_000
    assert 30_000 < mail.total < 31_000
    assert mail.alone < 1_000
    assert sizes[depot.other.key_id, "docs"].alone > 30_000


def test_a_tree_is_opened_once(depot: Depot, small_packs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many snapshots hold a directory, and whatever took the place of their indexes, it is read once."""
    files = {f"{number}/file": depot.noise(1000) for number in range(100)}
    first = depot.save(files | {f"{number}/gone": depot.noise(3000) for number in range(100)})
    for number in range(5):
        files[f"{number}/file"] = depot.noise(1000)
        depot.save(files)
        depot.wait(1)
    depot.forget(first)
    depot.wait(8)
    assert depot.prune().rewritten.packs
    for number in range(5, 10):
        files[f"{number}/file"] = depot.noise(1000)
        depot.save(files)
        depot.wait(1)
    opened = []
    open_ = Stock.open

    def counting(stock: Stock, number: int, entry: bytes) -> bytes:
        opened.append(entry[:32])
        return open_(stock, number, entry)

    monkeypatch.setattr(Stock, "open", counting)
    depot.prune()
    assert len(set(opened)) > 100
    assert len(opened) < 1.2 * len(set(opened))
    depot.check(*list(depot.pictures)[1:])
