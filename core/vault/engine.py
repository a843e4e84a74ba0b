"""Seal small values: AES-256-GCM under a sub-key that is derived anew for every value. No Django here.

A sealed value, version 1 (big endian):

====== ==== ==========================================================================
offset size what
====== ==== ==========================================================================
0      1    format, 1
1      2    version of the key it was sealed under, 1 to 65535
3      12   selector: with the context, it derives the sub-key of this value alone
15     12   nonce of AES-GCM
27     n    ciphertext, as long as the clear value
27+n   16   tag
====== ==== ==========================================================================

Selector and nonce are 192 random bits together, so one key may seal 2**80 values before two meet with a chance of
2**-32 (the construction of XAES-256-GCM, with HKDF-Expand as derivation). The associated data are the header and the
binding, so a value opens only in the project and the context it was sealed for.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
KEY_BYTES = 32
OVERHEAD = 43
"""Bytes that sealing adds."""
LARGEST = 64 * 1024 * 1024
"""Bytes that one value may have; what is larger is a file."""
NEWEST_VERSION = 65535

_header = struct.Struct(">BH")


class Unopenable(Exception):
    """The sealed value is damaged, cut, of another place, or under another key. Says nothing of the content."""

    def __init__(self) -> None:
        super().__init__("This sealed value can't be opened here.")


class KeyDestroyed(Unopenable):
    """The key was destroyed on purpose: what it sealed is gone for good."""


@dataclass(frozen=True)
class Key:
    """One version of a key: 32 random bytes, never shown in a trace."""

    version: int
    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES or not 1 <= self.version <= NEWEST_VERSION:
            raise ValueError("a key has 32 bytes and a version from 1 to 65535")

    def __repr__(self) -> str:
        return f"<Key version {self.version}>"


def binding(owner: bytes, context: str) -> bytes:
    """What a value is bound to: its owner (16 bytes, zeros for the instance) and the place it is kept at."""
    if len(owner) != 16 or not context:
        raise ValueError("a binding needs an owner of 16 bytes and a context")
    return owner + context.encode()


def seal(key: Key, clear: bytes, bound_to: bytes) -> bytes:
    """The value, sealed as the table above says. Raises ValueError past LARGEST."""
    if len(clear) > LARGEST:
        raise ValueError(f"a sealed value has at most {LARGEST} bytes")
    header = _header.pack(FORMAT, key.version)
    selector, nonce = os.urandom(12), os.urandom(12)
    sub_key = derive(key, b"seal", selector + bound_to)
    return header + selector + nonce + AESGCM(sub_key).encrypt(nonce, clear, header + bound_to)


def open_sealed(keys: Mapping[int, Key], sealed: bytes, bound_to: bytes) -> bytes:
    """The clear value. Raises Unopenable, whatever the cause."""
    key = keys.get(version_of(sealed))
    if key is None:
        raise Unopenable
    header, selector, nonce = sealed[:3], sealed[3:15], sealed[15:27]
    sub_key = derive(key, b"seal", selector + bound_to)
    try:
        return AESGCM(sub_key).decrypt(nonce, sealed[27:], header + bound_to)
    except InvalidTag:
        raise Unopenable from None


def header_of(version: int) -> bytes:
    """How every value begins that this version sealed."""
    return _header.pack(FORMAT, version)


def version_of(sealed: bytes) -> int:
    """The version of the key that a value was sealed under. Raises Unopenable where this isn't a sealed value."""
    if len(sealed) < OVERHEAD:
        raise Unopenable
    number, version = _header.unpack_from(sealed)
    if number != FORMAT:
        raise Unopenable
    return int(version)


def blind_index(key: Key, value: str, bound_to: bytes) -> str:
    """HMAC-SHA256 of the value in 64 hexadecimal digits: equal values of one place meet, and nothing else shows."""
    return hmac.digest(derive(key, b"index", bound_to), value.encode(), "sha256").hex()


def derive(key: Key, use: bytes, info: bytes) -> bytes:
    """A sub-key of 32 bytes for one use (HKDF-Expand with SHA-256: the keys are uniform, RFC 5869 section 3.3)."""
    return HKDFExpand(hashes.SHA256(), KEY_BYTES, b"suite.vault.1." + use + b"\0" + info).derive(key.secret)


def read_instance_keys(text: str) -> dict[int, Key]:
    """Version -> key, from ``base64`` (version 1) or ``2:base64,1:base64``. Raises ValueError, without the keys."""
    keys: dict[int, Key] = {}
    for number, part in enumerate(text.split(","), start=1):
        head, colon, encoded = part.strip().rpartition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
            key = Key(int(head) if colon else 1, secret)
        except (ValueError, binascii.Error):
            raise ValueError(f"key {number} isn't 32 bytes in base64 after an optional «version:»") from None
        if key.version in keys:
            raise ValueError(f"version {key.version} is there twice")
        keys[key.version] = key
    return keys
