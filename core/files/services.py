"""Store, open and erase files. Whether the actor may is asked by the room that keeps the file, before it calls here."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, vault
from core.errors import Away, Conflict
from core.files import quotas, storage
from core.files.drafts import Draft, draft_of
from core.files.engine import KEY_BYTES, Damaged, Decrypter, Memory, in_memory
from core.files.models import StoredFile

if TYPE_CHECKING:
    from django.db.models import QuerySet

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

logger = logging.getLogger(__name__)

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
    project: Project | None,
    *,
    name: str,
    media_type: str = "",
    kind: str = "upload",
    limit: int | None = None,
) -> Iterator[Draft]:
    """Write a file piece by piece: ``with files.create(...) as draft: draft.write(...)``, then ``draft.stored``.

    It is stored when the block ends well; nothing is when it doesn't. Raises Invalid past `limit` clear bytes, past
    what the project may store, and where the disk is full.
    """
    row = StoredFile(
        project=project,
        name=name,
        kind=kind,
        media_type=media_type,
        place=settings.FILES_PLACE,
        created_by_id=actor.pk if actor else None,
    )
    key = os.urandom(KEY_BYTES)
    with draft_of(row, key, limit) as draft:
        yield draft
    try:
        row.size = draft.tell()
        row.digest = vault.blind_index(project, draft.sha256, "files.digest")
        row.key = vault.seal(project, key, row.key_context)
        with transaction.atomic():
            row.save(force_insert=True)
            quotas.count(project, row.size)
    except BaseException:
        drop(row)
        raise
    draft.stored = row


def store(
    actor: Actor | None,
    project: Project | None,
    stream: BinaryIO | Iterable[bytes],
    *,
    name: str,
    media_type: str = "",
    kind: str = "upload",
    limit: int | None = None,
) -> StoredFile:
    """Store what a file object or an iterable of bytes gives, without holding it in memory. Raises as `create`.

    What doesn't fit is refused before it is read, where the stream says its `size`.
    """
    quotas.require_room(project, getattr(stream, "size", None) or 1)
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
        source = bytes_of(stored)
        try:
            return Decrypter(source, key, stored.pk.bytes, size=stored.size)
        except BaseException:
            source.close()
            raise

    return opened


def bytes_of(stored: StoredFile) -> Any:
    """The encrypted bytes, also where they were moved since the row was read. Raises Damaged, Away."""
    try:
        return storage.place(stored.place).open(stored.storage_name)
    except FileNotFoundError:
        moved = StoredFile.objects.filter(pk=stored.pk).exclude(place=stored.place).first()
        if moved is None:
            raise Damaged(f"File {stored.pk} is missing from the storage.") from None
        return bytes_of(moved)


def drop(stored: StoredFile) -> None:
    """Remove bytes that no key opens or no row knows any more; where that can't be done now, the sweep does it."""
    try:
        storage.place(stored.place).delete(stored.storage_name)
    except Away:
        logger.warning("The bytes of file %s go with the next sweep", stored.pk)


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
    with transaction.atomic():
        StoredFile.objects.get(pk=stored.pk).delete()  # first: a row that is referred to after all keeps its bytes
        quotas.count(stored.project, -stored.size, -1)
    drop(stored)


@transaction.atomic
def erase(actor: Actor | None, stored: StoredFile, reason: str = "") -> None:
    """Drop the file's key, then its bytes: copies in backups can't be read either once the row's old key is gone."""
    stored = StoredFile.objects.select_for_update().get(pk=stored.pk)
    if stored.erased_at is not None:
        return
    stored.erased_at, stored.key = timezone.now(), b""
    stored.save(update_fields=["erased_at", "key"])
    quotas.count(stored.project, -stored.size, -1)
    audit.record(actor, "files.file_erased", stored, reason=reason)
    transaction.on_commit(lambda: drop(stored))


def sweep() -> int:
    """Remove what is a day old and no row knows: what a crash left, and what is elsewhere by now. Gives how many."""
    before = timezone.now() - FORGOTTEN
    left = 0
    for draft in storage.drafts().iterdir():
        if datetime.fromtimestamp(draft.stat().st_mtime, UTC) < before:
            draft.unlink(missing_ok=True)
            left += 1
    for place in storage.places():
        known = {pk.hex for pk in kept_at(place).values_list("pk", flat=True)}
        old = (name for name, since in place.names() if since < before)
        left += sum(forgotten(place, name) for name in old if name.rpartition("/")[2] not in known)
        left += place.tidy(before)
    return left


def kept_at(place: storage.Place) -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(erased_at=None, place=place.where)


@transaction.atomic
def forgotten(place: storage.Place, name: str) -> bool:
    """Remove a file that no row knows there; where there is a row, nobody moves the file here meanwhile."""
    key = name.rpartition("/")[2]
    if len(key) == 32:
        list(StoredFile.objects.select_for_update(of=("self",)).filter(pk=key).values_list("pk"))
        if kept_at(place).filter(pk=key).exists():
            return False
    place.delete(name)
    return True
