"""Keys of age: a recipient (``age1…``) is public, an identity (``AGE-SECRET-KEY-1…``) opens what was sealed for it."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ecrf.engine.exports.age import bech32

RECIPIENT, IDENTITY = "age", "age-secret-key-"
VERSION = b"age-encryption.org/v1"
STANZA = VERSION + b"/X25519"


def recipient(text: str) -> bytes | None:
    """The 32 bytes of a recipient; None where the text is no such key, or was mistyped."""
    found = bech32.decode(RECIPIENT, text.strip())
    return found if found is not None and len(found) == 32 else None


def identity(text: str) -> bytes | None:
    """The secret of the first identity in a key file, whose other lines are comments."""
    lines = (line.strip() for line in text.splitlines())
    for line in lines:
        if line and not line.startswith("#"):
            found = bech32.decode(IDENTITY, line)
            return found if found is not None and len(found) == 32 else None
    return None


def new_identity() -> str:
    return bech32.encode(IDENTITY, X25519PrivateKey.generate().private_bytes_raw()).upper()


def recipient_of(secret: bytes) -> str:
    return bech32.encode(RECIPIENT, X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


def derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, info).derive(secret)


def wrapping_key(secret: X25519PrivateKey, other: bytes, share: bytes, receiver: bytes) -> bytes:
    """The key under which the file's own key travels. Raises ValueError for a share that gives nothing."""
    shared = secret.exchange(X25519PublicKey.from_public_bytes(other))
    return derived(shared, share + receiver, STANZA)
