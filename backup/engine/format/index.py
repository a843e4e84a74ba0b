"""Lists of packs and what is in them: indexes, and manifests for writers (FORMAT.md, sections 7 and 11)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

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
        body = cipher.unpack(zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST), name)
        packs = [Written(pack, size, kind.encode(), entries) for pack, size, kind, entries in body]
    except (zstandard.ZstdError, ValueError, TypeError, AttributeError) as error:
        raise Damaged(name, "doesn't unpack") from error
    for pack in packs:
        if len(pack.name) != 32 or len(pack.entries) % blobs.ENTRY_SIZE:
            raise Damaged(name, "lists a pack that no writer makes")
    return packs
