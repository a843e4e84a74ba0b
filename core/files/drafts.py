"""A file while it is being written."""

from __future__ import annotations

import errno
import hashlib
import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.errors import Fault, Invalid, NoRoom
from core.files import quotas, storage
from core.files.engine import Encrypter

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]

    from core.access.models import Project
    from core.files.models import StoredFile

logger = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)


class Draft(io.RawIOBase):
    """A file object that takes the clear bytes and writes them encrypted. `stored` is the row, once all went well."""

    def __init__(self, encrypter: Encrypter, project: Project | None, limit: int | None) -> None:
        """Raises Invalid where the project has no room at all."""
        self._encrypter, self._project, self._limit = encrypter, project, limit
        self._room = quotas.require_room(project)
        self._hash = hashlib.sha256()
        self.stored: StoredFile | None = None

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._encrypter.size

    def write(self, data: Buffer) -> int:
        """Take all of `data`. Raises Invalid past the limit, without room for it, and where the disk is full."""
        block = memoryview(data).cast("B")
        size = self._encrypter.size + len(block)
        if self._limit is not None and size > self._limit:
            raise too_large(self._limit)
        if self._room is not None and size > self._room:
            self._room = quotas.require_room(self._project, size)  # others may have made room meanwhile
        with saying_full():
            self._encrypter.write(block)
        self._hash.update(block)
        return len(block)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def draft_of(row: StoredFile, key: bytes, limit: int | None) -> Iterator[Draft]:
    """A draft that comes into the storage when the block ends well, and leaves nothing behind when it doesn't."""
    path = storage.drafts() / row.pk.hex
    with saying_full():
        file = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", buffering=0)
    try:
        with file:
            with saying_full():
                encrypter = Encrypter(Whole(file), key, row.pk.bytes)
            draft = Draft(encrypter, row.project, limit)
            yield draft
            with saying_full():
                encrypter.finish()
                os.fsync(file.fileno())
        with saying_full():
            storage.place(row.place).adopt(path, row.storage_name)
    finally:
        path.unlink(missing_ok=True)


class Whole:
    """Writes all it is given: a disk that fills up may take a part first."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file

    def write(self, data: memoryview, /) -> int:
        total = len(data)
        while data:
            data = data[self._file.write(data) :]
        return total


@contextmanager
def noticing_full() -> Iterator[None]:
    """Raises NoRoom where the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        logger.error("The disk is full")
        raise NoRoom from error


@contextmanager
def saying_full() -> Iterator[None]:
    """Say in words that the disk is full."""
    try:
        with noticing_full():
            yield
    except NoRoom as error:
        message = _(
            "There is no room left on the server, so nothing was stored. Tell your administrator, then try again."
        )
        raise Invalid([Fault("file", "no_space", message)], message) from error


def too_large(limit: int) -> Invalid:
    from django.template.defaultfilters import filesizeformat

    message = _("The file has more than %(limit)s, the most that is taken here.") % {"limit": filesizeformat(limit)}
    return Invalid([Fault("file", "too_large", message)], message)
