"""The receiving side of HPKE (RFC 9180, base mode, one message) where a token makes the X25519 exchange."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from backup.engine.errors import Damaged
from backup.engine.format import cipher, layout

ENC = 32
_KEM = b"KEM" + b"\x00\x20"
_HPKE = {layout.AES: b"HPKE\x00\x20\x00\x01\x00\x02", layout.CHACHA: b"HPKE\x00\x20\x00\x01\x00\x03"}


def unseal(suite: int, exchanged: bytes, public: bytes, use: str, context: bytes, data: bytes, name: str) -> bytes:
    """What cipher.unseal gives, from the X25519 exchange of the private key with the first 32 bytes. Raises Damaged."""
    enc, sealed = data[:ENC], data[ENC:]
    label, info = _HPKE[suite], cipher.LABEL + use.encode() + b"\0" + context
    shared = _expand(_extract(b"", _KEM, b"eae_prk", exchanged), _KEM, b"shared_secret", enc + public, 32)
    schedule = b"\0" + _extract(b"", label, b"psk_id_hash", b"") + _extract(b"", label, b"info_hash", info)
    secret = _extract(shared, label, b"secret", b"")
    key, nonce = _expand(secret, label, b"key", schedule, 32), _expand(secret, label, b"base_nonce", schedule, 12)
    try:
        if not any(exchanged):  # a point of small order: RFC 9180, section 7.1.4
            raise ValueError("the exchange gives nothing")
        return cipher.aead(suite, key).decrypt(nonce, sealed, None)
    except (InvalidTag, ValueError) as error:
        raise Damaged(name, f"the sealed {use} doesn't open") from error


def _extract(salt: bytes, suite: bytes, label: bytes, secret: bytes) -> bytes:
    mac = hmac.HMAC(salt or bytes(32), hashes.SHA256())
    mac.update(b"HPKE-v1" + suite + label + secret)
    return mac.finalize()


def _expand(secret: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, labelled).derive(secret)
