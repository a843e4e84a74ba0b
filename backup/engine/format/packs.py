"""Packs: many blobs in one object, so that a store sees few, and their sizes tell little (FORMAT.md, section 6)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from backup.engine.errors import Damaged
from backup.engine.format import blobs, cipher, layout
from backup.engine.format.cipher import Aead, Bytes
from backup.engine.format.config import Config
from backup.engine.format.keys import Key
from backup.engine.format.layout import Prologue

TARGET = 16 << 20
SEAL = 80
COUNT = layout.SIZE + SEAL
"""Where the number of blob keys stands."""
KEYS = COUNT + 2
"""Where the blob keys begin."""
KEY = 2 + SEAL
START = KEYS + KEY
"""Where the blobs begin in a pack with one key, and what to read first of any pack."""


@dataclass(frozen=True)
class Written:
    """A pack that is durable in the store."""

    name: bytes
    size: int
    kind: bytes
    entries: bytes


@dataclass(frozen=True)
class Start:
    """What stands before the blobs: the keys, sealed. `raw` is all of it."""

    prologue: Prologue
    keys: tuple[bytes, ...]
    raw: bytes


def part(kind: bytes) -> str:
    """The part of the repository to which the blob keys of a kind of pack are sealed."""
    return "data" if kind == layout.DATA_PACK else "meta"


def new_key(config: Config, kind: bytes) -> tuple[bytes, bytes]:
    """A blob key, and the same sealed as it stands in a pack."""
    key, epoch = os.urandom(32), config.epoch
    sealed = cipher.seal(config.suite, getattr(epoch, part(kind)), "blob key", config.repository + kind, key)
    return key, epoch.number.to_bytes(2, "little") + sealed


def assemble(
    config: Config, kind: bytes, sealed_keys: Sequence[bytes], bodies: Sequence[Bytes], entries: bytes
) -> tuple[bytes, list[Bytes]]:
    """A whole pack: its name and its parts in a row. The entries' offsets count from `start_size`."""
    prologue = Prologue(kind, config.repository, config.suite, config.epoch.number)
    header_key = os.urandom(32)
    sealed = cipher.seal(config.suite, config.epoch.meta, "header key", config.repository + kind, header_key)
    start = bytes(prologue) + sealed + len(sealed_keys).to_bytes(2, "little") + b"".join(sealed_keys)
    header = cipher.aead(config.suite, header_key).encrypt(cipher.ZERO, entries, start)
    trailer = header + len(header).to_bytes(4, "little")
    size = len(start) + sum(map(len, bodies)) + len(trailer)
    padding = bytes(padme(size) - size) if size < TARGET else b""
    parts = [start, *bodies, padding, trailer]
    return cipher.digest(*parts), parts


def start_size(keys: int) -> int:
    return KEYS + KEY * keys


def padme(length: int) -> int:
    """The next length that tells at most log2 log2 of it (Nikitin et al., PoPETs 2019(4), algorithm 1)."""
    exponent = length.bit_length() - 1
    mask = (1 << max(exponent - exponent.bit_length(), 0)) - 1
    return (length + mask) & ~mask


def read_start(read: Callable[[int, int], bytes], repository: bytes, name: str) -> Start:
    """What stands before the blobs. `read` gives a part of the pack by offset and length."""
    raw = read(0, START)
    prologue = layout.parse(raw, layout.DATA_PACK + layout.META_PACK, repository, name)
    count = int.from_bytes(raw[COUNT:KEYS], "little")
    if count > 1:
        raw += read(START, KEY * (count - 1))
    if not count or len(raw) != start_size(count):
        raise Damaged(name, "the pack is cut")
    return Start(prologue, tuple(raw[at : at + KEY] for at in range(KEYS, len(raw), KEY)), raw)


def check_epochs(start: Start, config: Config, name: str) -> None:
    """Raises Damaged for an epoch that the repository hasn't had: no key is to be blamed for that."""
    epochs = [start.prologue.epoch, *(int.from_bytes(key[:2], "little") for key in start.keys)]
    if max(epochs) > config.epoch.number:
        raise Damaged(name, "names an epoch that the repository doesn't have")


def open_key(start: Start, number: int, key: Key, name: str) -> Aead:
    """The cipher of the blobs under one of a pack's keys. Raises KeyRefused, Damaged."""
    if number >= len(start.keys):
        raise Damaged(name, "a blob names a key that the pack doesn't have")
    sealed, kind = start.keys[number], start.prologue.kind
    epoch = int.from_bytes(sealed[:2], "little")
    opened = key.unseal(part(kind), epoch, "blob key", key.repository + kind, sealed[2:], name)
    return cipher.aead(key.suite, opened)


def read_entries(start: Start, trailer: bytes, key: Key, name: str) -> bytes:
    """The entries in a pack's header, given at least as much of its end as the last four bytes call for.

    Raises KeyRefused, Damaged.
    """
    size = int.from_bytes(trailer[-4:], "little")
    if len(trailer) < size + 4:
        raise Damaged(name, "the pack is cut")
    prologue = start.prologue
    sealed = start.raw[layout.SIZE : COUNT]
    opened = key.unseal("meta", prologue.epoch, "header key", key.repository + prologue.kind, sealed, name)
    try:
        entries = cipher.aead(key.suite, opened).decrypt(cipher.ZERO, trailer[-4 - size : -4], start.raw)
    except InvalidTag as error:
        raise Damaged(name, "the header doesn't open") from error
    if len(entries) % blobs.ENTRY_SIZE:
        raise Damaged(name, "its list of blobs is cut")
    return entries
