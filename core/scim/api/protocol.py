"""What every call of a directory has in common: its token, its limits, its errors, its media type."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import DataError, IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.db import read_only
from core.rest.parsers import look_through
from core.scim import directories
from core.scim.engine import errors, schemas
from core.scim.engine.errors import Fault
from core.scim.models import Directory

MEDIA_TYPE = "application/scim+json"
LARGEST = 4 << 20
RATES = {"scim": "1200/m/key", "scim_unknown": "300/m/ip"}

View = Callable[..., HttpResponse]


class Call(HttpRequest):
    """The request of a directory that has proved itself."""

    directory: Directory


def call(*methods: str) -> Callable[[View], View]:
    """A resource that takes these methods. GET can't write; whatever else it is, is done whole or not at all."""

    def declare(view: View) -> View:
        @login_not_required
        @csrf_exempt  # no cookie counts here, only the token
        @never_cache
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            directory = directory_of(request)
            if directory is None:
                known = ratelimit.consume(request, action="scim_unknown", app="core.scim", config=RATES, limit_get=True)
                refusal = error(401 if known else 429, "", "A token of a directory is needed.")
                refusal["WWW-Authenticate"] = "Bearer"
                return refusal
            key = str(directory.pk)
            if not ratelimit.consume(request, action="scim", app="core.scim", config=RATES, key=key, limit_get=True):
                return error(429, "", "Too many calls. Wait a minute.")
            if request.method not in methods:
                refusal = error(405, "", f"This takes {', '.join(methods)}.")
                refusal["Allow"] = ", ".join(methods)
                return refusal
            request.directory = directory  # type: ignore[attr-defined]
            directories.note_use(directory)
            return told(view, request, *args, **options)

        return answer

    return declare


def directory_of(request: HttpRequest) -> Directory | None:
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    return directories.find(text.strip()) if scheme.lower() == "bearer" else None


def told(view: View, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
    """The answer, or its error as SCIM says it."""
    try:
        with read_only() if request.method in ("GET", "HEAD") else transaction.atomic():
            return view(request, *args, **options)
    except Fault as fault:
        return error(fault.status, fault.kind, fault.detail)
    except Http404:
        return error(404, "", "There is nothing here that this directory reaches.")
    except RequestDataTooBig:
        return error(413, "", "The message is too large.")
    except BadRequest:
        return error(400, errors.INVALID_SYNTAX, "The message can't be read.")
    except IntegrityError:
        return error(409, errors.UNIQUENESS, "Somebody else was quicker: read it again.")
    except DataError:
        return error(400, errors.INVALID_VALUE, "A value can't be kept.")


def answer(body: Any, status: int = 200, **heads: str) -> HttpResponse:
    return HttpResponse(json.dumps(body), status=status, content_type=MEDIA_TYPE, headers=heads)


def error(status: int, kind: str, detail: str) -> HttpResponse:
    body = {"schemas": [schemas.ERROR], "status": str(status), "detail": detail}
    return answer(body | ({"scimType": kind} if kind else {}), status)


def body_of(request: HttpRequest) -> Any:
    """The JSON of a message, of bounded size and depth. Raises Fault, BadRequest, RequestDataTooBig."""
    kind = request.content_type or ""
    if kind not in (MEDIA_TYPE, "application/json"):
        raise Fault(errors.INVALID_SYNTAX, f"The message is {MEDIA_TYPE}.", 415)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise RequestDataTooBig
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise Fault(errors.INVALID_SYNTAX, "The message isn't JSON that can be read.") from None
    look_through(parsed)
    return parsed
