"""What these tests stand on: a sealed file in its pieces, sent by the owner."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from backup.engine.format import cipher, layout
from backup.engine.sealing.layout import from_fragment, to_fragment
from backup.engine.sealing.seal import About, seal
from backup.engine.sealing.unseal import Opened, unseal
from backup.models import FileRequest, Send
from backup.models.sends import PIECE
from backup.services import asking, fetching, pieces, sends
from core import files
from core.access.demo import World
from core.context import current

SMALL = "Chère consœur, voici les images.\n".encode() * 40


@dataclass(frozen=True)
class Sealed:
    """An object as a browser makes it, and what stands behind the # of its link."""

    fragment: str
    raw: bytes

    @property
    def size(self) -> int:
        return len(self.raw)

    @property
    def pieces(self) -> list[bytes]:
        return [self.raw[at : at + PIECE] for at in range(0, len(self.raw), PIECE)]

    def open(self, raw: bytes | None = None, passphrase: str = "") -> Opened:
        return unseal(io.BytesIO(self.raw if raw is None else raw), self.fragment, passphrase)


def sealed(content: bytes = SMALL, passphrase: str = "", *, name: str = "scanner.zip", message: str = "") -> Sealed:
    made = seal(io.BytesIO(content), About(name, len(content), message=message), passphrase)
    return Sealed(made.fragment, b"".join(made.blocks))


def large() -> bytes:
    """Of several pieces, the last one shorter."""
    return random.Random(7).randbytes(2 * PIECE + 12_345)


def begin(world: World, made: Sealed, **options: int | None) -> Send:
    return sends.begin(world.user["owner"], world.project, size=made.size, **options)  # type: ignore[arg-type]


def send(world: World, made: Sealed, **options: int | None) -> Send:
    """Sent in full, and ready to be fetched."""
    row = begin(world, made, **options)
    for number, piece in enumerate(made.pieces):
        pieces.put(world.user["owner"], row, number, piece)
    return sends.finish(world.user["owner"], row)


def fetched(row: Send) -> bytes:
    """What somebody receives who has the link."""
    _fetch, ticket = fetching.begin(row.link)
    return b"".join(piece(row, ticket, number) for number in range(row.piece_count))


def piece(row: Send, ticket: str, number: int) -> bytes:
    with files.open(fetching.piece(row.link, ticket, number)) as file:
        return file.read()


@dataclass(frozen=True)
class Asked:
    """A request, and the private key in its owner's own link."""

    row: FileRequest
    own: bytes


def ask(world: World, **options: int) -> Asked:
    own = bytes(range(1, 33))
    return Asked(asking.ask(world.user["owner"], world.project, **options), own)


def drop(asked: Asked, made: Sealed) -> tuple[Send, str]:
    """Begun by a stranger who has the link."""
    envelope = cipher.seal(
        layout.AES,
        cipher.public_half(asked.own),
        "sealed file",
        asked.row.link.encode(),
        from_fragment(made.fragment),
    )
    return asking.drop(asked.row.link, size=made.size, envelope=envelope)


def key_in(asked: Asked, row: Send) -> str:
    """What the owner takes from an envelope."""
    secret = cipher.unseal(
        layout.AES, asked.own, "sealed file", asked.row.link.encode(), bytes(row.envelope), "envelope"
    )
    return to_fragment(secret)


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    mark = current.set(replace(current.get(), address=address))
    try:
        yield
    finally:
        current.reset(mark)
