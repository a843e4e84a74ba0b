"""Read many blobs with few requests: what lies near in a pack comes with one read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backup.engine.errors import Damaged, Denied, Missing, Unreachable
from backup.engine.format import blobs, layout
from backup.engine.format.blobs import Entry
from backup.engine.reading.catalogue import Catalogue

_GAP = 128 << 10
"""So many bytes between two blobs are read along: another request would cost more."""
_LONGEST = 16 << 20


class Batch:
    """The stored bytes of many blobs, to be decoded one by one."""

    def __init__(self, catalogue: Catalogue, ids: Iterable[bytes]) -> None:
        self._catalogue = catalogue
        self._stored: dict[bytes, tuple[bytes, Entry, memoryview]] = {}
        by_pack: dict[bytes, list[Entry]] = {}
        for id_ in dict.fromkeys(ids):
            for pack, entry in catalogue.places(id_)[:1]:
                if entry.stored <= blobs.LARGEST_STORED:
                    by_pack.setdefault(pack, []).append(entry)
        for pack, entries in by_pack.items():
            for run in _runs(entries):
                self._read(pack, run)

    def content(self, id_: bytes) -> bytes:
        """A piece of a file, from another copy if the one that was read isn't sound. Raises Damaged."""
        if (held := self._stored.get(id_)) is not None:
            try:
                return self._catalogue.decode(held[0], held[1], blobs.DATA, held[2])
            except (Damaged, Missing):
                pass
        return self._catalogue.read(id_, blobs.DATA)

    def _read(self, pack: bytes, run: list[Entry]) -> None:
        start = run[0].offset
        end = max(entry.offset + entry.stored for entry in run)
        try:
            data = memoryview(self._catalogue.repository.store.read(layout.pack_name(pack), start, end - start))
        except (Missing, Denied, Unreachable):
            return  # each blob is asked for again by itself, and tells what is wrong
        for entry in run:
            at = entry.offset - start
            self._stored[entry.id] = (pack, entry, data[at : at + entry.stored])


def _runs(entries: list[Entry]) -> Iterator[list[Entry]]:
    entries.sort(key=lambda entry: entry.offset)
    run = [entries[0]]
    for entry in entries[1:]:
        end = run[-1].offset + run[-1].stored
        if entry.offset - end > _GAP or entry.offset + entry.stored - run[0].offset > _LONGEST:
            yield run
            run = []
        run.append(entry)
    yield run
