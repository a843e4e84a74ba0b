"""Saving: only what is new, never half, and never in silence."""

from __future__ import annotations

import os
import random
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backup.engine.checking.check import check
from backup.engine.checking.sample import EVERYTHING
from backup.engine.errors import Busy
from backup.engine.format import blobs, layout, packs
from backup.engine.format.packs import Written
from backup.engine.repository import Repository
from backup.engine.saving.intake import Progress
from backup.engine.saving.packer import Packer, PackWriter
from backup.engine.saving.save import save
from backup.engine.saving.state import State
from backup.engine.sources.base import Item, Unreadable
from backup.engine.sources.folder import FolderSource
from backup.engine.stores.cached import Cached
from tests.backup.conftest import LATER, Vault, picture


def fill(folder: Path, seed: int = 1, files: int = 40) -> None:
    chance = random.Random(seed)
    for number in range(files):
        path = folder / f"{number % 5}" / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(chance.randbytes(chance.randrange(1, 20_000)))
    (folder / "large").write_bytes(chance.randbytes(20 << 20))


def test_unchanged_tree_adds_nothing(vault: Vault) -> None:
    """A second save of the same tree adds a snapshot of a kilobyte and reads no file."""
    fill(vault.source)
    first = vault.save()
    before = {path: path.stat().st_size for path in vault.objects()}
    for path in vault.source.rglob("*.txt"):
        os.chmod(path, path.stat().st_mode)  # noqa: PTH101 (touches ctime: the next save must read again)
    vault.save()
    second = vault.save()
    new = {path: path.stat().st_size for path in vault.objects() if path not in before}
    assert (second.effort.added, second.new_blobs, second.root) == (0, 0, first.root)
    assert {path.parent.parent.name for path in new} == {"snapshots"}
    assert max(new.values()) < 1024


def test_a_change_adds_little(vault: Vault) -> None:
    """A hundred bytes changed in a large file add a piece or two, not the file."""
    fill(vault.source)
    vault.save()
    with (vault.source / "large").open("r+b") as file:
        file.seek(10 << 20)
        file.write(b"x" * 100)
    second = vault.save()
    assert second.effort.added < 10 << 20
    target, restored = vault.restore(second)
    assert (picture(target), restored.problems) == (picture(vault.source), ())


def test_older_snapshots_stay(vault: Vault) -> None:
    """Each snapshot gives back its own state, in whatever order they are restored."""
    states = []
    for round_ in range(3):
        fill(vault.source, seed=round_, files=10 + round_)
        states.append((vault.save(), picture(vault.source)))
    for saved, was in reversed(states):
        assert picture(vault.restore(saved)[0]) == was
    sequence = [snapshot.head.sequence for snapshot in vault.as_reader().snapshots()]
    assert sequence == [1, 2, 3]


def test_unreadable_things_are_told(vault: Vault) -> None:
    """A file that can't be read doesn't stop a save; it is counted and named."""
    fill(vault.source, files=3)

    class Vanishing(FolderSource):
        def read(self, item: Item) -> tuple[bytes, bool]:
            if item.name == b"0.txt":
                (vault.source / "0" / "0.txt").unlink()
            return super().read(item)

    saved = vault.save(Vanishing(vault.source, now=LATER))
    [why] = saved.unread
    assert "0.txt" in why
    assert vault.snapshot(saved).effort.unread == 1
    assert vault.restore(saved)[1].problems == ()


def test_a_file_that_becomes_a_link_is_not_followed(vault: Vault) -> None:
    """A file replaced by a link between listing and reading is left out: the link's target isn't saved."""
    secret = vault.base / "secret"
    secret.write_text("not yours")
    (vault.source / "file").write_text("mine")

    class Swapping(FolderSource):
        def read(self, item: Item) -> tuple[bytes, bool]:
            (vault.source / "file").unlink()
            (vault.source / "file").symlink_to(secret)
            return super().read(item)

    saved = vault.save(Swapping(vault.source, now=LATER))
    assert (saved.counts.files, len(saved.unread)) == (0, 1)


def test_no_source_no_snapshot(vault: Vault) -> None:
    """A source that isn't there makes no empty snapshot."""
    with pytest.raises(Unreadable):
        vault.save(FolderSource(vault.base / "nowhere", now=LATER))
    assert vault.as_reader().snapshots() == []


def test_one_save_at_a_time(vault: Vault) -> None:
    """A second save with the same key on this machine is refused while one is under way."""
    with State(vault.base / "state"), pytest.raises(Busy):
        vault.save()
    vault.save()


def test_stop_and_go_on(vault: Vault) -> None:
    """A save stopped by its progress leaves no snapshot, and the next uses the packs it wrote."""
    threads = set(threading.enumerate())
    fill(vault.source, files=5)
    for number in range(3):
        (vault.source / f"more {number}").write_bytes(random.Random(number + 9).randbytes(24 << 20))

    class Stopped(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.added > 30 << 20:
            raise Stopped

    source = FolderSource(vault.source, now=LATER)
    with State(vault.base / "state") as state, pytest.raises(Stopped):
        save(vault.as_writer(), state, source, clock=vault.clock, progress=stop)
    assert vault.as_reader().snapshots() == []
    kept = sum(path.stat().st_size for path in vault.objects("packs"))
    saved = vault.save()
    assert kept > 30 << 20
    assert saved.effort.added < (92 << 20) - kept + (1 << 20)
    assert picture(vault.restore()[0]) == picture(vault.source)
    assert not set(threading.enumerate()) - threads, "no thread outlives its save"


def test_forgotten_memory_costs_an_upload(vault: Vault) -> None:
    """A writer that lost its memory saves everything again, follows its own chain, and both snapshots are whole."""
    fill(vault.source)
    first = vault.save()
    shutil.rmtree(vault.base / "state")
    second = vault.save()
    assert (second.sequence, second.store_differs) == (2, False)
    assert second.effort.added > 20 << 20
    for saved in (first, second):
        assert picture(vault.restore(saved)[0]) == picture(vault.source)


def test_packs_that_are_gone_are_uploaded_again(vault: Vault) -> None:
    """What the store has lost is saved anew, and the snapshot made then is whole."""
    fill(vault.source)
    vault.save()
    for path in vault.objects("packs"):
        path.unlink()
    second = vault.save()
    target, restored = vault.restore(second)
    assert picture(target) == picture(vault.source)
    assert restored.files == second.counts.files
    again = vault.save()
    assert again.effort.added == 0


def test_indexes_that_are_gone_are_written_again(vault: Vault) -> None:
    """A lost index is made anew from what the writer remembers."""
    fill(vault.source)
    vault.save()
    for path in vault.objects("index"):
        path.unlink()
    second = vault.save()
    assert second.effort.added == 0
    assert vault.restore(second)[1].problems == ()


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damaged_indexes_are_written_again(vault: Vault, damage: str) -> None:
    """The save after an index was damaged makes it anew: what is saved from then on comes back."""
    fill(vault.source)
    vault.save()
    [path] = vault.objects("index")
    raw = path.read_bytes()
    path.write_bytes(raw[:100] if damage == "cut" else raw[:-1] + bytes([raw[-1] ^ 1]))
    (vault.source / "new").write_text("new")
    target, restored = vault.restore(vault.save())
    assert restored.problems == ()
    assert picture(target) == picture(vault.source)


def test_a_damaged_index_is_seen_though_a_copy_is_near(vault: Vault) -> None:
    """What a cache keeps of an index says nothing of what the store holds today."""
    fill(vault.source)
    near = Cached(vault.store, vault.base / "cache")

    def again() -> None:
        with State(vault.base / "state") as memory:
            source = FolderSource(vault.source, now=LATER)
            save(Repository.open(near, vault.writer), memory, source, clock=vault.clock)

    again()
    [path] = vault.objects("index")
    near.read(layout.index_name(bytes.fromhex(path.name)))
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    (vault.source / "new").write_text("new")
    again()
    target, restored = vault.restore()
    assert restored.problems == ()
    assert picture(target) == picture(vault.source)


def test_a_store_put_back_is_noticed(vault: Vault) -> None:
    """When the store holds an older state of itself, the next save says so, and the gap stays visible for good."""
    fill(vault.source, files=3)
    vault.save()
    shutil.copytree(vault.store.folder, vault.base / "copy")
    vault.save()
    shutil.rmtree(vault.store.folder)
    (vault.base / "copy").rename(vault.store.folder)
    third = vault.save()
    assert (third.sequence, third.store_differs) == (3, True)
    report = check(vault.as_reader(), EVERYTHING, clock=vault.clock)
    assert any("is gone: later snapshots" in problem.why for problem in report.problems)
    assert picture(vault.restore(third)[0]) == picture(vault.source)


def test_two_machines_with_one_key(vault: Vault) -> None:
    """Two saves that race for one number both end in a snapshot, one after the other, in one chain."""
    fill(vault.source, files=4)
    with State(vault.base / "one") as one, State(vault.base / "two") as two:
        source = FolderSource(vault.source, now=LATER)
        ready = threading.Barrier(2)

        def clock() -> int:
            if threading.current_thread() is not threading.main_thread():
                ready.wait(120)
            return vault.clock()

        threads = [
            threading.Thread(target=save, args=(vault.as_writer(), state, source), kwargs={"clock": clock})
            for state in (one, two)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(snapshot.head.sequence for snapshot in vault.as_reader().snapshots()) == [1, 2]
    assert check(vault.as_reader(), EVERYTHING, clock=vault.clock).problems == ()


def test_many_writers_in_one_new_folder(vault: Vault) -> None:
    """Whoever finds that another has just made the folder goes on in it."""
    writers = 8
    for round_ in range(20):
        ready = threading.Barrier(writers)

        def write(name: str, ready: threading.Barrier = ready) -> None:
            ready.wait(120)
            vault.store.create(name, [b"x"])

        names = [f"snapshots/{round_:032x}/{number:016x}" for number in range(writers)]
        with ThreadPoolExecutor(writers) as threads:
            list(threads.map(write, names))
        assert sorted(one.name for one in vault.store.list(f"snapshots/{round_:032x}")) == names


def test_indexes_are_gathered(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot never names more than a few dozen small indexes: then their packs are listed anew, together."""
    monkeypatch.setattr("backup.engine.saving.save._MOST_SMALL_INDEXES", 4)
    for round_ in range(7):
        (vault.source / "file").write_text(str(round_))
        vault.save()
        assert len(vault.snapshot().indexes) <= 5
    for snapshot in vault.as_reader().snapshots():
        assert snapshot.counts.files == 1
    assert check(vault.as_reader(), EVERYTHING, clock=vault.clock).problems == ()


def test_packs_filled_by_many_threads(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the threads do, no counter serves twice, no blob overlaps another, and none is lost."""
    monkeypatch.setattr(packs, "TARGET", 20_000)
    written: list[Written] = []
    config = vault.as_writer().config
    writer = PackWriter(vault.store.create, config, written.append, 2)
    packer = Packer(layout.DATA_PACK, config, writer)
    start = threading.Barrier(8)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        start.wait(120)
        for number in range(100):
            many = [
                (bytes([seed, part]) * 8 + number.to_bytes(16, "big"), 0, 10, chance.randbytes(chance.randrange(999)))
                for part in range(2)
            ]
            packer.add(1, many)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    packer.close()
    writer.close()
    everything = [list(blobs.entries(pack.entries, "")) for pack in written]
    assert sum(map(len, everything)) == len({entry.id for listed in everything for entry in listed}) == 1600
    for listed in everything:
        assert sorted(entry.counter for entry in listed) == list(range(len(listed)))
        ends = [packs.START, *(entry.offset + entry.stored for entry in listed)]
        assert all(entry.offset == end for entry, end in zip(listed, ends, strict=False))


@pytest.mark.parametrize(
    ("length", "padded"), [(1, 1), (9, 10), (1000, 1024), (16 << 20, 16 << 20), (1_234_567, 1_245_184)]
)
def test_padme(length: int, padded: int) -> None:
    """Small packs are padded as the authors of Padmé say: by at most twelve in a hundred."""
    assert packs.padme(length) == padded
    assert packs.padme(padded) == padded
