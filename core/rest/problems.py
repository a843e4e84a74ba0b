"""Every error of the API as problem+json (RFC 9457): a stable type, a title in the reader's language, all faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.context import current
from core.errors import Conflict, Fault, Invalid, NoRoom, NotFresh, Refusal

TYPE = "urn:suite-interhop:problem:"
MEDIA_TYPE = "application/problem+json"


NOT_FOUND = gettext_lazy("There is nothing here, or nothing that you may see.")
UNREADABLE = gettext_lazy("This can’t be read: it is damaged, nested too deeply, or has characters that no text holds.")
UNUSABLE = {
    400: ("unreadable", UNREADABLE),
    413: ("too-large", gettext_lazy("This is larger than may be sent here.")),
    507: ("no-room", gettext_lazy("There is no room left on the server, so nothing was kept.")),
}
"""A request that can't be worked with at all: its status -> code and title of the problem."""


class UnknownParameter(exceptions.APIException):
    """The call has query parameters that its address doesn't know, each named by a fault."""

    status_code = 400
    default_code = "unknown-parameter"
    default_detail = gettext_lazy("This call has parameters that aren’t known here.")

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__()


class Several(Exception):
    """Of many changes that count only together, some can't be done: each by its index, and nothing was kept."""

    def __init__(self, failed: dict[int, Exception]) -> None:
        self.failed = failed
        super().__init__()


def is_foreseen(error: Exception) -> bool:
    """Whether this is told in words, and not a fault of ours."""
    return isinstance(
        error,
        Http404 | PermissionDenied | Invalid | Conflict | BadRequest | SuspiciousOperation | exceptions.APIException,
    )


def of_each(failed: dict[int, Exception]) -> Iterator[dict[str, str]]:
    """Every fault of several changes, its place behind the index of its change."""
    for index, error in failed.items():
        answered = handler(error, {})
        problem = answered.data if answered is not None else {}
        code = problem["type"].removeprefix(TYPE)
        whole = {"place": "", "code": code, "message": problem.get("detail") or problem["title"]}
        for fault in problem.get("errors") or [whole]:
            yield fault | {"place": f"{index}.{fault['place']}".rstrip(".")}


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem. None, and so a plain 500 in the log, for what nobody foresaw."""
    set_rollback()
    match error:
        case Several():
            faults = list(of_each(error.failed))
            return answer(422, "invalid", _("Nothing was saved: the input has faults."), errors=faults)
        case Refusal():
            error.record()
            return answer(403, "forbidden", _("You may not do this here."))
        case Http404():
            return answer(404, "not-found", str(NOT_FOUND))
        case NotFresh():
            return answer(403, "reauthenticate", _("Confirm that it is you first: sign in again, then repeat this."))
        case PermissionDenied():
            return answer(403, "forbidden", _("You may not do this here."))
        case Invalid():
            faults = told(error.faults)
            return answer(422, "invalid", _("Nothing was saved: the input has faults."), str(error.message), faults)
        case Conflict():
            return answer(409, error.code, _("This has changed since you read it."), str(error.message))
        case BadRequest() | SuspiciousOperation():
            code, title = UNUSABLE[status_of(error)]
            return answer(status_of(error), code, str(title))
        case exceptions.ValidationError():
            return answer(
                422, "invalid", _("Nothing was saved: the input has faults."), errors=list(flat(error.detail))
            )
        case exceptions.APIException():
            named = told(error.faults) if isinstance(error, UnknownParameter) else None
            code = str(error.default_code).replace("_", "-")
            response = answer(error.status_code, code, str(error.detail), errors=named)
            if challenge := getattr(error, "auth_header", None):
                response["WWW-Authenticate"] = challenge
            return response
    return None


def told(faults: Iterable[Fault]) -> list[dict[str, str]]:
    return [{"place": fault.place, "code": fault.code, "message": str(fault.message)} for fault in faults]


def answer(
    status: int, code: str, title: str, detail: str = "", errors: list[dict[str, str]] | None = None
) -> Response:
    return Response(body(status, code, title, detail, errors), status=status, content_type=MEDIA_TYPE)


def body(
    status: int, code: str, title: str, detail: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    problem: dict[str, Any] = {"type": TYPE + code, "title": title, "status": status}
    if detail:
        problem["detail"] = detail
    if errors is not None:
        problem["errors"] = errors
    return problem | {"request_id": current.get().request_id}


def plain(request: HttpRequest, status: int, code: str, title: str, detail: str = "") -> JsonResponse:
    """The same from outside the REST framework, where a middleware stops a call to the API."""
    return JsonResponse(body(status, code, title, detail), status=status, content_type=MEDIA_TYPE)


def not_found(request: HttpRequest) -> JsonResponse:
    return plain(request, 404, "not-found", str(NOT_FOUND))


def unusable(request: HttpRequest, error: Exception) -> JsonResponse:
    code, title = UNUSABLE[status_of(error)]
    return plain(request, status_of(error), code, str(title), why(request, error))


def why(request: HttpRequest, error: Exception) -> str:
    """What an error says more to this reader than its status does, where it knows more."""
    words_for = getattr(error, "words_for", None)
    return str(words_for(request.user)) if words_for and hasattr(request, "user") else ""


def status_of(error: Exception) -> int:
    """Of a request that can't be worked with at all: too large, no room for it, or unreadable."""
    match error:
        case RequestDataTooBig():
            return 413
        case NoRoom():
            return 507
    return 400


def flat(detail: Any, place: str = "") -> Iterator[dict[str, str]]:
    """A serializer's nested errors as a flat list, each with its place: ``lines.2.dose``."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from flat(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(detail, list):
        nested = any(isinstance(inner, dict | list) for inner in detail)
        for index, inner in enumerate(detail):
            yield from flat(inner, f"{place}.{index}" if nested else place)
    else:
        yield {"place": place, "code": str(getattr(detail, "code", "invalid")), "message": str(detail)}
