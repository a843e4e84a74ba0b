"""From content to ids: what can't be relied on yet is compressed, encrypted and put into packs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from backup.engine.format import blobs, layout, trees
from backup.engine.format.cipher import Bytes
from backup.engine.format.packs import Written
from backup.engine.repository import Repository
from backup.engine.saving.known import Known
from backup.engine.saving.packer import Packer, PackWriter


class Storing:
    """Safe to use from several threads."""

    def __init__(
        self, repository: Repository, known: Known, keep: Callable[[str, Sequence[Bytes]], None], uploads: int
    ) -> None:
        key, config = repository.key, repository.config
        self._known = known
        self._keys = {
            blobs.DATA: key.knows("id data"),
            blobs.TREE: key.knows("id meta"),
            blobs.LIST: key.knows("id meta"),
        }
        self._writer = PackWriter(keep, config, self._wrote, uploads)
        self._data = Packer(layout.DATA_PACK, config, self._writer)
        self._meta = Packer(layout.META_PACK, config, self._writer)
        self._compressing = ThreadPoolExecutor(1, thread_name_prefix="compress")
        self._lock = threading.Lock()
        self.added = self.fresh = self.dense = self.new = 0
        """Bytes stored; bytes of content that weren't held before, and how many of them didn't compress; new blobs."""

    def blobs(self, type_: int, contents: Sequence[Bytes]) -> list[bytes]:
        """The ids of blobs, which are stored first where they can't be relied on yet."""
        ids, new = self._claimed(type_, contents)
        self._put(type_, new, [blobs.compress(content) for _id, content in new])
        return ids

    def ahead(self, contents: Sequence[Bytes]) -> Callable[[], list[bytes]]:
        """As `blobs` for the contents of many small files, which are compressed while the caller does something else:
        the ids come from what is returned.
        """
        ids, new = self._claimed(blobs.DATA, contents)
        packed = self._compressing.submit(blobs.compress_all, [content for _id, content in new])

        def ready() -> list[bytes]:
            self._put(blobs.DATA, new, packed.result())
            return ids

        return ready

    def _claimed(self, type_: int, contents: Sequence[Bytes]) -> tuple[list[bytes], list[tuple[bytes, Bytes]]]:
        """The ids of all, and those that are to be stored."""
        key = self._keys[type_]
        ids = [blobs.identify(content, key) for content in contents]
        return ids, [(ids[number], contents[number]) for number in self._known.claim(ids)]

    def _put(self, type_: int, new: list[tuple[bytes, Bytes]], packed: list[tuple[int, Bytes]]) -> None:
        if not new:
            return
        stored = [(id_, method, len(content), body) for (id_, content), (method, body) in zip(new, packed, strict=True)]
        (self._data if type_ == blobs.DATA else self._meta).add(type_, stored)
        with self._lock:
            self.new += len(new)
            self.fresh += sum(len(content) for _id, content in new)
            self.dense += sum(length for _id, method, length, _body in stored if method == blobs.RAW)

    def fold(self, ids: list[bytes]) -> tuple[bytes, int, bytes]:
        """The ids of a content as its node holds them, their depth, and where that isn't 0 every id it needs."""
        lists: list[bytes] = []

        def store(part: bytes) -> bytes:
            lists.extend(self.blobs(blobs.LIST, [part]))
            return lists[-1]

        joined = b"".join(ids)
        content, depth = trees.fold(joined, store)
        return content, depth, joined + b"".join(lists) if depth else b""

    def finish(self) -> None:
        """Make everything durable. To be called once no thread stores any more."""
        self._compressing.shutdown()
        self._data.close()
        self._meta.close()
        self._writer.close()

    def close(self) -> None:
        """Stop; what is durable stays."""
        self._compressing.shutdown(cancel_futures=True)
        self._writer.stop()

    def _wrote(self, pack: Written) -> None:
        self._known.wrote(pack)
        with self._lock:
            self.added += pack.size
