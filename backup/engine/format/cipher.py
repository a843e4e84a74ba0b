"""The primitives of FORMAT.md, section 1, bound to its words."""

from __future__ import annotations

from typing import Any

import msgpack
from blake3 import blake3
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backup.engine.errors import Damaged
from backup.engine.format.layout import AES, CHACHA

Aead = AESGCM | ChaCha20Poly1305
Bytes = bytes | bytearray | memoryview

LABEL = b"suite-backup 1 "
SEAL_OVERHEAD = 48
SIGNATURE = 64
ZERO = bytes(12)
"""The nonce of a key that encrypts one message."""
_AEADS: dict[int, type[AESGCM] | type[ChaCha20Poly1305]] = {AES: AESGCM, CHACHA: ChaCha20Poly1305}
_HPKE = {
    AES: Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    CHACHA: Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
}


def aead(suite: int, key: bytes) -> Aead:
    """The cipher of a suite with a key of 32 bytes."""
    return _AEADS[suite](key)


def derive(seed: bytes, repository: bytes, purpose: str) -> bytes:
    """The 32-byte key that the master seed gives for a purpose in a repository."""
    return HKDF(hashes.SHA256(), 32, salt=repository, info=LABEL + purpose.encode()).derive(seed)


def seal(suite: int, public: bytes, use: str, context: bytes, data: bytes) -> bytes:
    """Encrypt so that only the holder of the private key reads it, and only for this use in this context."""
    info = LABEL + use.encode() + b"\0" + context
    return _HPKE[suite].encrypt(data, X25519PublicKey.from_public_bytes(public), info=info)


def unseal(suite: int, private: bytes, use: str, context: bytes, data: bytes, name: str) -> bytes:
    """What was sealed. Raises Damaged."""
    info = LABEL + use.encode() + b"\0" + context
    try:
        return _HPKE[suite].decrypt(data, X25519PrivateKey.from_private_bytes(private), info=info)
    except (InvalidTag, ValueError) as error:
        raise Damaged(name, f"the sealed {use} doesn't open") from error


def public_half(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def verify_key(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, data: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).sign(data)


def check_signed(public: bytes, data: bytes, name: str) -> bytes:
    """The data without the signature behind them, once it is verified."""
    if len(data) < SIGNATURE or not verifies(public, data[-SIGNATURE:], data[:-SIGNATURE]):
        raise Damaged(name, "the signature is wrong")
    return data[:-SIGNATURE]


def verifies(public: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def digest(*parts: Bytes) -> bytes:
    """BLAKE3 of the parts in a row."""
    state = blake3()
    for part in parts:
        state.update(part)
    return state.digest()


def pack(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value, use_bin_type=True)
    return packed


def unpack(data: bytes, name: str) -> Any:
    """A msgpack value from a source that is verified but not trusted: nothing in it may outgrow the data themselves."""
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=True, max_ext_len=0)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise Damaged(name, "isn't readable msgpack") from error
