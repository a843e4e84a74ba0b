"""Where the encrypted bytes are: the storage «files» of Django's settings, a folder unless an object store is set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

if TYPE_CHECKING:
    from collections.abc import Iterator


class Disk(FileSystemStorage):
    """A folder that only its owner opens. A file appears in it whole, safe from a power cut, or not at all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **options)

    def adopt(self, draft: Path, name: str) -> None:
        """Move a finished draft of the same disk to its name."""
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.link(draft, target)  # unlike rename, refuses to replace
        draft.unlink()
        sync(target.parent)


def bytes_of_files() -> Storage:
    return storages["files"]


def drafts() -> Path:
    """Where files are while they are written: encrypted already, and on the disk of DATA_DIR."""
    folder: Path = settings.DATA_DIR / "drafts"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def put(draft: Path, name: str) -> None:
    """Bring a finished draft, whose bytes have reached the disk, into the storage. The draft is gone afterwards."""
    storage = bytes_of_files()
    if isinstance(storage, Disk):
        storage.adopt(draft, name)
        return
    with draft.open("rb") as file:
        if (kept := storage.save(name, File(file))) != name:
            storage.delete(kept)
            raise FileExistsError(name)
    draft.unlink()


def names() -> Iterator[str]:
    """Every file in the storage."""
    storage = bytes_of_files()
    folders, _files = storage.listdir("") if storage.exists("") else ([], [])
    for folder in folders:
        for name in storage.listdir(folder)[1]:
            yield f"{folder}/{name}"


def sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
