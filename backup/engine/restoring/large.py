"""Large files: their pieces come in parallel and each goes to its place, and the whole is hashed in order."""

from __future__ import annotations

import os
import stat
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from backup.engine.errors import Damaged
from backup.engine.format import blobs
from backup.engine.format.trees import Node
from backup.engine.ordered import OrderedHash
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.runs import Batch
from backup.engine.restoring.drafts import Draft, write
from backup.engine.restoring.folders import Folder
from backup.engine.restoring.site import stored_size

SEGMENT = 4 << 20
Piece = tuple[bytes, int, int]
"""Id, where it begins in what is stored of the file, and its length."""


class Layout:
    """Where the stored bytes of a file belong in it: its holes lie between."""

    def __init__(self, node: Node) -> None:
        self._extents: list[list[int]] = node.get("e", [[0, node["s"]]])
        self._starts = list(accumulate((length for _, length in self._extents), initial=0))

    def spans(self, start: int, length: int) -> Iterator[tuple[int, int, int]]:
        """Of a stretch of stored bytes: where in the stretch, where in the file, and how long."""
        at, end = start, start + length
        number = bisect_right(self._starts, start) - 1
        while at < end:
            offset, size = self._extents[number]
            inside = at - self._starts[number]
            count = min(size - inside, end - at)
            yield at - start, offset + inside, count
            at, number = at + count, number + 1


class Large:
    """One large file on its way. `waiting` counts the segments that aren't in yet, its planning among them."""

    def __init__(self, folder: Folder, node: Node, draft: Draft, *, in_place: bool) -> None:
        self.folder, self.node, self.draft, self.in_place = folder, node, draft, in_place
        """In place: what is there is compared, and only what differs is written."""
        self.waiting = 1
        self.content = OrderedHash()
        self.differs = False
        self.failure: Exception | None = None
        self._layout = Layout(node)
        if not in_place:
            os.ftruncate(draft.descriptor, node["s"])

    def fit(self) -> None:
        """Cut off what was there behind the content."""
        os.ftruncate(self.draft.descriptor, self.node["s"])

    def segment(self, catalogue: Catalogue, number: int, pieces: list[Piece]) -> int:
        """Bring one segment in; how many bytes. To be called from any thread. Raises Damaged, OSError."""
        held = self._present(catalogue, pieces) if self.in_place else {}
        missing = [piece for piece in pieces if piece[0] not in held]
        batch = Batch(catalogue, (id_ for id_, _, _ in missing))
        contents = []
        for id_, start, length in pieces:
            content = held.get(id_)
            if content is None:
                self.differs = True
                content = batch.content(id_)
                if len(content) != length:
                    raise Damaged(f"blob {id_.hex()[:16]}", "is of another length than its index says")
                self._write(content, start)
            contents.append(content)
        self.content.add(number, contents)
        return sum(length for _, _, length in pieces)

    def _present(self, catalogue: Catalogue, pieces: list[Piece]) -> dict[bytes, bytes]:
        """The pieces that are there already, by what they hold and not by what is said of them."""
        found = {}
        for id_, start, length in pieces:
            content = os.pread(self.draft.descriptor, length, start)
            if len(content) == length and catalogue.identify(content, blobs.DATA) == id_:
                found[id_] = content
        return found

    def _write(self, content: bytes, start: int) -> None:
        view = memoryview(content)
        for at, offset, length in self._layout.spans(start, len(content)):
            write(self.draft.descriptor, view[at : at + length], offset)


def segments(catalogue: Catalogue, node: Node, name: str) -> Iterator[list[Piece]]:
    """The pieces of a file, as many at a time as are read together. Raises Damaged if they don't make it up."""
    total, at = stored_size(node), 0
    waiting: list[Piece] = []
    for id_ in catalogue.ids(node):
        places = catalogue.places(id_)
        if not places:
            raise catalogue.absence(id_)
        length = places[0][1].length
        if waiting and at + length - waiting[0][1] > SEGMENT:
            yield waiting
            waiting = []
        waiting.append((id_, at, length))
        at += length
        if at > total or not length:
            raise Damaged(name, "has other pieces than its node says")
    if at != total:
        raise Damaged(name, "has other pieces than its node says")
    if waiting:
        yield waiting


def open_in_place(descriptor: int, node: Node) -> Draft | None:
    """What is there, to be compared and mended, if that can't touch anything else: a file with this one name."""
    try:
        file = os.open(node["n"], os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=descriptor)
    except OSError:
        return None
    status = os.fstat(file)
    if "e" in node or not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        os.close(file)
        return None
    return Draft(file, None, replaces=True)
