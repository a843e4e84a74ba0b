"""Open a sealed file as it comes: each block verified before a byte of it is given out (SEALED.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backup.engine.errors import Damaged, PassphraseNeeded
from backup.engine.format import cipher
from backup.engine.sealing import layout
from backup.engine.sealing.layout import Header
from backup.engine.sealing.seal import About, Readable


@dataclass(frozen=True, repr=False)
class Opened:
    """A file whose head was read. It is whole only once `content` has come to its end."""

    about: About
    content: Iterator[bytes]


def unseal(source: Readable, fragment: str, passphrase: str = "") -> Opened:
    """Open what is read from `source` with what stands behind the # of its link.

    Raises Damaged, BadKeyfile for the link, PassphraseNeeded for a missing or wrong passphrase.
    """
    secret = layout.from_fragment(fragment)
    header = layout.read_header(_upto(source, layout.HEADER))
    clear = _blocks(source, layout.cipher(secret, header, passphrase), header)
    first = next(clear)
    length = int.from_bytes(first[:4], "little")
    if not 0 < length <= len(first) - 4:
        raise Damaged(layout.NAME, "its head is malformed")
    about = _about(first[4 : 4 + length])
    if header.capacity < 4 + length + about.size:
        raise Damaged(layout.NAME, "holds less than it says")
    return Opened(about, _content(first[4 + length :], clear, about.size))


def _about(head: bytes) -> About:
    body = cipher.unpack(head, layout.NAME)
    try:
        about = About(body["name"], body["size"], body.get("type", ""), body.get("modified"), body.get("message", ""))
    except (AttributeError, KeyError, TypeError) as error:
        raise Damaged(layout.NAME, "its head is malformed") from error
    sound = isinstance(about.name, str) and isinstance(about.type, str) and isinstance(about.modified, int | None)
    sound = sound and isinstance(about.message, str)
    if not sound or not isinstance(about.size, int) or about.size < 0:
        raise Damaged(layout.NAME, "its head is malformed")
    return about


def _content(first: bytes, clear: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The first `size` bytes; the rest is padding, which must be there all the same."""
    part: bytes | None = first
    while part is not None:
        if size and part:
            yield part[:size]
            size -= min(size, len(part))
        part = next(clear, None)


def _blocks(source: Readable, aead: AESGCM, header: Header) -> Iterator[bytes]:
    for number in range(header.blocks):
        start = layout.HEADER if number == 0 else 0
        due = min(layout.BLOCK, header.size - number * layout.BLOCK) - start
        block = _upto(source, due)
        if len(block) != due:
            raise Damaged(layout.NAME, "is cut")
        try:
            yield aead.decrypt(layout.nonce(number, last=number == header.blocks - 1), block, None)
        except InvalidTag as error:
            raise _closed(number, header) from error
    if source.read(1):
        raise Damaged(layout.NAME, "is longer than it says")


def _closed(number: int, header: Header) -> Damaged | PassphraseNeeded:
    if number:
        return Damaged(layout.NAME, f"block {number} was changed")
    if header.protected:
        return PassphraseNeeded("the passphrase or the link is wrong, or the file was changed")
    return Damaged(layout.NAME, "the link is wrong, or the file was changed")


def _upto(source: Readable, size: int) -> bytes:
    parts = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
