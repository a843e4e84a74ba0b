"""Records between the database and a writer: read and evaluated once, given again as often as the writer asks.

Each pass gives the same records, whatever is saved meanwhile. They lie in an encrypted file without a name, of which
this process alone has the key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.files.uploads import Spool
from ecrf.engine.exchange.records import Change, Record, Signature, Stored
from ecrf.services.exports.files import content_of

TOGETHER = 100
"""Records that are held at a time."""


class RecordSpool:
    def __init__(self) -> None:
        self._file = Spool()
        self._waiting: list[Any] = []
        self._blocks: list[tuple[int, int]] = []
        self._size = 0
        self.count = 0

    def add(self, record: Record) -> None:
        self._waiting.append(flat(record))
        self.count += 1
        if len(self._waiting) >= TOGETHER:
            self._write()

    def _write(self) -> None:
        block = json.dumps(self._waiting, separators=(",", ":")).encode()
        self._file.write(block)
        self._blocks.append((self._size, len(block)))
        self._size += len(block)
        self._waiting = []

    def end(self) -> None:
        """Nothing is added any more."""
        if self._waiting:
            self._write()

    def records(self) -> Iterator[Record]:
        for place, size in self._blocks:
            self._file.seek(place)
            block = bytearray()
            while len(block) < size:
                block += self._file.read(size - len(block)) or b""
            yield from map(whole, json.loads(block))

    def close(self) -> None:
        self._file.close()


def flat(record: Record) -> tuple[Any, ...]:
    return (
        (record.subject, record.site, record.event, record.page, record.instance, record.version),
        (record.saved_at, record.created_at),
        record.values,
        record.notes,
        record.pages,
        [(one.key, one.value, one.user, one.site, one.at, one.reason) for one in record.audit],
        [(one.page, one.user, one.site, one.at, one.meaning) for one in record.signatures],
        record.spelt,
        [(place, one.name, one.kind, one.key) for place, one in record.files.items() if isinstance(one, Stored)],
    )


def whole(held: list[Any]) -> Record:
    """As it was, its files still where they are kept."""
    (subject, site, event, page, instance, version), (saved_at, created_at), values, notes, *rest = held
    pages, audit, signed, spelt, files = rest
    return Record(
        subject,
        site,
        event,
        page,
        instance,
        values,
        notes,
        [Change(*one) for one in audit],
        pages,
        [Signature(*one) for one in signed],
        version=version,
        saved_at=saved_at,
        created_at=created_at,
        spelt=spelt,
        files={place: Stored(name, kind, key, content_of) for place, name, kind, key in files},
    )
