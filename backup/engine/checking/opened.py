"""One pack with its keys: blobs of it are decoded from bytes read already, or read as they are asked for."""

from __future__ import annotations

from backup.engine.errors import Damaged, Missing
from backup.engine.format import blobs, cipher, layout, packs
from backup.engine.format.blobs import Entry
from backup.engine.format.cipher import Aead
from backup.engine.repository import Repository
from backup.engine.stores.redundant import mended

SECRETS = {blobs.DATA: "id data", blobs.TREE: "id meta", blobs.LIST: "id meta"}
"""Which secret makes the ids of a type of blobs."""


def pack_kind(type_: int) -> bytes:
    """The kind of pack in which blobs of a type lie."""
    return layout.DATA_PACK if type_ == blobs.DATA else layout.META_PACK


def opens(repository: Repository, part: str) -> bool:
    """Whether the key opens a part of the repository, if only what was sealed before a newer epoch began."""
    return any(repository.key.can_open(part, epoch.number) for epoch in repository.config.epochs)


class Opened:
    def __init__(self, repository: Repository, pack: bytes, raw: bytes | None = None) -> None:
        """`raw` is the whole pack where it was read already. Raises Damaged."""
        self.name = layout.pack_name(pack)
        self._repository = repository
        self._raw = raw
        self._ciphers: dict[int, Aead] = {}
        self.start = packs.read_start(self._read, repository.config.repository, self.name)
        packs.check_epochs(self.start, repository.config, self.name)

    def stored(self, entry: Entry) -> bytes:
        """The ciphertext of a blob. Raises Damaged."""
        return self._read(entry.offset, entry.stored)

    def content(self, entry: Entry, type_: int, audience: bytes | None) -> bytes:
        """A blob, verified; `audience` is whose id it is (Config.audience). Raises Damaged."""
        if entry.type != type_:
            raise Damaged(self.name, "a blob is of another type than its place calls for")
        if type_ not in SECRETS or self.start.prologue.kind != pack_kind(type_):
            raise Damaged(self.name, "is a pack of another kind than its blobs")
        key = self._repository.key.knows(SECRETS[type_], audience)
        cipher = self._cipher(entry.key)
        return blobs.decrypt(cipher, self._repository.config.repository, entry, self.stored(entry), key, self.name)

    def entries(self, size: int) -> bytes:
        """What the header of the pack, which has so many bytes, lists. Raises Damaged."""
        count = int.from_bytes(self._read(max(size - 4, 0), 4), "little")
        trailer = self._read(size - count - 4, count + 4) if count + 4 < size else b""
        return packs.read_entries(self.start, trailer, self._repository.key, self.name)

    def _cipher(self, number: int) -> Aead:
        if number not in self._ciphers:
            self._ciphers[number] = packs.open_key(self.start, number, self._repository.key, self.name)
        return self._ciphers[number]

    def _read(self, offset: int, length: int) -> bytes:
        if self._raw is not None:
            return self._raw[offset : offset + length]
        try:
            return self._repository.store.read(self.name, offset, length)
        except Missing:
            raise Damaged(self.name, "is gone") from None


def read_pack(repository: Repository, pack: bytes) -> tuple[bytes, Damaged | None]:
    """The bytes of a pack, as its parity mends them where they are damaged, and what is wrong with it in the store.

    Raises Damaged where it is gone.
    """
    name = layout.pack_name(pack)
    try:
        raw = repository.store.read(name)
    except Missing:
        raise Damaged(name, "is gone") from None
    if cipher.digest(raw) == pack:
        return raw, None
    found = mended(repository.store, name, raw)
    if found is None:
        return raw, Damaged(name, "its bytes aren't those of its name")
    return found, Damaged(name, "its bytes aren't those of its name, but its parity mends them")
