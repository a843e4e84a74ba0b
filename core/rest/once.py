"""Idempotency-Key: a call that is sent again, because nobody knows whether the first one arrived, is done once.

The act and the memory of its answer are one transaction: there is no moment at which one of them exists alone. A crash
before its end leaves neither, and the repetition does it; after its end, the repetition gets the answer of the first.
What was refused changed nothing, so nothing of it is kept, and the same key may be used once the cause is mended.
(IETF, draft-ietf-httpapi-idempotency-key-header.)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException

if TYPE_CHECKING:
    from rest_framework.request import Request

HEADER = "Idempotency-Key"
KEY = re.compile(r'"(?P<quoted>[\x20\x21\x23-\x5b\x5d-\x7e]{16,255})"|(?P<bare>[\x21\x23-\x5b\x5d-\x7e]{16,255})')
KEPT = ("Content-Type", "Content-Disposition", "Location", "ETag", "Link", "Deprecation", "Sunset")
"""Headers that say something of the answer itself."""
LARGEST = 1 << 20
"""Bytes of an answer that are kept to be given again."""


class BadKey(APIException):
    status_code = 400
    default_code = "idempotency-key"
    default_detail = _("An Idempotency-Key has 16 to 255 letters, digits and signs, for example a UUID.")


class KeyReused(APIException):
    status_code = 422
    default_code = "idempotency-key-reused"
    default_detail = _("This Idempotency-Key was sent before with another call. Use a new key for a new call.")


class StillRunning(APIException):
    status_code = 409
    default_code = "idempotency-key-running"
    default_detail = _("The first call with this Idempotency-Key is still under way. Wait, then send it again.")


class AnswerNotKept(APIException):
    """Done, and told so: what the answer held can't be told again."""

    status_code = 409
    default_code = "answer-not-kept"
    default_detail = _(
        "This call was done, once. Its answer can’t be given again: it held a secret that is shown once, was too "
        "large, or your rights have changed since. Read the resource instead."
    )


class Keeper(Protocol):
    """Remembers answers; within the caller's transaction."""

    def find(self, request: Request, key: str, fingerprint: str) -> HttpResponse | None:
        """The answer that was given, or None for a new key, which nobody else can use until the transaction ends.

        Raises KeyReused, StillRunning, AnswerNotKept.
        """

    def keep(self, request: Request, key: str, fingerprint: str, answer: HttpResponse) -> None:
        """Remember the answer of what was just done."""


def keeper() -> Keeper:
    found: Keeper = import_string(settings.REST_KEEPER)()
    return found


def key_of(request: Request) -> str:
    """The key sent with the call, or an empty text. Raises BadKey."""
    text = request.headers.get(HEADER)
    if text is None or (request.auth is None and not request.user.is_authenticated):
        return ""
    found = KEY.fullmatch(text.strip())
    if found is None:
        raise BadKey
    return found["quoted"] or found["bare"]


def fingerprint(request: Request) -> str:
    """What tells one call from another; keyed, so that nobody guesses from it what the call said."""
    digest = hashlib.sha256()
    for part in (str(request.method), request.get_full_path(), *parts(request.data)):
        digest.update(f"{len(part)}:{part}".encode())
    return salted_hmac("core.rest.once", digest.hexdigest(), algorithm="sha256").hexdigest()


def parts(data: Any) -> Iterator[str]:
    """What a body says, however it was written: another order of the names, another boundary of a form."""
    if not isinstance(data, QueryDict):
        yield json.dumps(data, sort_keys=True, default=str)
        return
    for name, values in sorted(data.lists()):
        yield name
        for value in values:
            yield digest_of(value) if isinstance(value, UploadedFile) else str(value)


def digest_of(file: UploadedFile[bytes]) -> str:
    digest = hashlib.sha256(str(file.name).encode())
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
