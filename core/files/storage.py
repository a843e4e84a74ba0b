"""Where the encrypted bytes are: on the disk, or in an object store that speaks S3. Each file's row says which."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Protocol, cast
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.utils.functional import _StrPromise


class Where(models.TextChoices):
    DISK = "disk", gettext_lazy("the server’s disk")
    S3 = "s3", gettext_lazy("an object store (S3)")


class Place(Protocol):
    """What keeps files. A file appears in it whole or not at all, and is never replaced by another."""

    where: ClassVar[Where]
    address: str

    @property
    def label(self) -> _StrPromise | str: ...
    @property
    def takes_new(self) -> bool: ...
    def adopt(self, draft: Path, name: str) -> None:
        """Bring in a finished draft, whose bytes are on the disk; it is gone afterwards. Raises FileExistsError."""

    def bring(self, source: IO[bytes], name: str) -> None:
        """Copy what a file object holds from its beginning on. Raises FileExistsError."""

    def open(self, name: str) -> IO[bytes]:
        """Seekable. Raises FileNotFoundError."""

    def delete(self, name: str) -> None:
        """Also where it isn't there."""

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Every file and since when it is there."""

    def ails(self) -> str:
        """In words, why it can't be used; nothing where it can."""

    def tidy(self, before: datetime) -> int:
        """Remove what broken transfers from before left there; gives how many."""


class Kept:
    """What the places have in common."""

    where: ClassVar[Where]

    @property
    def label(self) -> _StrPromise | str:
        return self.where.label

    @property
    def takes_new(self) -> bool:
        return bool(self.where == settings.FILES_PLACE)


class Disk(Kept, FileSystemStorage):
    """A folder that only its owner opens. A file appears in it whole, safe from a power cut, or not at all."""

    where = Where.DISK

    def __init__(self, **options: Any) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **options)

    @property
    def address(self) -> str:
        return str(self.location)

    def adopt(self, draft: Path, name: str) -> None:
        """Move a finished draft of the same disk to its name."""
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.link(draft, target)  # unlike rename, refuses to replace
        draft.unlink()
        sync(target.parent)

    def bring(self, source: IO[bytes], name: str) -> None:
        draft = drafts() / uuid4().hex
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            self.adopt(draft, name)
        finally:
            draft.unlink(missing_ok=True)

    def open(self, name: str, mode: str = "rb") -> Any:
        return Path(self.path(name)).open("rb")

    def names(self) -> Iterator[tuple[str, datetime]]:
        for path in Path(self.location).glob("??/*"):
            yield f"{path.parent.name}/{path.name}", datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def ails(self) -> str:
        folder = Path(self.location)
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        return "" if os.access(nearest, os.W_OK) else _("The folder of the files can’t be written to.")

    def tidy(self, before: datetime) -> int:
        return 0


def place(where: str) -> Place:
    """Raises InvalidStorageError where S3 isn't set up."""
    return cast("Place", storages["files" if where == Where.DISK else "files-s3"])


def for_new() -> Place:
    """Where new files go."""
    return place(settings.FILES_PLACE)


def places() -> list[Place]:
    """All that are set up, the one for new files first."""
    found = [place(where) for where in Where if where == Where.DISK or "files-s3" in settings.STORAGES]
    return sorted(found, key=lambda one: not one.takes_new)


def drafts() -> Path:
    """Where files are while they are written: encrypted already, and on the disk of DATA_DIR."""
    folder: Path = settings.DATA_DIR / "drafts"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
