"""A file object that takes clear bytes and writes them sealed, 64 KiB at a time."""

from __future__ import annotations

import hmac
import io
import os
from base64 import b64encode
from typing import IO, TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ecrf.engine.exports.age.keys import VERSION, derived, wrapping_key

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]

CHUNK = 64 * 1024


def plain(content: bytes) -> bytes:
    return b64encode(content).rstrip(b"=")


def header(file_key: bytes, receiver: bytes) -> bytes:
    """What names the recipient's share of the key, and proves that nobody changed it."""
    once = X25519PrivateKey.generate()
    share = once.public_key().public_bytes_raw()
    body = ChaCha20Poly1305(wrapping_key(once, receiver, share, receiver)).encrypt(bytes(12), file_key, None)
    head = VERSION + b"\n-> X25519 " + plain(share) + b"\n" + plain(body) + b"\n---"
    proof = hmac.digest(derived(file_key, b"", b"header"), head, "sha256")
    return head + b" " + plain(proof) + b"\n"


def nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealing(io.RawIOBase):
    """`finish` writes the last chunk: without it the file doesn't open."""

    def __init__(self, out: IO[bytes], receiver: bytes) -> None:
        file_key, salt = os.urandom(16), os.urandom(16)
        self._out, self._number, self._held = out, 0, bytearray()
        self._cipher = ChaCha20Poly1305(derived(file_key, salt, b"payload"))
        out.write(header(file_key, receiver))
        out.write(salt)

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer) -> int:
        block = memoryview(data).cast("B")
        self._held += block
        at = 0
        while len(self._held) - at > CHUNK:  # a whole chunk waits: it may be the last
            self._write(bytes(self._held[at : at + CHUNK]), last=False)
            at += CHUNK
        del self._held[:at]
        return len(block)

    def finish(self) -> None:
        self._write(bytes(self._held), last=True)
        self._held.clear()

    def _write(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(nonce(self._number, last=last), chunk, None))
        self._number += 1
