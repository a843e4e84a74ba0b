"""Fill packs from several threads, and make them durable in others."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from queue import Queue

from backup.engine.errors import AlreadyThere
from backup.engine.format import blobs, cipher, layout, packs
from backup.engine.format.cipher import Bytes
from backup.engine.format.config import Config
from backup.engine.format.packs import Written

_WAITING = 3
"""Full packs that may wait to be written before the workers wait too."""


Blob = tuple[bytes, int, int, Bytes]
"""Its id, the method by which it is stored, the length of its content, and the stored bytes, not encrypted yet."""


class _Open:
    """A pack being filled. `out` counts those who have counters and whose blobs haven't come back yet."""

    def __init__(self, kind: bytes, config: Config) -> None:
        self.kind = kind
        key, self.sealed_key = packs.new_key(config, kind)
        self.cipher = cipher.aead(config.suite, key)
        self.bodies: list[bytes] = []
        self.entries: list[bytes] = []
        self.size = packs.START
        self.counter = self.out = 0
        self.full = False


class Packer:
    """Fills packs of one kind and hands the full ones to the writer."""

    def __init__(self, kind: bytes, config: Config, writer: PackWriter) -> None:
        self._kind, self._config, self._writer = kind, config, writer
        self._lock = threading.Lock()
        self._open: _Open | None = None

    def add(self, type_: int, blobs_: Sequence[Blob]) -> None:
        """Encrypt blobs and put them into the pack that is open, all into one."""
        with self._lock:
            pack = self._open = self._open or _Open(self._kind, self._config)
            counter = pack.counter
            pack.counter += len(blobs_)
            pack.out += 1
        aead, repository = pack.cipher, self._config.repository
        bodies = [
            blobs.encrypt(aead, repository, type_, method, id_, length, number, body)
            for number, (id_, method, length, body) in enumerate(blobs_, counter)
        ]
        with self._lock:
            size = pack.size
            for number, (body, (id_, method, length, _body)) in enumerate(zip(bodies, blobs_, strict=True), counter):
                pack.entries.append(blobs.packed(id_, size, len(body), length, number, 0, type_, method))
                size += len(body)
            pack.bodies += bodies
            pack.size = size
            pack.out -= 1
            if size >= packs.TARGET:
                pack.full = True
                if pack is self._open:
                    self._open = None
            ready = pack.full and pack.out == 0  # only the last to come back finds nobody out
        if ready:
            self._writer.put(pack)

    def close(self) -> None:
        """Hand over what is left. To be called once no thread adds any more."""
        with self._lock:
            pack, self._open = self._open, None
        if pack is not None:
            self._writer.put(pack)


class PackWriter:
    """Threads that seal packs and make them durable; what they report is in the store for good."""

    def __init__(
        self,
        keep: Callable[[str, Sequence[Bytes]], None],
        config: Config,
        written: Callable[[Written], None],
        threads: int = 1,
    ) -> None:
        self._keep, self._config, self._written = keep, config, written
        self._queue: Queue[_Open | None] = Queue(_WAITING)
        self.failure: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._run, name=f"backup-packs-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, pack: _Open) -> None:
        if self.failure is not None:
            raise self.failure
        self._queue.put(pack)

    def stop(self) -> None:
        """End the threads once what waits is written. Twice does no harm."""
        for _thread in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def close(self) -> None:
        """Wait until all is written. Raises what went wrong while writing."""
        self.stop()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        while (pack := self._queue.get()) is not None:
            if self.failure is None:
                try:
                    self._written(self._write(pack))
                except BaseException as error:  # handed to whoever puts or closes next
                    self.failure = error

    def _write(self, pack: _Open) -> Written:
        entries = b"".join(pack.entries)
        digest, parts = packs.assemble(self._config, pack.kind, [pack.sealed_key], pack.bodies, entries)
        with contextlib.suppress(AlreadyThere):  # the same bytes, by their very name
            self._keep(layout.pack_name(digest), parts)
        return Written(digest, sum(map(len, parts)), pack.kind, entries)
