"""What a browser or a client sends, before anyone decided to keep it: in memory while small, then encrypted on disk.

Django's own handlers write what is large to /tmp in clear. Here the key lives in this process alone and the file has
no name, so a cut connection or a crash leaves nothing to read.
"""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestAborted, RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.db import close_old_connections
from django.http import HttpResponseBase

from core.errors import NoRoom
from core.files import arrival, storage
from core.files.arrival import Arrival, Known
from core.files.drafts import Whole, noticing_full
from core.files.engine import KEY_BYTES, Decrypter, Encrypter

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]

IN_MEMORY = 1 << 20
"""Bytes kept in memory before the rest goes to disk."""
WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
"""What is asked to learn whether the process still answers: never made to wait."""


class Spool(io.RawIOBase):
    """A temporary file: written first, then read as often as wanted. No clear byte of it touches a disk.

    Raises NoRoom where that is full.
    """

    def __init__(self) -> None:
        self._memory = io.BytesIO()
        self._file: io.FileIO | None = None
        self._encrypter: Encrypter | None = None
        self._decrypter: Decrypter | None = None
        self.size = 0

    def write(self, data: Buffer) -> int:
        if self._decrypter is not None:
            raise io.UnsupportedOperation("it is being read")
        with noticing_full():
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
            with noticing_full():
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
        if start + len(raw_data) > arrival.LARGEST:
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


class Unread(io.BytesIO):
    """The empty body in the place of one that isn't taken, and why."""

    def __init__(self, reason: Exception) -> None:
        super().__init__()
        self.reason = reason


class Request(ASGIRequest):
    """A request that knows whether its body was let in."""

    def __init__(self, scope: Any, body_file: Any) -> None:
        super().__init__(scope, body_file)
        self.unread = body_file.reason if isinstance(body_file, Unread) else None


class Door(ASGIHandler):
    """Django behind ASGI: each request is answered in one thread, and no more of them at once than can be served.

    Its body lies in a Spool instead of a clear temporary file. One that is larger than its request may send, or finds
    no room, is not read on: the request goes in without it, marked, and `core.web.intake` answers 413 or 507.
    """

    request_class = Request

    def __init__(self, known: Known, at_once: int) -> None:
        super().__init__()
        self.known = known
        self.room = asyncio.Semaphore(at_once)

    def load_middleware(self, is_async: bool = False) -> None:
        """All of it in the thread of the request: Django would else go to and fro between that and the loop."""
        super().load_middleware(is_async=False)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await super().handle(scope, Arrival(scope, receive, self.known), send)

    async def read_body(self, receive: Any) -> Any:
        if not await receive.takes(receive.announced):
            return Unread(receive.refusal)
        body = Spool()
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestAborted
                piece = message.get("body", b"")
                if not await receive.takes(body.size + len(piece)):
                    body.close()
                    return Unread(receive.refusal)
                if body.size + len(piece) > IN_MEMORY:
                    await asyncio.to_thread(body.write, piece)
                else:
                    body.write(piece)
                if not message.get("more_body", False):
                    break
            body.seek(0)
        except NoRoom as error:
            body.close()
            receive.refusal = error
            return Unread(error)
        except BaseException:
            body.close()
            raise
        return body

    async def get_response_async(self, request: Any) -> Any:
        """Whoever comes when all are busy waits here, and holds nothing that those who are served need.

        A thread that has begun goes on where its client leaves: it keeps its place, and what it made is closed.
        """
        async with nullcontext() if request.path in WATCHED else self.room:
            answered = asyncio.ensure_future(sync_to_async(self.answer)(request))
            try:
                return await asyncio.shield(answered)
            except asyncio.CancelledError:
                await sync_to_async((await answered).close)()
                raise

    def answer(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        close_old_connections()  # others need it while this one's client reads
        if request.unread:
            response["Connection"] = "close"  # the rest of the body can't be told from a next request
        return response

    async def listen_for_disconnect(self, receive: Any) -> None:
        if receive.refusal:
            await asyncio.Event().wait()  # until the answer is sent: what still comes is not read
        await super().listen_for_disconnect(receive)
