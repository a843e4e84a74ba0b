"""Small files of new folders are made by processes: what comes back is the same, and none of them stays behind."""

from __future__ import annotations

import errno
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from backup.engine.errors import BackupError, Unreachable
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring import processes
from backup.engine.restoring.folders import Folders
from backup.engine.restoring.orders import Answer, Order
from backup.engine.restoring.processes import Processes
from backup.engine.restoring.report import Progress, Report
from backup.engine.restoring.restore import Event, Options, Overwrite, Restored, restore
from backup.engine.restoring.site import Site
from backup.engine.stores.local import LocalStore
from tests.backup.checking.memory import MemoryStore
from tests.backup.conftest import Vault
from tests.backup.restoring.pictures import everything

FOLDERS, FILES = 40, 30


@pytest.fixture
def many(vault: Vault) -> Vault:
    """Forty folders of files, links and pipes; in each a file of two names, and one of several pieces."""
    for number in range(FOLDERS):
        folder = vault.source / f"folder {number % 4}" / f"{number:02}"
        folder.mkdir(parents=True)
        for which in range(FILES):
            (folder / f"{which:02}.txt").write_text(f"{number} {which} " * which)
        (folder / "00.txt").chmod(0o640)
        (folder / "again.txt").hardlink_to(folder / "01.txt")
        (folder / "link").symlink_to("01.txt")
        os.mkfifo(folder / "pipe")
        (folder / "random").write_bytes(os.urandom(200_000))
    vault.save()
    return vault


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> list[Processes]:
    """Processes for every restore, whatever else runs in this one: those that were begun."""
    begun: list[Processes] = []

    def of(site: Site, count: int) -> Processes:
        begun.append(Processes(site, count))
        return begun[-1]

    monkeypatch.setattr(Processes, "of", of)
    return begun


def restored(vault: Vault, name: str, **options: object) -> tuple[Path, Restored, list[Event]]:
    events: list[Event] = []
    target = vault.base / name
    done = restore(vault.catalogue(), target, Options(**options), events=events.append)  # type: ignore[arg-type]
    return target, done, sorted(events, key=lambda event: (event.path, event.what))


def none_is_left(begun: list[Processes]) -> bool:
    """Of the processes that were begun, and there were some, each has ended and was waited for."""
    pids = [pid for one in begun for pid in one._pids]
    return bool(pids) and not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("read_back", [False, True])
def test_the_same_comes_back(
    many: Vault, always: list[Processes], monkeypatch: pytest.MonkeyPatch, read_back: bool
) -> None:
    """Every file, count and event is as if threads had made them."""
    by_processes, done, events = restored(many, "by processes", read_back=read_back)
    assert len(always) == 1
    assert none_is_left(always)
    monkeypatch.setattr(Processes, "of", lambda _site, _count: None)
    by_threads, expected, others = restored(many, "by threads", read_back=read_back)
    assert (done, events) == (expected, others)
    assert everything(by_processes) == everything(by_threads) == everything(many.source)
    assert (by_processes / "folder 0" / "00" / "again.txt").samefile(by_processes / "folder 0" / "00" / "01.txt")


def test_into_what_is_there(many: Vault, always: list[Processes]) -> None:
    """Of a target that holds a part, they make only what new folders hold."""
    target, _done, _events = restored(many, "out")
    for path in (target / "folder 1").rglob("*.txt"):
        path.unlink()
    (target / "folder 2").rename(many.base / "away")
    _target, done, _events = restored(many, "out", overwrite=Overwrite.IF_CHANGED)
    assert done.problems == ()
    assert done.files - done.unchanged == FOLDERS // 4 * (2 * (FILES + 1) + 1)
    assert everything(target) == everything(many.source)
    assert len(always) == 2


def test_damage_is_told(many: Vault, always: list[Processes], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is damaged is left out and told, by whomever it is met."""
    largest = max(many.objects("packs"), key=lambda path: path.stat().st_size)
    raw = bytearray(largest.read_bytes())
    for place in range(len(raw) // 2, len(raw) // 2 + 300_000, 1000):
        raw[place] ^= 1
    largest.write_bytes(raw)
    _target, done, _events = restored(many, "by processes")
    monkeypatch.setattr(Processes, "of", lambda _site, _count: None)
    _target, expected, _events = restored(many, "by threads")
    assert done.problems
    assert replace(done, problems=()) == replace(expected, problems=())
    assert sorted(done.problems) == sorted(expected.problems)


def test_one_is_killed(many: Vault, always: list[Processes], monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore whose process is killed ends and says so; what it began has no name. The next one makes the rest."""
    ask = Processes._ask

    def killed(self: Processes, *arguments: object) -> object:
        for pid in self._pids:
            os.kill(pid, signal.SIGKILL)
        return ask(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Processes, "_ask", killed)
    with pytest.raises(BackupError, match="ended unexpectedly"):
        restored(many, "out")
    assert none_is_left(always)
    monkeypatch.setattr(Processes, "_ask", ask)
    target, done, _events = restored(many, "out", overwrite=Overwrite.IF_CHANGED)
    assert done.problems == ()
    assert everything(target) == everything(many.source)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_all_of_them(
    many: Vault, always: list[Processes], monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """A signal that a terminal or a supervisor sends to all is for the one that walks to answer."""
    ask = Processes._ask

    def asked(self: Processes, order: Order) -> Answer:
        for pid in self._pids:
            os.kill(pid, number)
        return ask(self, order)

    monkeypatch.setattr(Processes, "_ask", asked)
    _target, done, _events = restored(many, "out")
    assert done.problems == ()


def test_a_store_that_goes_away(many: Vault, always: list[Processes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store gives the processes nothing any more, the restore ends with that, as with threads."""
    read, walk = LocalStore.read, os.getpid()

    def gone(self: LocalStore, *arguments: object, **options: object) -> object:
        if os.getpid() != walk:
            raise Unreachable("its disk is gone")
        return read(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(LocalStore, "read", gone)
    with pytest.raises(Unreachable, match="its disk is gone"):
        restored(many, "out")
    assert none_is_left(always)


def test_stopped_in_the_middle(many: Vault, always: list[Processes]) -> None:
    """Who stops a restore leaves no process behind."""

    def stop(progress: Progress) -> None:
        if progress.files:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(many.catalogue(), many.base / "out", progress=stop)
    assert none_is_left(always)


def refused() -> int:
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def test_where_there_is_none(many: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """For few files, for a rehearsal, beside other threads, where the system refuses, before a far store, with a key
    that another holds.
    """
    catalogue = many.catalogue()
    monkeypatch.setattr(threading, "active_count", lambda: 1)

    def begun(catalogue: Catalogue = catalogue, **options: bool) -> bool:
        site = Site(catalogue, Options(**options), Report(None), Folders(None))  # type: ignore[arg-type]
        found = Processes.of(site, 1)
        if found is not None:
            found.close()
        return found is not None

    assert not begun()
    monkeypatch.setattr(processes, "_WORTHWHILE", FOLDERS * FILES)
    assert begun()
    assert not begun(dry_run=True)
    with monkeypatch.context() as patch:
        patch.setattr(threading, "active_count", lambda: 2)
        assert not begun()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fork", refused)
        assert not begun()
    repository = catalogue.repository
    catalogue.repository = replace(repository, store=MemoryStore())
    assert not begun()
    catalogue.repository = replace(repository, key=replace(repository.key, holder=object()))  # type: ignore[arg-type]
    assert not begun()
