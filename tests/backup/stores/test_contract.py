"""What holds for every store, whatever it is made of."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from backup.engine.errors import AlreadyThere, BackupError, Missing
from backup.engine.format import cipher, layout
from backup.engine.stores import paging
from backup.engine.stores.base import Listed, Store
from tests.backup.stores.conftest import Opener

WRITER = bytes(range(16))
BADGE = layout.badge_name(WRITER)


def named(data: bytes) -> str:
    return layout.pack_name(cipher.digest(data))


def names(store: Store, prefix: str) -> set[str]:
    return {one.name for one in store.list(prefix)}


def test_what_is_created_is_read(store: Store) -> None:
    """The parts of an object come back in a row."""
    store.create(BADGE, [b"one ", bytearray(b"two "), memoryview(b"three")])
    assert store.read(BADGE) == b"one two three"


def test_an_empty_object_is_one(store: Store) -> None:
    """An object without a byte is there, and different from none."""
    store.create(BADGE, [])
    assert store.read(BADGE) == b""
    assert store.read(BADGE, 3) == b""
    assert names(store, "keys") == {BADGE}


def test_what_is_not_there_is_missing(store: Store) -> None:
    """An object that was never created is Missing, by its name."""
    with pytest.raises(Missing) as caught:
        store.read(BADGE)
    assert caught.value.name == BADGE
    with pytest.raises(Missing):
        store.read(BADGE, 2, 5)


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [(0, 4, b"0123"), (3, 4, b"3456"), (3, None, b"3456789"), (8, 10, b"89"), (10, 4, b""), (50, 4, b""), (4, 0, b"")],
)
def test_a_part_is_read(store: Store, offset: int, length: int | None, expected: bytes) -> None:
    """A part of an object is read by where it begins and how long it is, and is shorter where the object ends."""
    store.create(BADGE, [b"0123456789"])
    assert store.read(BADGE, offset, length) == expected


def test_nothing_is_overwritten(store: Store, opener: Opener) -> None:
    """A name that is taken stays what it was, also for who has just come."""
    store.create(BADGE, [b"first"])
    for other in (store, opener()):
        with pytest.raises(AlreadyThere) as caught:
            other.create(BADGE, [b"second"])
        assert caught.value.name == BADGE
    assert store.read(BADGE) == b"first"


def test_one_of_two_who_race_is_first(store: Store, opener: Opener) -> None:
    """Of two who create the same name at once one succeeds, one is told, and the object is whole."""
    both = (store, opener())
    for number in range(10):
        name = layout.snapshot_name(WRITER, number)
        start = Barrier(2)

        def create(which: int, name: str = name, start: Barrier = start) -> bool:
            start.wait()
            try:
                both[which].create(name, [bytes([which]) * 5000])
            except AlreadyThere:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            won = list(pool.map(create, (0, 1)))
        assert sorted(won) == [False, True]
        assert store.read(name) == bytes([won.index(True)]) * 5000


def test_threads_share_a_store(store: Store) -> None:
    """Many threads create and read through one store at the same time."""
    contents = [os.urandom(20_000) for _ in range(40)]

    def round_trip(data: bytes) -> bytes:
        store.create(named(data), [data])
        return store.read(named(data))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(round_trip, contents)) == contents
    assert names(store, "packs") == {named(data) for data in contents}


def test_a_large_object_comes_back(store: Store) -> None:
    """An object as large as a pack gets comes back, and any part of it."""
    parts = [os.urandom(1 << 20) for _ in range(19)] + [os.urandom(12_345)]
    data = b"".join(parts)
    store.create(named(data), parts)
    assert store.read(named(data)) == data
    assert store.read(named(data), 5_000_001, 7_000_003) == data[5_000_001:12_000_004]


def test_objects_are_listed(store: Store) -> None:
    """The list of a folder says names, sizes and when the store took them, by its own clock."""
    before = store.now()
    store.create(layout.snapshot_name(WRITER, 1), [b"12345"])
    store.create(layout.snapshot_name(bytes(16), 1), [b"123"])
    store.create(BADGE, [b"1"])
    found = {one.name: one for one in store.list("snapshots")}
    assert {name: one.size for name, one in found.items()} == {
        layout.snapshot_name(WRITER, 1): 5,
        layout.snapshot_name(bytes(16), 1): 3,
    }
    after = store.now()
    second = 10**9  # as exactly as the poorest of them knows the time
    assert all(before - second <= one.received <= after + second for one in found.values())
    assert names(store, f"snapshots/{WRITER.hex()}") == {layout.snapshot_name(WRITER, 1)}
    assert names(store, "keys") == {BADGE}


def test_packs_are_listed_below_their_first_digits(store: Store) -> None:
    """Packs lie in 256 folders: all are listed, or those of one."""
    contents = [str(number).encode() for number in range(30)]
    for data in contents:
        store.create(named(data), [data])
    assert names(store, "packs") == {named(data) for data in contents}
    first = named(contents[0]).rpartition("/")[0]
    assert names(store, first) == {named(data) for data in contents if named(data).startswith(f"{first}/")}


def test_an_empty_folder_lists_nothing(store: Store) -> None:
    """A folder that holds nothing, or isn't there yet, lists nothing."""
    assert list(store.list("index")) == []
    assert list(store.list(f"manifests/{WRITER.hex()}")) == []


def test_what_is_deleted_is_gone(store: Store) -> None:
    """A deleted object is neither read nor listed, and its name can be had again; deleting twice is no error."""
    store.create(BADGE, [b"first"])
    for _ in range(2):
        store.delete(BADGE)
    with pytest.raises(Missing):
        store.read(BADGE)
    assert names(store, "keys") == set()
    store.create(BADGE, [b"second"])
    assert store.read(BADGE) == b"second"


def test_the_clock_is_the_stores(store: Store) -> None:
    """The store's time is near ours here, where both have the same clock, and doesn't go back."""
    first = store.now()
    assert abs(first - time.time_ns()) < 5 * 10**9
    assert store.now() >= first


@pytest.mark.parametrize(
    "name",
    ["", "config", "packs/../../etc/passwd", "/etc/passwd", "keys/UPPER", "tmp/x", f"keys/{'0' * 31}", "packs/ab"],
)
def test_names_outside_the_layout_are_refused(store: Store, name: str) -> None:
    """A name that is none of the layout is neither created, read nor deleted."""
    for action in (lambda: store.create(name, [b""]), lambda: store.read(name), lambda: store.delete(name)):
        with pytest.raises(ValueError, match="no name of an object"):
            action()


@pytest.mark.parametrize("prefix", ["", "tmp", "packs/", "../packs", "keys/00"])
def test_folders_outside_the_layout_are_refused(store: Store, prefix: str) -> None:
    """Only folders of the layout are listed."""
    with pytest.raises(ValueError, match="no folder of a repository"):
        list(store.list(prefix))


def test_a_place_is_prepared_once(store: Store, opener: Opener) -> None:
    """A place that holds something is left as it is."""
    store.create(BADGE, [b"1"])
    with pytest.raises(BackupError, match="isn't empty"):
        opener().prepare()
    assert store.read(BADGE) == b"1"


def test_tidying_takes_nothing_that_counts(store: Store) -> None:
    """Objects, and what was begun just now, stay when a store is tidied."""
    store.create(BADGE, [b"1"])
    store.tidy()
    assert [one for one in store.list("keys") if isinstance(one, Listed)] != []
    assert store.read(BADGE) == b"1"


def test_closing_twice_does_no_harm(store: Store) -> None:
    """A store is closed as often as one likes."""
    store.create(BADGE, [b"1"])
    store.close()
    store.close()


def test_one_object_is_looked_at(store: Store) -> None:
    """What a list says of an object is had for it alone, without reading it; of one that isn't there, that it isn't."""
    store.create(BADGE, [b"12345"])
    [listed] = store.list("keys")
    assert store.look(BADGE) == listed
    with pytest.raises(Missing):
        store.look(layout.badge_name(bytes(16)))
    with pytest.raises(ValueError, match="no name of an object"):
        store.look("tmp/x")


def test_a_place_is_tried(opener: Opener, store: Store) -> None:
    """A trial says nothing of a place that is in order, and leaves nothing there that anybody lists."""
    store.probe()
    store.probe()
    assert all(list(store.list(folder)) == [] for folder in layout.FOLDERS)
    store.create(BADGE, [b"1"])
    assert opener().read(BADGE) == b"1"


@pytest.mark.parametrize("folder", ["packs", "keys", "snapshots"])
def test_a_folder_is_read_page_by_page(store: Store, folder: str) -> None:
    """Page after page every object comes once, in the order of names, whatever the store."""
    made = {
        "packs": [named(bytes([number])) for number in range(23)],
        "keys": [layout.badge_name(bytes([number] * 16)) for number in range(7)],
        "snapshots": [layout.snapshot_name(bytes([number % 2] * 16), number) for number in range(9)],
    }[folder]
    for name in made:
        store.create(name, [b"x"])
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        rows, after = paging.page(store, folder, after, 5)
        assert len(rows) <= 5
        found += [one.name for one in rows]
    assert found == sorted(made)
    assert paging.page(store, folder, "", 100) == (sorted(store.list(folder), key=lambda one: one.name), None)


def test_a_repository_is_taken_away(store: Store, opener: Opener) -> None:
    """Erased, nothing of it is left, and another can be made in its place; erased twice it is gone once."""
    for data in (b"1", b"2"):
        store.create(named(data), [data])
    store.create(BADGE, [b"1"])
    store.erase()
    store.erase()
    other = opener()
    other.prepare()
    assert all(list(other.list(folder)) == [] for folder in layout.FOLDERS)
