"""Send a stored file, or the part of it that is asked for: only the chunks that hold it are fetched and decrypted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import redis
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from core.files import services, streams
from core.files.engine import ranges
from core.rest import problems

if TYPE_CHECKING:
    from core.files.models import StoredFile
    from core.files.services import Opener

BLOCK = 1 << 20
ONE_DOWNLOAD = 3600
"""Seconds for which the parts that one person fetches of one file are one download in the audit trail."""


def is_new(request: HttpRequest, stored: StoredFile) -> bool:
    """Whether this is to be recorded: a whole file always, parts of it once for a person and an hour.

    Whichever part comes first counts, not that with the first byte, or who leaves that out would be seen by nobody.
    """
    if request.method == "HEAD":
        return False
    mark = f"files.download:{request.user.pk}:{stored.pk}"
    try:
        if "Range" in request.headers:
            return bool(cache.add(mark, 1, ONE_DOWNLOAD))
        cache.set(mark, 1, ONE_DOWNLOAD)
    except redis.RedisError:  # rather twice than never
        pass
    return True


def send(request: HttpRequest, stored: StoredFile, *, name: str, media_type: str) -> HttpResponseBase:
    """200 with the file, 206 with the part that `Range` asks for, 416 where it has none.

    Whoever calls has checked that the reader may, and recorded it where `is_new` says so. Raises Erased, Damaged, Away.
    """
    etag = f'"{stored.pk.hex}"'
    asked = request.headers.get("Range", "") if request.method == "GET" else ""
    if not ranges.still_holds(request.headers.get("If-Range", ""), etag):
        asked = ""
    try:
        part = ranges.part(asked, stored.size)
    except ranges.Unsatisfiable:
        return unsatisfiable(request, stored)
    sent = part or range(stored.size)
    pieces: Iterator[bytes] = iter(())
    if request.method != "HEAD":
        opener = services.opener(stored)
        begun = sent[: BLOCK - sent.start % BLOCK]
        first = b"".join(blocks(opener, begun))  # what is damaged or away is told before the answer begins
        pieces = chain([first], blocks(opener, sent[len(begun) :]))
    answer = streams.send(request, pieces, name=name, media_type=media_type)
    answer["Accept-Ranges"], answer["ETag"], answer["Content-Length"] = "bytes", etag, str(len(sent))
    if part is not None:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{stored.size}"
    return answer


def blocks(opener: Opener, wanted: range) -> Iterator[bytes]:
    """These bytes, up to the end of a chunk each time. The file is opened when the first is asked for."""
    if not wanted:
        return
    with opener() as source:
        source.seek(wanted.start)
        while (at := source.tell()) < wanted.stop:
            yield source.read(min(wanted.stop - at, BLOCK - at % BLOCK))


def unsatisfiable(request: HttpRequest, stored: StoredFile) -> HttpResponse:
    words = _("The file has no such part.")
    answer: HttpResponse
    if request.path.startswith("/api/"):
        answer = problems.plain(request, 416, "range", words)
    else:
        answer = HttpResponse(words, status=416, content_type="text/plain; charset=utf-8")
    answer["Content-Range"] = f"bytes */{stored.size}"
    return answer
