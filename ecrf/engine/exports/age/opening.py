"""Open a file that was sealed for a key."""

from __future__ import annotations

import hmac
from base64 import b64decode
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ecrf.engine.exports.age.keys import VERSION, derived, wrapping_key
from ecrf.engine.exports.age.sealing import CHUNK, nonce, plain

MOST_LINES, LONGEST = 1000, 4096


class Unopenable(Exception):
    """`code`: ``not_sealed``, ``other_key`` or ``damaged``."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def decoded(text: bytes) -> bytes:
    try:
        found = b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise Unopenable("not_sealed") from None
    if plain(found) != text:
        raise Unopenable("not_sealed")
    return found


def head(source: IO[bytes]) -> tuple[bytes, list[tuple[list[bytes], bytes]], bytes]:
    """The header up to its proof, the shares of the key in it, and the proof."""
    first = source.readline(LONGEST)
    if first != VERSION + b"\n":
        raise Unopenable("not_sealed")
    read = first
    shares: list[tuple[list[bytes], bytes]] = []
    for _ in range(MOST_LINES):
        line = source.readline(LONGEST)
        if line.startswith(b"--- "):
            return read + b"---", shares, decoded(line[4:].rstrip(b"\n"))
        if not line.startswith(b"-> "):
            break
        read += line
        body = b""
        while True:
            part = source.readline(LONGEST)
            read += part
            body += part.rstrip(b"\n")
            if len(part) < 65:
                break
            if len(body) > LONGEST:
                raise Unopenable("not_sealed")
        shares.append((line[3:].rstrip(b"\n").split(b" "), decoded(body)))
    raise Unopenable("not_sealed")


def key_of(shares: list[tuple[list[bytes], bytes]], secret: bytes) -> bytes:
    """The file's own key. Raises Unopenable where none of its shares is for this identity."""
    own = X25519PrivateKey.from_private_bytes(secret)
    receiver = own.public_key().public_bytes_raw()
    for arguments, body in shares:
        if arguments[0] != b"X25519" or len(arguments) != 2 or len(body) != 32:
            continue
        share = decoded(arguments[1])
        try:
            return ChaCha20Poly1305(wrapping_key(own, share, share, receiver)).decrypt(bytes(12), body, None)
        except (InvalidTag, ValueError):
            continue
    raise Unopenable("other_key")


def exactly(source: IO[bytes], size: int) -> bytes:
    """So many bytes, or what there is until the end."""
    found = b""
    while len(found) < size and (part := source.read(size - len(found))):
        found += part
    return found


def open_sealed(source: IO[bytes], secret: bytes, out: IO[bytes]) -> None:
    """Write the clear content. Raises Unopenable; what was written until then is not to be used."""
    told, shares, proof = head(source)
    file_key = key_of(shares, secret)
    if not hmac.compare_digest(hmac.digest(derived(file_key, b"", b"header"), told, "sha256"), proof):
        raise Unopenable("damaged")
    salt = exactly(source, 16)
    cipher = ChaCha20Poly1305(derived(file_key, salt, b"payload"))
    number, chunk = 0, exactly(source, CHUNK + 16)
    while True:
        after = exactly(source, CHUNK + 16) if len(chunk) == CHUNK + 16 else b""
        try:
            clear = cipher.decrypt(nonce(number, last=not after), chunk, None)
        except InvalidTag:
            raise Unopenable("damaged") from None
        if not clear and number:
            raise Unopenable("damaged")
        out.write(clear)
        if not after:
            return
        number, chunk = number + 1, after
