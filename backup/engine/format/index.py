"""Lists of packs and what is in them: indexes, and manifests for writers (FORMAT.md, sections 7 and 11)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgpack
import zstandard
from blake3 import blake3
from cryptography.exceptions import InvalidTag

from backup.engine.errors import Damaged
from backup.engine.format import blobs, cipher, layout
from backup.engine.format.config import Config
from backup.engine.format.keys import Key, key_id
from backup.engine.format.layout import Prologue
from backup.engine.format.packs import Written

_LARGEST = 256 << 20
_KINDS = (layout.DATA_PACK.decode(), layout.META_PACK.decode())
_HEAD = layout.SIZE + 32
_SALT = 32


def write(config: Config, packs: Iterable[Written]) -> tuple[bytes, bytes]:
    """An index: its name and its bytes. Anybody can write one: it is sealed to the public key."""
    prologue = bytes(Prologue(layout.INDEX, config.repository, config.suite, config.epoch.number))
    raw = prologue + cipher.seal(config.suite, config.epoch.meta, "index", prologue, _packed(packs))
    return cipher.digest(raw), raw


def read(raw: bytes, name: bytes, key: Key) -> list[Written]:
    """What an index lists. Raises Damaged, KeyRefused."""
    label = layout.index_name(name)
    if cipher.digest(raw) != name:
        raise Damaged(label, "its bytes aren't those of its name")
    prologue = layout.parse(raw, layout.INDEX, key.repository, label)
    packed = key.unseal("meta", prologue.epoch, "index", bytes(prologue), raw[layout.SIZE :], label)
    return _unpacked(packed, label)


@dataclass(frozen=True)
class Manifest:
    """Blobs that a writer may rely on, by the word of a key that can know."""

    author: bytes
    audience: bytes
    packs: list[Written]


def write_manifest(config: Config, key: Key, audience: bytes, packs: Iterable[Written]) -> tuple[bytes, bytes]:
    """A manifest for one writer, or for everybody (`layout.EVERYBODY`): its digest and its bytes."""
    if config.isolated and audience == layout.EVERYBODY:
        raise ValueError("in an isolated repository nothing is for everybody")
    head = bytes(Prologue(layout.MANIFEST, key.repository, key.suite)) + key.key_id + audience
    salt = os.urandom(_SALT)
    box = _box(key, config.audience(audience), salt)
    raw = key.signed(head + salt + box.encrypt(cipher.ZERO, _packed(packs), head + salt))
    return cipher.digest(raw), raw


def read_manifest(config: Config, raw: bytes, verify: bytes, key: Key, name: str) -> Manifest:
    """What a manifest tells, once its author is seen to have signed it with the key `verify`. Raises Damaged."""
    layout.parse(raw, layout.MANIFEST, key.repository, name)
    signed = cipher.check_signed(verify, raw, name)
    author, audience = raw[layout.SIZE : layout.SIZE + 16], raw[layout.SIZE + 16 : _HEAD]
    if author != key_id(verify) or name != layout.manifest_name(audience, cipher.digest(raw)):
        raise Damaged(name, "stands under a name that isn't its own")
    head = _HEAD + _SALT
    box = _box(key, config.audience(audience), raw[_HEAD:head])
    try:
        packed = box.decrypt(cipher.ZERO, signed[head:], raw[:head])
    except InvalidTag as error:
        raise Damaged(name, "doesn't open") from error
    return Manifest(author, audience, _unpacked(packed, name))


def _box(key: Key, writer: bytes | None, salt: bytes) -> cipher.Aead:
    return cipher.aead(key.suite, blake3(salt, key=key.knows("share", writer)).digest())


def _packed(packs: Iterable[Written]) -> bytes:
    body = cipher.pack([[pack.name, pack.size, pack.kind.decode(), pack.entries] for pack in packs])
    return zstandard.ZstdCompressor(level=blobs.LEVEL).compress(body)


def _unpacked(packed: bytes, name: str) -> list[Written]:
    try:
        if zstandard.frame_content_size(packed) > _LARGEST:
            raise Damaged(name, "declares more than an index may hold")
        body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST)
        return list(_packs(body, name))
    except (zstandard.ZstdError, msgpack.UnpackException, ValueError) as error:
        raise Damaged(name, "doesn't unpack") from error


def _packs(body: bytes, name: str) -> Iterator[Written]:
    """One pack after the other, each seen to be one, so that nothing takes much more memory than its bytes."""
    unpacker = msgpack.Unpacker(raw=False, max_buffer_size=len(body), max_array_len=0, max_map_len=0, max_ext_len=0)
    unpacker.feed(body)
    for _ in range(unpacker.read_array_header()):
        if unpacker.read_array_header() != 4:
            raise Damaged(name, "lists a pack that no writer makes")
        pack, size, kind, entries = (unpacker.unpack() for _ in range(4))
        if not _is_sound(pack, size, kind, entries):
            raise Damaged(name, "lists a pack that no writer makes")
        yield Written(pack, size, kind.encode(), entries)
    if unpacker.tell() != len(body):
        raise Damaged(name, "holds more than its list of packs")


def _is_sound(pack: Any, size: Any, kind: Any, entries: Any) -> bool:
    """Whether these are of a pack that a writer makes: anybody can seal an index, and mean harm."""
    return (
        [type(part) for part in (pack, size, kind, entries)] == [bytes, int, str, bytes]
        and len(pack) == 32
        and 0 <= size <= layout.largest("packs")
        and kind in _KINDS
        and len(entries) % blobs.ENTRY_SIZE == 0
    )
