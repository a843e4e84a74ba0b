"""What a plan saves, as named streams of clear bytes that are opened one at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backup.engine.sources.base import Unreadable
from backup.engine.sources.streams import Stream
from core import files, vault
from core.datasets.models import DatasetVersion
from core.files.models import StoredFile

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]

    from backup.models import Plan

RESTORED = "restored"
"""The kind of the archives that earlier releases restored here; they are erased (tidying)."""
SEALED = "sealed"
"""The kind of the pieces of sealed files: they are on their way and stay nowhere."""
_LONGEST = 200


@dataclass(frozen=True)
class Contents:
    streams: list[Stream]
    datasets: int
    bytes: int


def contents(plan: Plan) -> Contents:
    """Every version of every dataset, the files, or both, of the plan's project."""
    versions = DatasetVersion.objects.filter(dataset__project=plan.project, file__erased_at=None)
    streams = list(_datasets(versions)) if plan.datasets else []
    datasets = len(streams)
    if plan.files:
        rows = StoredFile.objects.filter(project=plan.project, erased_at=None).exclude(kind__in=(RESTORED, SEALED))
        streams += _files(rows.exclude(pk__in=versions.values("file")).select_related("project").order_by("pk"))
    return Contents(streams, datasets, sum(stream.size for stream in streams))


def _datasets(versions: object) -> Iterator[Stream]:
    rows = versions.select_related("dataset", "file__project").order_by("dataset__name", "number")  # type: ignore[attr-defined]
    for version in rows:
        about = {
            "kind": "dataset",
            "dataset": version.dataset.name,
            "title": version.dataset.title,
            "version": str(version.number),
            "sensitivity": version.sensitivity,
            "columns": json.dumps(version.columns, ensure_ascii=False),
            "provenance": json.dumps(version.provenance, ensure_ascii=False),
        }
        yield _stream(f"datasets/{version.dataset.name}/v{version.number}.parquet", version.file, about)


def _files(rows: object) -> Iterator[Stream]:
    for stored in rows:  # type: ignore[attr-defined]
        about = {"kind": stored.kind, "name": stored.name, "media type": stored.media_type}
        yield _stream(f"files/{stored.pk}/{safe(stored.name)}", stored, about)


def _stream(path: str, stored: StoredFile, about: dict[str, str]) -> Stream:
    modified = int(stored.created_at.timestamp()) * 1_000_000_000
    # A stored file is written once: its id is its content, and tells that it needn't be read again.
    return Stream(path, _opening(stored), stored.size, modified, stored.pk.bytes, about)


def safe(name: str) -> str:
    """A name that is one name, whatever a person called his file."""
    name = name.replace("/", "_").replace("\0", "_").encode()[:_LONGEST].decode(errors="ignore")
    return f"_{name}" if name in ("", ".", "..") else name


def _opening(stored: StoredFile) -> Callable[[], io.BufferedReader]:
    def opening() -> io.BufferedReader:
        try:
            return io.BufferedReader(_Reading(files.open(stored), str(stored.pk)), 1 << 20)
        except (files.Erased, files.Damaged, vault.KeyDestroyed, vault.Unopenable) as error:
            raise Unreadable(f"{stored.pk}: {type(error).__name__}") from error

    return opening


class _Reading(io.RawIOBase):
    """The clear bytes of a file; damage found on the way is told by the file's id alone."""

    def __init__(self, inner: io.BufferedReader, name: str) -> None:
        self._inner, self._name = inner, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        try:
            return self._inner.readinto(buffer)
        except files.Damaged as error:
            raise Unreadable(f"{self._name}: Damaged") from error

    def close(self) -> None:
        self._inner.close()
        super().close()
