"""Pour blobs of many packs into few: ciphertexts and sealed keys as they are, unopened (FORMAT.md, section 6)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from backup.engine.errors import AlreadyThere, Damaged, KeyRefused, Missing
from backup.engine.format import blobs, cipher, layout, packs
from backup.engine.format.blobs import Entry
from backup.engine.format.packs import Written
from backup.engine.keeping.stock import read_start
from backup.engine.repository import Repository

MOST_KEYS = 65535

LeftOver = dict[tuple[bytes, int], tuple[Written, bytes]]
"""Blobs in joined packs that nothing lists, left by a run that was stopped: by their sealed key and counter."""
_MOST_LEFT_OVER = 1 << 20


@dataclass(frozen=True)
class Moved:
    """An entry of a pack that goes, and what stands for it in the pack that takes its place."""

    old: bytes
    pack: bytes
    size: int
    kind: bytes
    new: bytes


@dataclass
class _Open:
    keys: dict[bytes, int] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    entries: list[tuple[bytes, bytes, Entry]] = field(default_factory=list)
    """The pack a blob comes from, its entry there, and its new one, whose offset counts from the first blob."""
    size: int = 0


class Joiner:
    """Fills packs of one kind."""

    def __init__(self, repository: Repository, kind: bytes, left_over: LeftOver, created: list[str]) -> None:
        """`created` grows with each object."""
        self._repository, self._kind, self._left_over = repository, kind, left_over
        self._whole = lru_cache(1)(lambda name: repository.store.read(layout.pack_name(name)))
        self._created = created
        self._open = _Open()
        self.written: set[bytes] = set()
        self.size = 0
        self.moved: dict[bytes, dict[bytes, Moved]] = {}
        """By the old pack and the entry there."""

    def pour(self, pack: bytes, entries: list[bytes]) -> None:
        """Take these blobs over from a pack. Raises Damaged where its bytes aren't those of its name."""
        name = layout.pack_name(pack)
        raw = self._repository.store.read(name)
        if cipher.digest(raw) != pack:
            raise Damaged(name, "its bytes aren't those of its name")
        start = read_start(self._repository, raw, name)
        if start.prologue.kind != self._kind:
            raise Damaged(name, "is a pack of another kind than its blobs")
        parsed = [blobs.entry(entry) for entry in entries]
        if any(entry.key >= len(start.keys) for entry in parsed):
            raise Damaged(name, "a blob names a key that the pack doesn't have")
        copied: dict[tuple[int, int], int] = {}
        for old, entry in zip(entries, parsed, strict=True):
            sealed = start.keys[entry.key]
            body = raw[entry.offset : entry.offset + entry.stored]
            if self._take_left_over(pack, old, sealed, body):
                continue
            opened = self._open
            place = (entry.offset, entry.stored)
            if place not in copied:
                copied[place] = opened.size
                opened.bodies.append(body)
                opened.size += len(body)
            number = opened.keys.setdefault(sealed, len(opened.keys))
            opened.entries.append((pack, old, replace(entry, offset=copied[place], key=number)))
            if opened.size >= packs.TARGET or len(opened.keys) >= MOST_KEYS:
                self.close()
                copied.clear()

    def close(self) -> None:
        """Write what is open."""
        opened, self._open = self._open, _Open()
        if not opened.entries:
            return
        start = packs.start_size(len(opened.keys))
        entries = [bytes(replace(entry, offset=start + entry.offset)) for _, _, entry in opened.entries]
        config = self._repository.config
        digest, parts = packs.assemble(config, self._kind, list(opened.keys), opened.bodies, b"".join(entries))
        size = sum(map(len, parts))
        with contextlib.suppress(AlreadyThere):  # the same bytes, by their very name
            self._repository.store.create(layout.pack_name(digest), parts)
        self._created.append(layout.pack_name(digest))
        self.written.add(digest)
        self.size += size
        for (pack, old, _), new in zip(opened.entries, entries, strict=True):
            self.moved.setdefault(pack, {})[old] = Moved(old, digest, size, self._kind, new)

    def _take_left_over(self, pack: bytes, old: bytes, sealed: bytes, body: bytes) -> bool:
        """Whether a run that was stopped has copied this blob already: bytes are believed, not who put them there."""
        entry = blobs.entry(old)
        written, new = self._left_over.get((sealed, entry.counter), (None, b""))
        if written is None or written.kind != self._kind:
            return False
        found = blobs.entry(new)
        if replace(found, offset=entry.offset, key=entry.key) != entry:
            return False
        try:
            if self._whole(written.name)[found.offset : found.offset + found.stored] != body:
                return False
        except Missing:
            return False
        self.moved.setdefault(pack, {})[old] = Moved(old, written.name, written.size, written.kind, new)
        return True


def left_over(repository: Repository, unlisted: Iterable[bytes]) -> LeftOver:
    """What is in the joined packs among those that nothing lists. Writers never put two keys into one."""
    found: LeftOver = {}
    for pack in unlisted:
        name = layout.pack_name(pack)
        read = partial(repository.store.read, name)
        try:
            start = packs.read_start(read, repository.config.repository, name)
            if len(start.keys) < 2:
                continue
            packs.check_epochs(start, repository.config, name)
            raw = read()
            entries = packs.read_entries(start, raw, repository.key, name)
            written = Written(pack, len(raw), start.prologue.kind, entries)
            for entry in blobs.entries(entries, name):
                found[start.keys[entry.key], entry.counter] = written, bytes(entry)
        except (Damaged, Missing, KeyRefused, IndexError):
            continue
        if len(found) >= _MOST_LEFT_OVER:
            break
    return found
