"""Savers, pruners and those who forget, interleaved call by call as hypothesis likes: what is kept always restores."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backup.engine.errors import Damaged, Missing
from backup.engine.format import cipher, packs
from backup.engine.format.cipher import Bytes
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import FILE
from backup.engine.keeping import forget
from backup.engine.keeping.judging import Economy
from backup.engine.keeping.prune import prune
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.saving.save import Saved, save
from backup.engine.saving.state import State
from backup.engine.stores.base import Listed
from tests.backup.keeping.conftest import Depot, MemoryStore, Tree

WATCHED = ("acts", "index", "packs", "snapshots", "manifests")


class Gated(MemoryStore):
    """The same objects and the same clock; one thread's calls wait until they are let through."""

    def __init__(self, store: MemoryStore, pause: Callable[[str], None]) -> None:
        self.store, self._pause = store, pause

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        self._pause(f"create {name}")
        self.store.create(name, parts, urgent=urgent)

    def list(self, prefix: str) -> Iterator[Listed]:
        if prefix.partition("/")[0] in WATCHED:
            self._pause(f"list {prefix}")
        return self.store.list(prefix)

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        return self.store.read(name, offset, length)

    def delete(self, name: str) -> None:
        self._pause(f"delete {name}")
        self.store.delete(name)

    def now(self) -> int:
        return self.store.now()


class Actor:
    """Somebody at work, who gets on a call at a time."""

    def __init__(self, store: MemoryStore, work: Callable[[MemoryStore], Any], finished: Callable[[Any], None]) -> None:
        self._work, self._finished = work, finished
        self._store = Gated(store, self._pause)
        self._go, self._arrived = threading.Semaphore(0), threading.Semaphore(0)
        self._stopped = False
        self.next = ""
        """The call it waits with."""
        self.slept = False
        self.is_done = False
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._arrived.acquire()

    def step(self) -> None:
        if not self.is_done:
            self._go.release()
            self._arrived.acquire()

    def stop(self) -> None:
        self._stopped = True
        while not self.is_done:
            self.step()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._finished(self._work(self._store))
        except BaseException as error:
            self.failure = error
        self.is_done = True
        self._arrived.release()

    def _pause(self, call: str) -> None:
        if threading.current_thread() is self._thread:
            self.next = call
            self._arrived.release()
            self._go.acquire()
            if self._stopped:
                raise InterruptedError


NUMBER = st.integers(0, 1)
SOME = st.sets(st.integers(0, 23), max_size=8)
WASTE = st.sampled_from([0.2, 0.5, 0.9])


class Interleaved(RuleBasedStateMachine):
    """Two writers, two pruners; time passes in hours while a pruner works, in days otherwise."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.depot = Depot(Path(self.folder.name))
        self.target, packs.TARGET = packs.TARGET, 8 << 10
        self.files = [self.depot.noise(700) for _ in range(24)]
        self.writers = [self.depot.writer, self.depot.other]
        self.savers: list[Actor | None] = [None, None]
        self.pruners: list[Actor | None] = [None, None]
        self.saved: list[bytes] = []
        self.forgotten: list[bytes] = []
        self.contents: dict[bytes, set[int]] = {}
        self.seen = -1
        for writer in (0, 1):
            for some in (range(24), range(0, 24, 6)):
                self._save(writer, some)
                self._go_on(self.savers, writer, 10_000)
            self._forget(self.saved[-2])
        self.depot.wait(8)

    def teardown(self) -> None:
        for actor in [*getattr(self, "savers", ()), *getattr(self, "pruners", ())]:
            if actor is not None:
                actor.stop()
        if hasattr(self, "folder"):
            packs.TARGET = self.target
            self.folder.cleanup()

    # Whoever is to go on and isn't there begins: so no rule depends on how far others are, and none is idle

    @rule(some=SOME)
    def save(self, some: set[int]) -> None:
        self._saver(0, some)

    @rule(number=NUMBER, some=SOME, calls=st.integers(1, 6))
    def savers_go_on(self, number: int, some: set[int], calls: int) -> None:
        self._go_on(self.savers, self._saver(number, some), calls)

    @rule(number=NUMBER, some=SOME)
    def a_saver_finishes(self, number: int, some: set[int]) -> None:
        self._go_on(self.savers, self._saver(number, some), 10_000)

    @rule(number=NUMBER, some=SOME)
    def a_saver_is_about_to_announce(self, number: int, some: set[int]) -> None:
        number = self._saver(number, some)
        while (actor := self.savers[number]) is not None and not actor.next.startswith("create snapshots/"):
            self._go_on(self.savers, number, 1)

    @rule(number=NUMBER)
    def a_writer_loses_its_memory(self, number: int) -> None:
        if self.savers[number] is None:
            shutil.rmtree(self.depot.state(self.writers[number]), ignore_errors=True)

    def _saver(self, number: int, some: set[int]) -> int:
        """One who is at work, or the one of this number once he has begun."""
        if self.savers == [None, None]:
            self._save(number, some)
        return number if self.savers[number] is not None else 1 - number

    def _save(self, writer: int, some: Any) -> None:
        files = {f"{number % 3}/{number}": self.files[number] for number in some}
        key = self.writers[writer]

        def work(store: MemoryStore) -> Saved:
            with State(self.depot.state(key)) as memory:
                repository = Repository.open(store, key)
                return save(repository, memory, Tree(files), clock=self.depot.clock, workers=1)

        def finished(saved: Saved) -> None:
            self.saved.append(saved.snapshot)
            self.contents[saved.snapshot] = set(some)
            if actor.slept:
                self._forget(*self._announced(writer, before) - {saved.snapshot})

        before = self._announced(writer, set())
        actor = self.savers[writer] = Actor(self.depot.store, work, finished)

    def _announced(self, writer: int, before: set[bytes]) -> set[bytes]:
        """What a writer has announced that wasn't there before."""
        names = self.depot.store.names(f"snapshots/{self.writers[writer].key_id.hex()}")
        return {cipher.digest(self.depot.store.objects[name][0]) for name in names} - before

    @rule(join=st.booleans(), waste=WASTE)
    def prune(self, join: bool, waste: float) -> None:
        if self.pruners == [None, None]:
            self._go_on(self.pruners, self._pruner(0, join, waste), 10_000)

    @rule(number=NUMBER, join=st.booleans(), waste=WASTE, calls=st.integers(1, 8))
    def pruners_go_on(self, number: int, join: bool, waste: float, calls: int) -> None:
        self._go_on(self.pruners, self._pruner(number, join, waste), calls)

    @rule(number=NUMBER, join=st.booleans(), waste=WASTE)
    def a_pruner_finishes(self, number: int, join: bool, waste: float) -> None:
        self._go_on(self.pruners, self._pruner(number, join, waste), 10_000)

    @rule(number=NUMBER)
    def a_pruner_is_killed(self, number: int) -> None:
        actor = self.pruners[number]
        if actor is not None:
            actor.stop()
            self.pruners[number] = None

    def _pruner(self, number: int, join: bool, waste: float) -> int:
        economy = Economy(most_waste=waste, join=join)

        def work(store: MemoryStore) -> object:
            return prune(Repository.open(store, self.depot.pruner), now=self.depot.clock, economy=economy)

        if self.pruners[number] is None:
            self.pruners[number] = Actor(self.depot.store, work, lambda _done: None)
        return number

    def _go_on(self, actors: list[Actor | None], number: int, calls: int) -> None:
        actor = actors[number]
        assert actor is not None
        for _ in range(calls):
            actor.step()
            if actor.is_done:
                actors[number] = None
                # A pruner that finds what another one has just taken away stops, and loses nothing by that.
                if actor.failure is not None and not isinstance(actor.failure, (Damaged, Missing)):
                    raise actor.failure
                return

    # What is said, and time

    @rule(number=st.integers(0, 100))
    def forget(self, number: int) -> None:
        if len(self.saved) > 1:
            self._forget(self.saved[number % len(self.saved)])

    def _forget(self, *ids: bytes) -> None:
        self.saved = [one for one in self.saved if one not in ids]
        self.forgotten += ids
        forget.forget(self.depot.as_pruner, [self.depot.snapshot(one) for one in ids], now=self.depot.clock())

    @rule(number=st.integers(0, 100))
    def recall(self, number: int) -> None:
        if not self.forgotten or self.pruners != [None, None]:
            return  # what is being deleted this very moment can't be had back
        one = self.forgotten[number % len(self.forgotten)]
        self.forgotten.remove(one)
        try:
            forget.recall(self.depot.as_pruner, [self.depot.snapshot(one)], now=self.depot.clock())
        except (Damaged, Missing):
            return
        self.saved.append(one)

    @rule(days=st.sampled_from([1, 8, 8, 8]))
    def time_passes(self, days: int) -> None:
        """A writer may sleep for days; a pruner that does takes nothing away any more."""
        if self.pruners != [None, None]:
            self.depot.wait(1 / 24)
            return
        self.depot.wait(days)
        for actor in self.savers:
            if actor is not None:
                actor.slept = True

    @invariant()
    def all_that_is_kept_restores(self) -> None:
        version = hash(frozenset(self.depot.store.objects))
        if version == self.seen:
            return
        self.seen = version
        repository = self.depot.opened(self.depot.reader)
        history = repository.history()
        pairs = zip(self.writers, self.savers, strict=True)
        asleep = {writer.key_id for writer, actor in pairs if actor is not None and actor.slept}
        seen = set()
        for snapshot in repository.examine(history):
            assert isinstance(snapshot, Snapshot)
            known = self.contents.get(snapshot.id)
            if history.is_forgotten(snapshot) or (snapshot.id not in self.saved and snapshot.head.author in asleep):
                continue  # what a writer announces that has slept for too long may lack something, until it is done
            seen.add(snapshot.id)
            catalogue = Catalogue(repository, snapshot, history)
            found = {path: b"".join(catalogue.content(node)) for path, node in catalogue.walk() if node["t"] == FILE}
            expected = {b"%d/%d" % (number % 3, number): self.files[number] for number in known or ()}
            assert known is None or found == expected
        assert seen >= set(self.saved)


TestInterleaved = pytest.mark.slow(Interleaved.TestCase)
TestInterleaved.settings = settings(
    max_examples=12, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def test_an_index_that_left_while_a_save_slept() -> None:
    """A save that sleeps before its last step finds another index in the place of its own, and lists its packs anew."""
    state = Interleaved()
    state.begin()
    try:
        state.prune(join=False, waste=0.2)
        state.a_saver_is_about_to_announce(number=0, some={0})
        state.time_passes(days=8)
        state.prune(join=False, waste=0.2)
        state.recall(number=0)
        state.time_passes(days=8)
        state.prune(join=False, waste=0.2)
        state.a_saver_finishes(number=0, some=set())
        state.all_that_is_kept_restores()
    finally:
        state.teardown()
