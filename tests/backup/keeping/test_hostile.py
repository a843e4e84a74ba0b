"""What one key puts into a repository, however malformed, stops nobody who looks after the rest of it."""

from __future__ import annotations

import os
import tracemalloc
from typing import Any

import pytest
import zstandard

from backup.engine.checking.check import check
from backup.engine.errors import Damaged
from backup.engine.format import blobs, chain, cipher, index, layout, packs, snapshots
from backup.engine.format.blobs import Entry
from backup.engine.format.keys import Key
from backup.engine.format.layout import Prologue
from backup.engine.format.snapshots import Counts, Effort, Taken
from backup.engine.keeping.ground import Unsound
from tests.backup.keeping.conftest import Depot

DIGEST = bytes(32)


def act(depot: Depot, key: Key, clear: Any, said: Any) -> str:
    """An act with whatever a key of the repository may sign."""
    config = depot.opened(key).config
    opened = cipher.pack(clear)
    head = chain.write_head(config, key, layout.ACT, 1, chain.FIRST) + len(opened).to_bytes(4, "little") + opened
    sealed = cipher.seal(config.suite, config.epoch.log, "act", head, cipher.pack(said))
    name = layout.act_name(key.key_id, 1)
    depot.store.create(name, [key.signed(head + sealed)])
    return name


def snapshot(depot: Depot, indexes: list[bytes], root: bytes = b"") -> None:
    """A snapshot of the other writer, who keeps no rule."""
    repository = depot.opened(depot.other)
    taken = Taken("evil", "", (), (), 1, 1, root, 0, tuple(indexes), Counts(), Effort(), {})
    raw = snapshots.write(repository.config, depot.other, 1, chain.FIRST, taken)
    depot.store.create(layout.snapshot_name(depot.other.key_id, 1), [raw])


def sealed_index(depot: Depot, body: bytes) -> bytes:
    config = depot.opened(depot.other).config
    prologue = bytes(Prologue(layout.INDEX, config.repository, config.suite))
    raw = prologue + cipher.seal(config.suite, config.epoch.meta, "index", prologue, body)
    depot.store.create(layout.index_name(cipher.digest(raw)), [raw])
    return cipher.digest(raw)


def packed(value: Any) -> bytes:
    return zstandard.ZstdCompressor().compress(cipher.pack(value))


@pytest.mark.parametrize(
    ("clear", "said"),
    [
        ([], {}),
        (5, {}),
        ({"condemned": "text" * 8}, {}),
        ({"moved": 5}, {}),
        ({}, []),
        ({}, None),
        ({}, {"hold": 5}),
        ({}, {"hold": ["text"]}),
        ({}, {"hold": [{}]}),
        ({}, {"hold": {"a": 1}}),
        ({}, {"tag": [[DIGEST, "text"]]}),
        ({}, {"forget": [[DIGEST, "1", DIGEST]]}),
        ({}, {"time": "now"}),
        ({}, {"why": 5}),
    ],
    ids=str,
)
def test_an_act_that_nobody_writes(depot: Depot, clear: Any, said: Any) -> None:
    """An act is damaged where a part of it is of another kind: saves and checks go on, and nothing is deleted."""
    depot.save({"a": depot.noise(100)})
    name = act(depot, depot.lister, clear, said)
    depot.save({"a": depot.noise(200)})
    assert [problem.name for problem in depot.opened(depot.reader).history().problems] == [name]
    assert [one.object for one in check(depot.opened(depot.verifier), clock=depot.clock).problems] == [name]
    with pytest.raises(Unsound, match=name):
        depot.prune()
    depot.check()


PACK = [DIGEST, 5, "D", b""]


@pytest.mark.parametrize(
    "body",
    [
        [[*PACK[:0], "x" * 32, *PACK[1:]]],
        [[*PACK[:1], -1, *PACK[2:]]],
        [[*PACK[:1], (256 << 20) + 1, *PACK[2:]]],
        [[*PACK[:1], "5", *PACK[2:]]],
        [[*PACK[:2], "Z", *PACK[3:]]],
        [[*PACK[:2], b"D", *PACK[3:]]],
        [[*PACK[:3], "x" * blobs.ENTRY_SIZE]],
        [[*PACK[:3], b"cut"]],
        [PACK[:3]],
        [5],
        5,
        {},
    ],
    ids=str,
)
def test_an_index_that_nobody_writes(depot: Depot, body: Any) -> None:
    """An index is damaged where a part of it is of another kind: what others saved is pruned and checked."""
    mine = depot.save({"a": depot.noise(100)})
    depot.save({"b": depot.noise(100)})
    snapshot(depot, [sealed_index(depot, packed(body))])
    depot.forget(mine)
    depot.pictures.pop(mine.snapshot)
    for _ in range(2):
        depot.wait(8)
        assert len(depot.prune().problems) == 1
    assert not check(depot.opened(depot.verifier), clock=depot.clock).sound
    depot.check()


def test_an_index_that_would_outgrow_all_memory(depot: Depot) -> None:
    """A few kilobytes that unpack to millions of values are refused at the first that isn't a pack."""
    many = b"\xdd" + (64 << 20).to_bytes(4, "big") + b"\x90" * (64 << 20)
    for body in (many, b"\x91\x94" + many):
        name = sealed_index(depot, zstandard.ZstdCompressor().compress(body))
        raw = depot.store.read(layout.index_name(name))
        assert len(raw) < 10_000
        tracemalloc.start()
        with pytest.raises(Damaged):
            index.read(raw, name, depot.pruner)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3 * len(body)


def test_an_index_larger_than_any(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pruner doesn't read an index that is larger than any that a writer makes."""
    depot.save({"a": depot.noise(100)})
    name = sealed_index(depot, os.urandom(10_000))
    snapshot(depot, [name])
    monkeypatch.setitem(layout._LARGEST, "index", 9_000)
    read: list[str] = []
    depot.store.before = lambda what, which: read.append(which) if what == "read" else None
    [problem] = depot.prune().problems
    assert "larger than any" in problem
    assert layout.index_name(name) not in read


def test_an_empty_pack(depot: Depot) -> None:
    """An empty object that an index lists as a pack is no division by nothing: pruning goes on."""
    mine = depot.save({"a": depot.noise(100)})
    depot.save({"b": depot.noise(100)})
    repository, key = depot.opened(depot.other), depot.other
    config = repository.config
    secret, sealed_key = packs.new_key(config, layout.META_PACK)
    empty = cipher.digest(b"")
    depot.store.create(layout.pack_name(empty), [b""])
    tree = cipher.pack([{"n": b"x", "t": "f", "m": 0, "mt": 0, "s": 0, "c": DIGEST}])
    id_ = blobs.identify(tree, key.knows("id meta"))
    stored = blobs.encrypt(cipher.aead(config.suite, secret), config.repository, blobs.TREE, 0, id_, len(tree), 0, tree)
    entry = bytes(Entry(id_, packs.START, len(stored), len(tree), 0, 0, blobs.TREE, 0))
    name, parts = packs.assemble(config, layout.META_PACK, [sealed_key], [stored], entry)
    depot.store.create(layout.pack_name(name), parts)
    nothing = bytes(Entry(DIGEST, 0, 0, 0, 0, 0, blobs.DATA, 0))
    listed = [[name, sum(map(len, parts)), "T", entry], [empty, 0, "D", nothing]]
    snapshot(depot, [sealed_index(depot, packed(listed))], id_)
    depot.forget(mine)
    depot.pictures.pop(mine.snapshot)
    for _ in range(2):
        depot.wait(8)
        done = depot.prune()
    assert done.packs.count > 0
    depot.check()
