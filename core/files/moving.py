"""Move files from the disk to the object store, or back, while people work: copied, read back, and only then counted.

Nothing is noted of how far it came, for each row says where its bytes are: whatever stops it, it goes on. The former
copy goes with the daily sweep, so whoever is reading it comes to the end.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import transaction

from core import audit
from core.files import storage
from core.files.drafts import saying_full
from core.files.engine import Damaged
from core.files.models import StoredFile

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from core.access.scope import Actor

BLOCK = 1 << 20


def elsewhere(where: str) -> QuerySet[StoredFile]:
    """The files that aren't there yet, oldest first."""
    return StoredFile.objects.filter(erased_at=None).exclude(place=where).order_by("created_at", "pk")


def move(pk: UUID, where: str) -> bool:
    """Bring one file there; False where it was erased or moved meanwhile.

    Raises Damaged where it is missing or its copy differs, Invalid where the disk is full, Away. Nothing is removed
    here, so two who move the same file do no harm.
    """
    stored = elsewhere(where).filter(pk=pk).first()
    if stored is None:
        return False
    source, target, name = storage.place(stored.place), storage.place(where), stored.storage_name
    try:
        # A copy that is there was made by an earlier attempt, or left when the file was moved away from there.
        with suppress(FileExistsError), source.open(name) as original, saying_full():
            target.bring(original, name)
        if digest(source, name) != digest(target, name):
            raise Damaged(f"File {pk} isn't the same in its new place.")
        return settle(stored, where)
    except FileNotFoundError:
        if not elsewhere(where).filter(pk=pk).exists():
            return False
        raise Damaged(f"File {pk} is missing from the storage.") from None


@transaction.atomic
def settle(stored: StoredFile, where: str) -> bool:
    """From now on it is read there. The sweep, which removes under the same lock, hasn't taken the copy away."""
    if not elsewhere(where).select_for_update(of=("self",)).filter(pk=stored.pk, place=stored.place).exists():
        return False
    storage.place(where).open(stored.storage_name).close()
    StoredFile.objects.filter(pk=stored.pk).update(place=where)
    return True


def digest(place: storage.Place, name: str) -> bytes:
    """SHA-256 of the encrypted bytes."""
    seen = hashlib.sha256()
    with place.open(name) as source:
        while block := source.read(BLOCK):
            seen.update(block)
    return seen.digest()


@transaction.atomic
def tell(actor: Actor | None, where: str, moved: int, damaged: int) -> None:
    """Record what a move came to."""
    audit.record(actor, "files.files_moved", place=where, count=moved, damaged=damaged)
