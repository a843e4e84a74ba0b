"""What one snapshot can read: the blobs that its own indexes list, and no other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from backup.engine.checking.holdings import Holdings
from backup.engine.checking.opened import Opened, pack_kind, read_pack
from backup.engine.errors import Damaged
from backup.engine.format import blobs, trees
from backup.engine.format.blobs import Entry
from backup.engine.format.trees import Node
from backup.engine.repository import Repository

_AT_HAND = 8
"""Packs that are kept whole: trees of one save lie beside each other."""
_OPENED = 1024
"""Packs of data whose keys are kept."""


class View:
    """Holdings through the eyes of one snapshot after the other. One thread at a time."""

    def __init__(
        self,
        repository: Repository,
        holdings: Holdings,
        *,
        trouble: Callable[[Damaged], None] = lambda _damaged: None,
        lost: Callable[[bytes, int], None] = lambda _id, _type: None,
    ) -> None:
        """`trouble` hears what reading blobs shows of packs, `lost` of each blob that can't be had, and its type."""
        self._repository, self._holdings = repository, holdings
        self._trouble, self._lost = trouble, lost
        self._audience: bytes | None = None
        self._allowed = bytearray()
        self._unlisted: Damaged | None = None
        self._packs: OrderedDict[int, Opened] = OrderedDict()
        self._at_hand: OrderedDict[int, Opened] = OrderedDict()

    def enter(self, audience: bytes | None, indexes: Iterable[bytes]) -> None:
        """From now on these indexes count, and ids are those of this audience (Config.audience)."""
        holdings = self._holdings
        self._audience = audience
        self._allowed = bytearray(len(holdings.listings))
        self._unlisted = None
        for index in indexes:
            self._unlisted = self._unlisted or holdings.lost_indexes.get(index)
            for number in holdings.numbers(index, audience):
                self._allowed[number] = 1

    def content(self, node: Node) -> Iterator[bytes]:
        """The pieces of a file. Raises Damaged."""
        return (self.read(id_, blobs.DATA) for id_ in self.ids(node))

    def ids(self, node: Node) -> Iterator[bytes]:
        """The ids of the content of a file or a directory. Raises Damaged."""
        return trees.unfold(node["c"], node.get("p", 0), lambda id_: self.read(id_, blobs.LIST))

    def read(self, id_: bytes, type_: int) -> bytes:
        """A blob, from the first copy that is sound. Raises Damaged."""
        while True:
            number, ordinal, entry = self.place(id_, type_)
            try:
                return self._opened(number, type_).content(entry, type_, self._audience)
            except Damaged as error:
                self._holdings.broken[ordinal] = error
                self._trouble(error)

    def place(self, id_: bytes, type_: int) -> tuple[int, int, Entry]:
        """Where a blob lies: the listing, the ordinal and the entry. Raises Damaged where no sound copy is known."""
        holdings = self._holdings
        why: Damaged | None = None
        best: tuple[int, int, Entry] | None = None
        for number, ordinal, entry in holdings.find(id_):
            if not self._allowed[number]:
                continue
            trouble = holdings.trouble(number, ordinal)
            if trouble is None and (entry.type != type_ or holdings.listings[number].pack.kind != pack_kind(type_)):
                name = holdings.listings[number].name
                trouble = Damaged(name, "a blob is of another type than its place calls for")
            if trouble is None:
                holdings.needed.add(number)  # every place: one that wasn't read yet may turn out to be rubbish
                best = best or (number, ordinal, entry)
            why = why or trouble
        if best is not None:
            return best
        self._lost(id_, type_)
        raise why or self._unlisted or Damaged(f"blob {id_.hex()[:16]}", "no index of the snapshot lists it")

    def ordinal(self, id_: bytes) -> int | None:
        """What tells a blob that is listed from every other, sound or not."""
        return next((ordinal for number, ordinal, _ in self._holdings.find(id_) if self._allowed[number]), None)

    def _opened(self, number: int, type_: int) -> Opened:
        """A pack: of trees whole, of data only its keys, unless it has to be mended."""
        pack = self._holdings.listings[number].pack.name
        whole = type_ != blobs.DATA or pack in self._holdings.mended
        known, most = (self._at_hand, _AT_HAND) if whole else (self._packs, _OPENED)
        opened = known.get(number)
        if opened is None:
            raw, wrong = read_pack(self._repository, pack) if whole else (None, None)
            if wrong is not None:
                self._trouble(wrong)
            opened = known[number] = Opened(self._repository, pack, raw)
            if len(known) > most:
                known.popitem(last=False)
        else:
            known.move_to_end(number)
        return opened
