"""A repository that lives: many rounds, several epochs, writers that mean harm."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

import pytest

from backup.engine.errors import KeyRefused
from backup.engine.format import blobs, index, layout, packs, snapshots
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Taken
from backup.engine.keeping import forget
from backup.engine.keeping.judging import Economy
from backup.engine.keeping.retention import Policy
from backup.engine.reading.catalogue import Catalogue
from tests.backup.keeping.conftest import Depot


@pytest.fixture(autouse=True)
def small_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs that are full at 32 KiB."""
    monkeypatch.setattr(packs, "TARGET", 32 << 10)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["depot", "isolated"])
def test_fifty_rounds(kind: str, request: pytest.FixtureRequest) -> None:
    """Two writers save, a policy forgets, a pruner prunes, fifty times: what is kept restores, little else stays."""
    depot: Depot = request.getfixturevalue(kind)
    chance = random.Random(5)
    files = [(writer, {str(n): depot.noise(1500) for n in range(12)}) for writer in (depot.writer, depot.other)]
    for number in range(50):
        for writer, tree in files:
            tree[str(chance.randrange(12))] = depot.noise(1500)
            depot.save(dict(tree), writer=writer)
        depot.wait(1)
        plan = forget.plan(depot.as_pruner, Policy(daily=3, weekly=2))
        forget.apply(depot.as_pruner, plan, now=depot.clock())
        done = depot.prune(grace=2 * 24 * 3600 * 10**9, economy=Economy(most_waste=chance.choice((0.2, 0.5))))
        assert done.problems == ()
        if number % 7 == 0:
            kept = [one.id for one in depot.opened(depot.reader).snapshots()]
            depot.check(*kept)
    kept = [one.id for one in depot.opened(depot.reader).snapshots()]
    assert 6 <= len(kept) <= 12
    depot.check(*kept)
    needed = sum(size.total for size in done.sizes)
    assert sum(len(depot.store.objects[name][0]) for name in depot.packs()) < 4 * needed
    assert len(depot.store.names("snapshots")) < 25
    assert len(depot.store.names("manifests")) < 30


def test_across_epochs(depot: Depot) -> None:
    """Packs of several epochs are joined, each blob under its own sealed key; who could read them before still can."""
    files = {str(number): depot.noise(3000) for number in range(6)}
    depot.save(files)
    old_pruner = depot.pruner
    depot.opened(depot.master).rekey(now=depot.clock())
    depot.reader, depot.verifier, depot.pruner = map(depot.derive, (Role.READER, Role.VERIFIER, Role.PRUNER))
    depot.save(files | {"new": depot.noise(20_000)})
    for _ in range(3):
        depot.wait(8)
        depot.prune()
    sizes = [len(depot.store.objects[name][0]) for name in depot.packs()]
    assert max(sizes) > packs.TARGET
    epochs = set()
    for name in depot.packs():
        start = packs.read_start(partial(depot.store.read, name), depot.master.repository, name)
        epochs |= {int.from_bytes(key[:2], "little") for key in start.keys if len(start.keys) > 1}
    assert epochs == {0, 1}
    depot.check()
    with pytest.raises(KeyRefused, match="older"):
        depot.prune(old_pruner)


def announce(depot: Depot, listed: list[Written], root: bytes) -> None:
    """A snapshot that a writer made by hand."""
    repository = depot.opened(depot.other)
    digest, raw = index.write(repository.config, listed)
    depot.store.create(layout.index_name(digest), [raw])
    counts, effort = snapshots.Counts(), snapshots.Effort()
    now = depot.store.time
    taken = Taken("evil", "host", (), (), now, now, root, 0, (digest,), counts, effort, {})
    raw = snapshots.write(repository.config, repository.key, 1, bytes(32), taken)
    depot.store.create(layout.snapshot_name(depot.other.key_id, 1), [raw])


def test_a_writer_that_lists_anothers_packs_as_it_likes(depot: Depot) -> None:
    """Entries that overlap, lie outside or name keys that aren't there harm whoever made them, and nobody else."""
    files = {str(number): depot.noise(2000) for number in range(20)}
    first = depot.save(files)
    second = depot.save({name: files[name] for name in ("0", "10")})
    known = Catalogue(depot.opened(depot.reader), depot.snapshot(second.snapshot))
    pack = next(pack for pack in known.packs() if pack.kind == layout.DATA_PACK)
    entry = next(blobs.entries(pack.entries, ""))
    tree = next(one for one in known.packs() if one.kind == layout.META_PACK)
    odd = [
        replace(entry, id=bytes([number]) * 32, offset=200 + number, stored=size, key=key)
        for number, (size, key) in enumerate([(pack.size - 300, 0), (pack.size - 300, 0), (1 << 31, 0), (16, 999)])
    ]
    listed = [Written(pack.name, pack.size, pack.kind, b"".join(map(bytes, odd))), tree]
    announce(depot, listed, depot.snapshot(second.snapshot).root)
    depot.forget(first)
    for _ in range(4):
        depot.wait(8)
        done = depot.prune()
    assert any("evil" in problem or depot.other.key_id.hex() in problem for problem in done.problems)
    depot.check(second.snapshot)


def test_a_writer_whose_trees_are_rubbish(depot: Depot) -> None:
    """A snapshot whose root isn't there, or is no tree, stops the pruning of its own writer alone."""
    first = depot.save({"a": depot.noise(3000)})
    second = depot.save({"b": depot.noise(3000)})
    announce(depot, [], bytes(32))
    depot.forget(first)
    before = depot.packs()
    for _ in range(3):
        depot.wait(8)
        done = depot.prune()
    assert done.problems
    assert depot.packs() < before
    depot.check(second.snapshot)


def test_a_rotten_pack_isnt_written_anew(depot: Depot) -> None:
    """A pack whose bytes aren't those of its name is never poured into another: it stays, and is named."""
    files = {str(number): depot.noise(2000) for number in range(20)}
    first = depot.save(files)
    second = depot.save({name: files[name] for name in ("0", "10")})
    depot.forget(first)
    known = Catalogue(depot.opened(depot.reader), depot.snapshot(second.snapshot))
    name = next(layout.pack_name(pack.name) for pack in known.packs() if pack.size > 30_000)
    data, at = depot.store.objects[name]
    depot.store.objects[name] = data[:-1] + b"?", at
    for _ in range(3):
        depot.wait(8)
        done = depot.prune()
        assert any(name in problem for problem in done.problems)
    assert name in depot.store.objects
    depot.store.objects[name] = data, at
    for _ in range(3):
        depot.wait(8)
        done = depot.prune()
    assert done.problems == ()
    assert name not in depot.store.objects
    depot.check(second.snapshot)


def test_a_pack_that_needs_sparing_and_is_rotten(depot: Depot) -> None:
    """Nobody is told to rely on a condemned pack again whose bytes aren't those of its name."""
    first = depot.save({"a": depot.noise(3000)})
    depot.save({"b": depot.noise(3000)})
    snapshot = depot.snapshot(first.snapshot)
    depot.forget(first)
    depot.wait(8)
    name = depot.snapshot(first.snapshot).name
    kept = depot.store.objects[name]
    condemned = depot.prune().rewritten.condemned
    depot.store.objects[name] = kept
    forget.recall(depot.as_pruner, [snapshot], now=depot.clock())
    rotten = next(one for one in sorted(condemned) if depot.store.objects[layout.pack_name(one)][0][4:5] == b"D")
    data, at = depot.store.objects[layout.pack_name(rotten)]
    depot.store.objects[layout.pack_name(rotten)] = data[:-1] + b"?", at
    done = depot.prune()
    assert done.rewritten.spared == condemned - {rotten}
    assert done.problems
    assert layout.pack_name(rotten) in done.problems[0]
