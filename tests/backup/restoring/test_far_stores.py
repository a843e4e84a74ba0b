"""A store that is far away is asked seldom, and for much; one that breaks off costs what it doesn't give."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from backup.engine.errors import Denied, Unreachable
from backup.engine.format import packs
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring.restore import restore
from tests.backup.conftest import Vault
from tests.backup.restoring.pictures import everything


class Counting:
    """Notes what is read of packs, and how many reads go on at the same time."""

    def __init__(self, catalogue: Catalogue, pause: float = 0.0) -> None:
        self.reads: list[int] = []
        self.most = self._now = 0
        self._pause, self._lock = pause, threading.Lock()
        self._read = catalogue.repository.store.read
        catalogue.repository.store.read = self.read  # type: ignore[method-assign]

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(self._pause)
        data = self._read(name, offset, length)
        with self._lock:
            self._now -= 1
            self.reads.append(len(data))
        return data


def test_few_reads_for_many_files(vault: Vault) -> None:
    """Three thousand small files in a hundred folders take some dozen reads, and no more bytes than are stored."""
    for number in range(3000):
        path = vault.source / str(number % 100) / str(number)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(1500))
    vault.save()
    catalogue = vault.catalogue()
    counting = Counting(catalogue)
    restored = restore(catalogue, vault.base / "out")
    assert restored.problems == ()
    stored = sum(path.stat().st_size for path in vault.objects("packs"))
    assert len(counting.reads) < 40
    assert sum(counting.reads) < 1.5 * stored


def test_many_reads_at_the_same_time(vault: Vault) -> None:
    """With as many workers, as many reads are under way at once, of one large file too."""
    (vault.source / "large").write_bytes(os.urandom(80 << 20))
    vault.save()
    catalogue = vault.catalogue()
    counting = Counting(catalogue, pause=0.05)
    restored = restore(catalogue, vault.base / "out", workers=8)
    assert (restored.problems, restored.verified) == ((), 1)
    assert counting.most >= 6


@pytest.mark.parametrize("error", [Unreachable, Denied])
def test_a_pack_that_cannot_be_read(vault: Vault, monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """What lies in a pack that the store doesn't give, as on a bad sector, is told; all else is restored."""
    monkeypatch.setattr(packs, "TARGET", 1 << 20)
    for number in range(8):
        (vault.source / str(number)).write_bytes(os.urandom(600_000))
    vault.save()
    catalogue = vault.catalogue()
    bad = max(vault.objects("packs"), key=lambda path: path.stat().st_size).name
    read = catalogue.repository.store.read

    def failing(name: str, offset: int = 0, length: int | None = None) -> bytes:
        if name.endswith(bad):
            raise error(f"{name}: broken")
        return read(name, offset, length)

    catalogue.repository.store.read = failing  # type: ignore[method-assign]
    restored = restore(catalogue, vault.base / "out")
    assert 0 < len(restored.problems) < 8
    assert restored.files == 8 - len(restored.problems)
    whole = everything(vault.source)
    for name, what in everything(vault.base / "out").items():
        assert what[4] == whole[name][4]


def test_a_store_that_is_gone(vault: Vault) -> None:
    """A store that gives nothing any more ends the restore, and isn't asked for each of the files."""
    for number in range(200):
        (vault.source / str(number)).write_bytes(os.urandom(1000))
    vault.save()
    catalogue = vault.catalogue()
    asked: list[str] = []
    read = catalogue.repository.store.read

    def gone(name: str, offset: int = 0, length: int | None = None) -> bytes:
        raw = read(name, offset, length)
        if name.startswith("packs") and Path(vault.store.folder / name).read_bytes()[4:5] == b"D":
            asked.append(name)
            raise Unreachable("the store is gone")
        return raw

    catalogue.repository.store.read = gone  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        restore(catalogue, vault.base / "out")
    assert len(asked) < 30
