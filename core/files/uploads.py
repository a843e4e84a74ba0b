"""What a browser or a client sends, before anyone decided to keep it: in memory while small, then encrypted on disk.

Django's own handlers write what is large to /tmp in clear. Here the key lives in this process alone and the file has
no name, so a cut connection or a crash leaves nothing to read.
"""

from __future__ import annotations

import io
import os
import tempfile
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestAborted, RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.utils.translation import gettext as _

from core.files import storage
from core.files.drafts import Whole
from core.files.engine import KEY_BYTES, Decrypter, Encrypter

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]

IN_MEMORY = 1 << 20
"""Bytes kept in memory before the rest goes to disk."""
LARGEST = 4 << 30
"""Bytes that one request may send."""


class Spool(io.RawIOBase):
    """A temporary file: written first, then read as often as wanted. No clear byte of it touches a disk."""

    def __init__(self) -> None:
        self._memory = io.BytesIO()
        self._file: io.FileIO | None = None
        self._encrypter: Encrypter | None = None
        self._decrypter: Decrypter | None = None
        self.size = 0

    def write(self, data: Buffer) -> int:
        if self._decrypter is not None:
            raise io.UnsupportedOperation("it is being read")
        if self._encrypter is None and self._memory.tell() + len(memoryview(data)) > IN_MEMORY:
            self._go_to_disk()
        written = (self._encrypter or self._memory).write(data)
        self.size += written
        return written

    def _go_to_disk(self) -> None:
        self._key = os.urandom(KEY_BYTES)
        self._file = tempfile.TemporaryFile(buffering=0, dir=storage.drafts())  # noqa: SIM115
        assert self._file is not None
        self._encrypter = Encrypter(Whole(self._file), self._key, bytes(16))
        self._encrypter.write(self._memory.getbuffer())
        self._memory = io.BytesIO()

    def _readable(self) -> io.BytesIO | Decrypter:
        if self._encrypter is None:
            return self._memory
        if self._decrypter is None:
            assert self._file is not None
            self._encrypter.finish()
            self._file.seek(0)
            self._decrypter = Decrypter(self._file, self._key, bytes(16))
        return self._decrypter

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        return self._readable().readinto(buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._readable().seek(offset, whence)

    def tell(self) -> int:
        return self.size if self._encrypter and not self._decrypter else self._readable().tell()

    def close(self) -> None:
        for part in (self._decrypter, self._file, self._memory):
            if part is not None:
                part.close()
        super().close()


class SpoolingHandler(FileUploadHandler):
    """Takes every file of a form into a Spool."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.spool = Spool()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > LARGEST:
            raise RequestDataTooBig("The file is larger than a request may be.")
        self.spool.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        self.spool.seek(0)
        return UploadedFile(
            io.BufferedReader(self.spool),
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        self.spool.close()


class Door(ASGIHandler):
    """Django behind ASGI, with the body of a request in a Spool instead of a clear temporary file."""

    async def read_body(self, receive: Any) -> Any:
        body = Spool()
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestAborted
                body.write(message.get("body", b""))
                if not message.get("more_body", False) or body.size > LARGEST:
                    break
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body

    def create_request(self, scope: Any, body_file: Any) -> Any:
        if body_file.size > LARGEST:
            return None, HttpResponse(_("What was sent is too large."), status=413, content_type="text/plain")
        return super().create_request(scope, body_file)
