"""Store, open and erase files. Whether the actor may is asked by the room that keeps the file, before it calls here."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, vault
from core.errors import Conflict
from core.files import storage
from core.files.drafts import Draft, draft_of
from core.files.engine import KEY_BYTES, Damaged, Decrypter, Memory, in_memory
from core.files.models import StoredFile

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

__all__ = [
    "Damaged",
    "Draft",
    "Erased",
    "Memory",
    "Opener",
    "StoredFile",
    "create",
    "discard",
    "erase",
    "memory",
    "open",
    "opener",
    "store",
    "sweep",
]

BLOCK = 1 << 20
Opener = Callable[[], Decrypter]
FORGOTTEN = timedelta(days=1)
"""A draft or a file without a row that is older was left by a crash."""


class Erased(Conflict):
    """The file's key was dropped: its content is gone for good."""

    def __init__(self) -> None:
        super().__init__(_("This file was erased: its content is gone for good."), "erased")


@contextmanager
def create(
    actor: Actor | None,
    project: Project,
    *,
    name: str,
    media_type: str = "",
    kind: str = "upload",
    limit: int | None = None,
) -> Iterator[Draft]:
    """Write a file piece by piece: ``with files.create(...) as draft: draft.write(...)``, then ``draft.stored``.

    It is stored when the block ends well; nothing is when it doesn't. Raises Invalid past `limit` clear bytes and where
    the disk is full.
    """
    row = StoredFile(
        project=project, name=name, kind=kind, media_type=media_type, created_by_id=actor.pk if actor else None
    )
    key = os.urandom(KEY_BYTES)
    with draft_of(row, key, limit) as draft:
        yield draft
    try:
        row.size = draft.tell()
        row.digest = vault.blind_index(project, draft.sha256, "files.digest")
        row.key = vault.seal(project, key, row.key_context)
        row.save(force_insert=True)
    except BaseException:
        storage.bytes_of_files().delete(row.storage_name)
        raise
    draft.stored = row


def store(
    actor: Actor | None,
    project: Project,
    stream: BinaryIO | Iterable[bytes],
    *,
    name: str,
    media_type: str = "",
    kind: str = "upload",
    limit: int | None = None,
) -> StoredFile:
    """Store what a file object or an iterable of bytes gives, without holding it in memory. Raises as `create`."""
    with create(actor, project, name=name, media_type=media_type, kind=kind, limit=limit) as draft:
        for block in blocks(stream):
            draft.write(block)
    assert draft.stored is not None
    return draft.stored


def blocks(stream: BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    read = getattr(stream, "read", None)
    return iter(lambda: read(BLOCK), b"") if read else stream


def opener(stored: StoredFile) -> Opener:
    """A function that opens the file, also from another thread. Raises Erased, vault.KeyDestroyed.

    Called, it raises Damaged, also where the file is missing.
    """
    if stored.erased_at is not None:
        raise Erased
    key = vault.open(stored.project, bytes(stored.key), stored.key_context)

    def opened() -> Decrypter:
        try:
            source = storage.bytes_of_files().open(stored.storage_name)
        except FileNotFoundError:
            raise Damaged(f"File {stored.pk} is missing from the storage.") from None
        try:
            return Decrypter(getattr(source, "file", source), key, stored.pk.bytes, size=stored.size)
        except BaseException:
            source.close()
            raise

    return opened


def open(stored: StoredFile) -> io.BufferedReader:  # noqa: A001
    """A seekable file object of the clear bytes; what is read was checked. Raises as `opener` and what it gives."""
    return io.BufferedReader(opener(stored)(), buffer_size=128 * 1024)


@contextmanager
def memory(stored: StoredFile) -> Iterator[Memory]:
    """The whole file, clear, in a sealed memfd with `fd`, `path` and `size`. Raises as `open`."""
    with opener(stored)() as source, in_memory(source) as held:
        yield held


def discard(stored: StoredFile) -> None:
    """Remove a file that came to nothing: no row refers to it, and nobody has seen it."""
    name = stored.storage_name
    stored.delete()  # first: a row that is referred to after all keeps its bytes
    storage.bytes_of_files().delete(name)


@transaction.atomic
def erase(actor: Actor | None, stored: StoredFile, reason: str = "") -> None:
    """Drop the file's key, then its bytes: copies in backups can't be read either once the row's old key is gone."""
    stored = StoredFile.objects.select_for_update().get(pk=stored.pk)
    if stored.erased_at is not None:
        return
    stored.erased_at, stored.key = timezone.now(), b""
    stored.save(update_fields=["erased_at", "key"])
    audit.record(actor, "files.file_erased", stored, reason=reason)
    transaction.on_commit(lambda: storage.bytes_of_files().delete(stored.storage_name))


def sweep() -> int:
    """Remove what a crash left: drafts and files that no row knows, a day old or older. Gives how many."""
    before = timezone.now() - FORGOTTEN
    left = 0
    for draft in storage.drafts().iterdir():
        if datetime.fromtimestamp(draft.stat().st_mtime, UTC) < before:
            draft.unlink(missing_ok=True)
            left += 1
    bytes_of_files = storage.bytes_of_files()
    known = {pk.hex for pk in StoredFile.objects.filter(erased_at=None).values_list("pk", flat=True)}
    for name in storage.names():
        if name.rpartition("/")[2] not in known and bytes_of_files.get_modified_time(name) < before:
            bytes_of_files.delete(name)
            left += 1
    return left
