"""The contents of files in a row, fetched before their turn comes."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from blake3 import blake3

from backup.engine.format.trees import FILE, Node
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.runs import Batch
from backup.engine.restoring.large import Piece, segments
from backup.engine.restoring.site import check_content, stored_size
from backup.engine.restoring.small import is_small, pieces

Entry = tuple[bytes, Node]
"""A path, and what has it."""
_BATCH = 4 << 20
_BATCH_FILES = 256
_ZEROS = bytes(1 << 20)


class Ahead:
    """Walks entries while the contents of the next ones are being fetched by `workers` threads."""

    def __init__(self, catalogue: Catalogue, workers: int = 2) -> None:
        self._catalogue, self._workers = catalogue, workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="ahead")

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def walk(self, entries: Iterable[Entry]) -> Iterator[tuple[bytes, Node, Iterator[bytes]]]:
        """Each entry with the content of its file, without its holes: it must be used before the next one is asked for.

        A content raises Damaged where it isn't the one that was saved, at the latest at its end.
        """
        waiting: deque[tuple[list[Entry], Future[Batch] | None]] = deque()
        for group in _groups(entries):
            fetched = self._pool.submit(Batch, self._catalogue, _ids(group)) if _is_batch(group) else None
            waiting.append((group, fetched))
            if len(waiting) > self._workers:
                yield from self._contents(*waiting.popleft())
        while waiting:
            yield from self._contents(*waiting.popleft())

    def _contents(
        self, group: list[Entry], fetched: Future[Batch] | None
    ) -> Iterator[tuple[bytes, Node, Iterator[bytes]]]:
        batch = fetched.result() if fetched is not None else None
        for path, node in group:
            if node["t"] != FILE:
                yield path, node, iter(())
            elif batch is not None:
                yield path, node, _checked(map(batch.content, pieces(node)), path, node)
            else:
                yield path, node, _checked(self._large(path, node), path, node)

    def _large(self, path: bytes, node: Node) -> Iterator[bytes]:
        """The pieces of a large file, some segments ahead."""
        waiting: deque[Future[list[bytes]]] = deque()
        try:
            for segment in segments(self._catalogue, node, path.decode(errors="backslashreplace")):
                waiting.append(self._pool.submit(_read, self._catalogue, segment))
                if len(waiting) > self._workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def content(catalogue: Catalogue, node: Node, workers: int = 2) -> Iterator[bytes]:
    """The whole content of one file, zeros in its holes. Raises Damaged, at the latest at its end."""
    with contextlib.closing(Ahead(catalogue, workers)) as ahead:
        for _path, _node, parts in ahead.walk([(node["n"], node)]):
            yield from with_holes(node, parts)


def with_holes(node: Node, parts: Iterator[bytes]) -> Iterator[bytes]:
    """A content with zeros where the file has holes."""
    if "e" not in node:
        yield from parts
        return
    rest, at = memoryview(b""), 0
    for offset, length in [*node["e"], [node["s"], 0]]:
        while at < offset:
            zeros = _ZEROS[: offset - at]
            yield zeros
            at += len(zeros)
        while length:
            rest = rest or memoryview(next(parts))
            part, rest = rest[:length], rest[length:]
            yield bytes(part)
            at, length = at + len(part), length - len(part)
    for _ in parts:  # to its end, where it is compared with what was saved
        pass


def _checked(parts: Iterator[bytes], path: bytes, node: Node) -> Iterator[bytes]:
    size, state = 0, blake3()
    for part in parts:
        size += len(part)
        if size > stored_size(node):
            break
        if "h" in node:
            state.update(part)
        yield part
    check_content(size, state.digest(), node, path)


def _read(catalogue: Catalogue, segment: list[Piece]) -> list[bytes]:
    batch = Batch(catalogue, (id_ for id_, _, _ in segment))
    return [batch.content(id_) for id_, _, _ in segment]


def _groups(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    group: list[Entry] = []
    size = 0
    for path, node in entries:
        if not is_small(node):
            if group:
                yield group
            yield [(path, node)]
            group, size = [], 0
            continue
        group.append((path, node))
        size += node.get("s", 0)
        if size >= _BATCH or len(group) >= _BATCH_FILES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _is_batch(group: list[Entry]) -> bool:
    return is_small(group[0][1])


def _ids(group: list[Entry]) -> Iterator[bytes]:
    return (id_ for _, node in group if node["t"] == FILE for id_ in pieces(node))
