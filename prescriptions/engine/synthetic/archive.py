"""Parts to one archive, piece by piece: neither a whole stream nor a whole archive is ever in memory."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from prescriptions.engine.synthetic import coco, output

Json = dict[str, Any]
Parts = Callable[[], Iterable[ZipFile]]
"""Opens the parts, in their order, as often as they are read."""
ANNOTATIONS, PAGES = "brat/", "pages/"
"""Folders of a part. What is in the second is compressed already."""


def part(members: Iterable[output.Member]) -> bytes:
    """A stretch of documents: its streams, and its files."""
    held = io.BytesIO()
    streams: dict[str, list[bytes]] = {}
    with ZipFile(held, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members:
            if name in output.STREAMS:
                streams.setdefault(name, []).append(content)
            else:
                put(archive, name, content)
        for name, contents in streams.items():
            put(archive, name, b"".join(contents))
    return held.getvalue()


def put(archive: ZipFile, name: str, content: bytes) -> None:
    """One file of an archive, with no date: the same contents are the same bytes."""
    archive.writestr(ZipInfo(name), content, ZIP_STORED if name.startswith(PAGES) else ZIP_DEFLATED)


def objects(parts: Parts, stream: str) -> Iterator[Json]:
    """The objects of a stream, over all parts."""
    for one in parts():
        if stream in one.namelist():
            with one.open(stream) as lines:
                yield from map(json.loads, lines)


def pack(parts: Parts, target: io.IOBase | IO[bytes], extra: Mapping[str, bytes]) -> Iterator[str]:
    """Write the archive into `target`, which needn't seek; tells which member is done.

    Annotations are one tar in it: a directory of 200,000 names would be held in memory.
    """
    with ZipFile(cast("IO[bytes]", target), "w", ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in extra.items():
            put(archive, name, content)
        present = {f"{head}{bar}" for one in parts() for head, bar, _ in (n.partition("/") for n in one.namelist())}
        for stream in output.STREAMS:
            if stream in present and stream != output.BOXES:
                with archive.open(stream, "w", force_zip64=True) as member:
                    for one in parts():
                        with one.open(stream) as source:
                            shutil.copyfileobj(source, member)
                yield stream
        if output.BOXES in present:
            with archive.open("coco.json", "w", force_zip64=True) as member:
                for piece in coco.file(objects(parts, output.BOXES)):
                    member.write(piece.encode())
            yield "coco.json"
        if ANNOTATIONS in present:
            with archive.open("brat.tar", "w", force_zip64=True) as member:
                tarred(parts, member)
            yield "brat.tar"
        for one in parts():
            for name in one.namelist():
                if name.startswith(PAGES):
                    put(archive, name, one.read(name))
                    yield name


def tarred(parts: Parts, target: IO[bytes]) -> None:
    """The files of `brat/` as a tar."""
    with tarfile.open(fileobj=target, mode="w|") as tar:
        for one in parts():
            for name in one.namelist():
                if name.startswith(ANNOTATIONS):
                    content = one.read(name)
                    entry = tarfile.TarInfo(name)
                    entry.size = len(content)
                    tar.addfile(entry, io.BytesIO(content))
                    tar.members = []  # type: ignore[attr-defined]  # else it holds every entry
