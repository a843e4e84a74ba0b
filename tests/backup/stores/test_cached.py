"""A store whose small objects are kept near."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backup.engine.errors import Missing
from backup.engine.format import cipher, layout
from backup.engine.stores.base import Locking
from backup.engine.stores.cached import Cached
from tests.backup.stores.memory import LockingStore, MemoryStore

BADGE = layout.badge_name(bytes(16))
SNAPSHOT = layout.snapshot_name(bytes(16), 1)
DATA = b"what is kept near"
INDEX = layout.index_name(cipher.digest(DATA))
MANIFEST = layout.manifest_name(bytes(16), cipher.digest(DATA))
PACK = layout.pack_name(cipher.digest(DATA))


@pytest.fixture
def inner() -> MemoryStore:
    made = MemoryStore()
    for name in (BADGE, SNAPSHOT, INDEX, MANIFEST, PACK, layout.config_name(1), layout.act_name(bytes(16), 1)):
        made.create(name, [DATA])
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def store(inner: MemoryStore, folder: Path) -> Cached:
    return Cached(inner, folder)


def listed(inner: MemoryStore, folder: Path, largest: int = 1 << 20) -> Cached:
    """A cache as a new process opens it, which has listed what there is."""
    made = Cached(inner, folder, largest=largest)
    for prefix in layout.FOLDERS:
        list(made.list(prefix))
    return made


def kept(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "name", [INDEX, MANIFEST, BADGE, SNAPSHOT, layout.config_name(1), layout.act_name(bytes(16), 1)]
)
def test_what_was_read_once_is_near(inner: MemoryStore, folder: Path, name: str) -> None:
    """An object that was read once is not fetched again, also not by another process, nor is a part of it."""
    for _ in range(2):
        store = listed(inner, folder)
        assert store.read(name) == DATA
        assert store.read(name, 5, 3) == DATA[5:8]
        assert store.read(name, 5) == DATA[5:]
    assert inner.count("read") == 1


def test_packs_are_not_kept(inner: MemoryStore, folder: Path) -> None:
    """Packs are read where they are, each time."""
    store = listed(inner, folder)
    for _ in range(2):
        assert store.read(PACK, 3, 4) == DATA[3:7]
    assert inner.count("read") == 2
    assert kept(folder) == set()


def test_only_what_is_new_is_fetched(inner: MemoryStore, folder: Path) -> None:
    """Who lists and reads again fetches what has come since, and nothing else."""
    for number in range(2, 6):
        inner.create(layout.snapshot_name(bytes(16), number), [DATA])
        store = Cached(inner, folder)
        for one in list(store.list("snapshots")):
            store.read(one.name)
    assert inner.count("read") == 5


@pytest.mark.parametrize("name", [INDEX, MANIFEST, BADGE, SNAPSHOT])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_entry_is_read_anew(inner: MemoryStore, folder: Path, name: str, data: st.DataObject) -> None:
    """An entry with a bit that is another, or without its end, is never given out: the object is read anew."""
    listed(inner, folder).read(name)
    path = folder / name
    whole, times = path.read_bytes(), path.stat()
    spoilt = bytearray(whole)
    spoilt[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(data.draw(st.sampled_from([bytes(spoilt), whole[: data.draw(st.integers(0, len(whole) - 1))]])))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert listed(inner, folder).read(name) == DATA
    assert listed(inner, folder).read(name) == DATA


def test_an_entry_holds_for_its_name_only(inner: MemoryStore, folder: Path) -> None:
    """An entry that is put under another name counts for nothing."""
    other = layout.snapshot_name(bytes(16), 2)
    inner.create(other, [b"another one's sna"])
    store = listed(inner, folder)
    store.read(SNAPSHOT)
    store.read(other)
    (folder / other).write_bytes((folder / SNAPSHOT).read_bytes())
    times = inner.received[other]
    os.utime(folder / other, ns=(times, times))
    assert listed(inner, folder).read(other) == b"another one's sna"


def test_what_is_gone_from_the_store_goes(inner: MemoryStore, folder: Path) -> None:
    """Entries whose objects are listed no more are dropped, and Missing like them."""
    store = listed(inner, folder)
    for name in (INDEX, SNAPSHOT, BADGE):
        store.read(name)
    del inner.objects[INDEX], inner.objects[SNAPSHOT]
    list(store.list("index"))
    list(store.list("snapshots"))
    assert kept(folder) == {BADGE}
    for name in (INDEX, SNAPSHOT):
        with pytest.raises(Missing):
            store.read(name)


def test_a_list_of_a_part_drops_nothing_else(inner: MemoryStore, folder: Path) -> None:
    """The list of one writer's snapshots says nothing of another's."""
    other = layout.snapshot_name(b"x" * 16, 1)
    inner.create(other, [DATA])
    store = listed(inner, folder)
    store.read(SNAPSHOT)
    store.read(other)
    list(store.list(f"snapshots/{(b'x' * 16).hex()}"))
    assert kept(folder) == {SNAPSHOT, other}


def test_a_list_that_breaks_off_drops_nothing(inner: MemoryStore, folder: Path) -> None:
    """Only a list that was read to its end says what is gone."""
    store = listed(inner, folder)
    store.read(SNAPSHOT)
    inner.create(layout.snapshot_name(bytes(16), 2), [DATA])
    del inner.objects[SNAPSHOT]
    assert next(iter(store.list("snapshots")))
    assert kept(folder) == {SNAPSHOT}


def test_what_is_deleted_goes_at_once(inner: MemoryStore, folder: Path) -> None:
    """An object that is deleted through the cache is gone from it too."""
    store = listed(inner, folder)
    store.read(SNAPSHOT)
    store.delete(SNAPSHOT)
    assert kept(folder) == set()
    with pytest.raises(Missing):
        store.read(SNAPSHOT)


def test_a_name_that_is_another_object_now(inner: MemoryStore, folder: Path) -> None:
    """An object that the store received at another time, or that has another size, is another one: it is read anew."""
    listed(inner, folder).read(BADGE)
    inner.objects[BADGE], inner.received[BADGE] = b"x" * len(DATA), 99
    assert listed(inner, folder).read(BADGE) == b"x" * len(DATA)
    inner.objects[BADGE] = b"longer than it was before"
    assert listed(inner, folder).read(BADGE) == b"longer than it was before"


def test_what_was_not_listed_is_not_trusted(inner: MemoryStore, folder: Path) -> None:
    """A name that says nothing of its content is read from the store until this process has listed it."""
    listed(inner, folder).read(BADGE)
    store = Cached(inner, folder)
    inner.objects[BADGE] = b"new"
    assert store.read(BADGE) == b"new"
    assert store.read(BADGE) == b"new"
    assert store.read(INDEX) == DATA


def test_rubbish_under_a_digest_is_not_kept(inner: MemoryStore, folder: Path) -> None:
    """What isn't what its name says is given out as the store has it, and kept nowhere."""
    inner.objects[INDEX] = b"rubbish"
    assert listed(inner, folder).read(INDEX) == b"rubbish"
    assert kept(folder) == set()


def test_a_cache_is_bounded(inner: MemoryStore, folder: Path) -> None:
    """A cache grows no larger than it may, and drops what was used least lately."""
    blobs = [bytes([number]) * 1000 for number in range(12)]
    names = [layout.index_name(cipher.digest(data)) for data in blobs]
    for name, data in zip(names, blobs, strict=True):
        inner.create(name, [data])
    store = listed(inner, folder, largest=10_000)
    for name in [*names[:9], names[0], *names[9:]]:
        store.read(name)
    assert sum((folder / name).stat().st_size for name in kept(folder)) <= 10_000
    assert names[0] in kept(folder)
    assert names[1] not in kept(folder)
    assert names[-1] in kept(folder)
    listed(inner, folder, largest=100).read(names[1])
    assert names[1] not in kept(folder)


def test_others_can_not_read_a_cache(inner: MemoryStore, folder: Path) -> None:
    """Files of a cache are their owner's alone, and nothing unfinished is left."""
    store = listed(inner, folder)
    store.read(SNAPSHOT)
    assert (folder / SNAPSHOT).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "tmp" / "left").write_bytes(b"by a process that was stopped")
    listed(inner, folder).read(INDEX)
    assert kept(folder) == {SNAPSHOT, INDEX}


def test_a_cache_that_can_not_be_written(inner: MemoryStore, tmp_path: Path) -> None:
    """A cache that can't be written is none, and hinders nobody."""
    (tmp_path / "file").write_bytes(b"")
    store = listed(inner, tmp_path / "file")
    for _ in range(2):
        assert store.read(SNAPSHOT) == DATA
    assert inner.count("read") == 2
    store.delete(SNAPSHOT)


def test_names_outside_the_layout_are_not_looked_for(store: Cached, tmp_path: Path) -> None:
    """No name leads out of the cache."""
    with pytest.raises(ValueError, match="no name"):
        store.read("keys/../../etc/passwd")


def test_locks_go_through(folder: Path) -> None:
    """A cache in front of a store that locks locks too."""
    inner = LockingStore()
    store = Cached(inner, folder)
    assert isinstance(store, Locking)
    store.lock_until(BADGE, 7)
    assert store.locked_until(BADGE) == 7
