"""Small files are read by the walk or by workers, as it is quicker: what is saved is the same."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backup.engine.format import blobs
from backup.engine.saving import intake
from backup.engine.saving.crew import Crew
from backup.engine.saving.intake import Intake
from backup.engine.saving.underway import File
from tests.backup.conftest import Vault, picture

FILES = 2000
Given = list[int]


@pytest.fixture
def many(new_vault: Callable[[], Vault]) -> Callable[[], Vault]:
    """Repositories of one and the same tree: some files are empty, some equal, some don't compress."""

    def make() -> Vault:
        vault, chance = new_vault(), random.Random(5)
        for number in range(FILES):
            path = vault.source / f"{number % 7}" / f"{number}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(chance.choice((b"", b"the same", b"%d " % number * 300, chance.randbytes(900))))
        return vault

    return make


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """The sizes of what the workers were given."""
    sizes: Given = []
    give = Crew.give

    def noted(self: Crew, cost: int, work: Callable[..., None], *arguments: object) -> None:
        sizes.append(cost)
        give(self, cost, work, *arguments)

    monkeypatch.setattr(Crew, "give", noted)
    return sizes


def test_who_reads_them_makes_no_difference(
    many: Callable[[], Vault], given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counts, the new blobs and what comes back are the same."""
    monkeypatch.setattr(time, "thread_time", time.perf_counter)  # a disk that never makes the walk wait
    by_walk = many()
    first = by_walk.save()
    assert given == [], "tiny files are the walk's"
    monkeypatch.setattr(intake, "_TINY", 0)
    by_workers = many()
    second = by_workers.save()
    assert len(given) == FILES // 256 + 1
    assert (first.counts, first.new_blobs) == (second.counts, second.new_blobs)
    assert (first.effort.fresh, first.effort.dense) == (second.effort.fresh, second.effort.dense)
    for vault in (by_walk, by_workers):
        target, restored = vault.restore()
        assert restored.problems == ()
        assert picture(target) == picture(vault.source)


def test_a_disk_that_makes_the_walk_wait(
    many: Callable[[], Vault], given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the walk waits for the disk rather than works, the next batches are read by workers beside it."""
    monkeypatch.setattr(time, "thread_time", lambda: 0.0)  # all the time of a batch was waiting
    many().save()
    assert len(given) == FILES // 256, "all but the first"


def test_a_file_that_vanishes_between(many: Callable[[], Vault], monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be read is told, and no other file takes its place."""
    vault = many()
    read = Intake._read

    def vanishing(self: Intake, files: list[File]) -> object:
        for file in files[::100]:
            (vault.source / str(int(file.item.name) % 7) / file.item.name.decode()).unlink()
        return read(self, files)

    monkeypatch.setattr(Intake, "_read", vanishing)
    saved = vault.save()
    gone = FILES - sum(1 for path in vault.source.rglob("*") if path.is_file())
    assert len(saved.unread) == gone > FILES // 100
    target, _restored = vault.restore()
    assert contents(target) == contents(vault.source)


def contents(folder: Path) -> dict[bytes, object]:
    return {name: seen[2] for name, seen in picture(folder).items()}


@pytest.mark.parametrize("count", [0, 1, 300])
def test_compressed_in_one_call(count: int) -> None:
    """Each is stored as it is when it is compressed by itself."""
    chance = random.Random(count)
    pieces = [chance.choice((b"abc" * chance.randrange(900), chance.randbytes(500))) for _ in range(count)]
    assert blobs.compress_all(list(pieces)) == [blobs.compress(piece) for piece in pieces]
