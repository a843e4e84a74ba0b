"""What is special to a folder: disks that have no hard links, such as those people carry about."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import Barrier, Thread

import pytest

from backup.engine import naming
from backup.engine.errors import AlreadyThere, Denied
from backup.engine.format import layout
from backup.engine.stores.local import LocalStore

BADGE = layout.badge_name(bytes(16))


@pytest.fixture(params=["renames without replacing", "just renames"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStore:
    """A folder on a disk that has no hard links."""

    def no_links(*_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(naming.os, "link", no_links)
    if request.param == "just renames":
        monkeypatch.setattr(naming, "_NOREPLACE", 1 << 30)  # which no system knows
    made = LocalStore(tmp_path / "repository")
    made.prepare()
    return made


def test_a_disk_without_links(store: LocalStore) -> None:
    """Objects are created, never over another, and nothing unfinished stays."""
    store.create(BADGE, [b"one"])
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"two"])
    assert store.read(BADGE) == b"one"
    assert list((store.folder / "tmp").iterdir()) == []


def test_many_at_the_same_moment(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many who create one name, what lies there is of one who was told so: the only one, where that can be."""
    told: list[bytes] = []
    ready = Barrier(8)

    def create(data: bytes) -> None:
        ready.wait()
        try:
            store.create(BADGE, [data])
        except AlreadyThere:
            return
        told.append(data)

    threads = [Thread(target=create, args=(bytes([number]) * 1000,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(BADGE) in told
    if naming._NOREPLACE == 1:
        assert len(told) == 1


def test_a_folder_that_takes_nothing(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk refuses otherwise is said as it is."""
    monkeypatch.setattr(naming, "_rename", lambda *_names: (_ for _ in ()).throw(PermissionError(errno.EACCES, "no")))
    with pytest.raises(Denied):
        store.create(BADGE, [b"one"])
