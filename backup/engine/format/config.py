"""What a repository says of itself, signed by its master (FORMAT.md, section 5)."""

from __future__ import annotations

from dataclasses import dataclass

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import chunker, cipher, layout
from backup.engine.format.keys import EPOCH, Key, Role

NAME = "config"


@dataclass(frozen=True)
class Epoch:
    """The public keys to which a time's objects are sealed."""

    number: int
    data: bytes
    meta: bytes
    log: bytes


@dataclass(frozen=True)
class Config:
    repository: bytes
    master: bytes
    created: int
    number: int
    epochs: tuple[Epoch, ...]

    @property
    def epoch(self) -> Epoch:
        """The one that writers use."""
        return self.epochs[-1]


def write(master: Key, created: int) -> bytes:
    """The config of a new repository."""
    if master.role is not Role.MASTER or master.sign is None:
        raise KeyRefused("only the master key makes a repository")
    epoch = {part: cipher.public_half(master.opens(part, EPOCH)) for part in ("data", "meta", "log")}
    body = {
        "number": 1,
        "created": created,
        "master": master.master,
        "epochs": [{"epoch": EPOCH, **epoch}],
        "chunker": chunker.PARAMETERS,
        "needs": [],
    }
    return cipher.signed(master.sign, bytes(layout.Prologue(layout.CONFIG, master.repository)) + cipher.pack(body))


def read(raw: bytes, key: Key) -> Config:
    """The config, once the key's own master is seen to have signed it."""
    layout.parse(raw, layout.CONFIG, key.repository, NAME)
    body = cipher.unpack(cipher.check_signed(key.master, raw, NAME)[layout.SIZE :], NAME)
    if body["needs"]:
        raise Damaged(NAME, f"needs {', '.join(body['needs'])}, which this program doesn't know")
    if body["chunker"] != chunker.PARAMETERS:
        raise Damaged(NAME, "asks for a chunker that this program doesn't know")
    epochs = tuple(Epoch(one["epoch"], one["data"], one["meta"], one["log"]) for one in body["epochs"])
    return Config(key.repository, body["master"], body["created"], body["number"], epochs)
