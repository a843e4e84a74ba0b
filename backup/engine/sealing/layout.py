"""The header of a sealed file, its sizes and its keys (SEALED.md)."""

from __future__ import annotations

import base64
import binascii
import re
import struct
import unicodedata
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backup.engine.errors import BadKeyfile, Damaged, PassphraseNeeded
from backup.engine.format.packs import padme

HEADER, BLOCK, TAG = 64, 1 << 20, 16
FRAGMENT = 8 * BLOCK
"""What is sent at once: the same bytes each time, so that a broken transfer goes on."""
SECRET, SALT = 32, 32
NAME = "sealed file"
LONGEST_HEAD = 1 << 16
_LEAST = 4096
_MAGIC, _VERSION = b"SBS", 1
_LINK, _LINK_AND_PASSPHRASE = 0, 1
_HEADER = struct.Struct("<3sBB3sQ32sIII4s")
_USUAL, _NONE, _MOST = (65536, 3, 4), (0, 0, 0), (1 << 20, 16, 16)
_LABEL = b"suite-sealed 1 "


@dataclass(frozen=True)
class Header:
    protected: bool
    size: int
    """Bytes of the whole object."""
    salt: bytes
    cost: tuple[int, int, int]
    raw: bytes

    @property
    def blocks(self) -> int:
        return -(-self.size // BLOCK)

    @property
    def capacity(self) -> int:
        """How much clear text there is room for."""
        return _capacity(self.size)


def write_header(size: int, salt: bytes, *, protected: bool) -> bytes:
    mode, cost = (_LINK_AND_PASSPHRASE, _USUAL) if protected else (_LINK, _NONE)
    return _HEADER.pack(_MAGIC, _VERSION, mode, bytes(3), size, salt, *cost, bytes(4))


def read_header(raw: bytes) -> Header:
    """Raises Damaged."""
    if len(raw) < HEADER or not raw.startswith(_MAGIC):
        raise Damaged(NAME, "isn't one")
    _, version, mode, zeros, size, salt, memory, passes, lanes, more = _HEADER.unpack_from(raw)
    if version != _VERSION or mode > _LINK_AND_PASSPHRASE:
        raise Damaged(NAME, "made by a newer program")
    cost = (memory, passes, lanes)
    sound = passes and lanes and memory >= 8 * lanes if mode else cost == _NONE
    if not sound or any(zeros + more) or size < _LEAST or 0 < size % BLOCK < TAG:
        raise Damaged(NAME, "its header is malformed")
    if any(value > most for value, most in zip(cost, _MOST, strict=True)):
        raise Damaged(NAME, "asks for more memory or time than a sealed file may")
    return Header(bool(mode), size, salt, cost, raw[:HEADER])


def padded(clear: int) -> int:
    """The size of the object for so much clear text: one of few that are near (Padmé), so that it tells little."""
    size = HEADER + TAG + clear
    while _capacity(size) < clear:
        size += TAG
    return padme(max(size, _LEAST))


def cipher(secret: bytes, header: Header, passphrase: str) -> AESGCM:
    """The cipher of a file. Raises PassphraseNeeded."""
    stretched = b""
    if header.protected:
        if not passphrase:
            raise PassphraseNeeded("this file is protected: give its passphrase")
        memory, passes, lanes = header.cost
        kdf = Argon2id(salt=header.salt[:16], length=32, iterations=passes, lanes=lanes, memory_cost=memory)
        stretched = kdf.derive(unicodedata.normalize("NFC", passphrase).encode())
    return AESGCM(HKDF(hashes.SHA256(), 32, header.salt, _LABEL + header.raw).derive(secret + stretched))


def nonce(number: int, *, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "little") + bytes([last])


def to_fragment(secret: bytes) -> str:
    """The secret as the fragment of a link holds it."""
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def from_fragment(text: str) -> bytes:
    """The secret in what follows the # of a link. Raises BadKeyfile."""
    text = text.removeprefix("#")
    if not re.fullmatch(r"[\w-]{43}", text, re.ASCII):
        raise BadKeyfile("the link is cut: its part after # holds the key")
    try:
        secret = base64.urlsafe_b64decode(text + "=")
    except binascii.Error as error:
        raise BadKeyfile("the link was changed") from error
    if to_fragment(secret) != text:
        raise BadKeyfile("the link was changed")
    return secret


def _capacity(size: int) -> int:
    return size - HEADER - TAG * -(-size // BLOCK)
