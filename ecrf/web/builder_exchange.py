"""What the builder sends and is told: a body of JSON, a draft as it stands, what is wrong."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from core.rest.parsers import look_through
from ecrf import messages as words
from ecrf import services
from ecrf.engine import Fault
from ecrf.models import Draft

MAX_BYTES = 16 * 1024 * 1024


def present(draft: Draft) -> dict[str, Any]:
    """What the browser must know of a draft as it is now."""
    return {
        "id": str(draft.pk),
        "title": draft.title,
        "revision": draft.revision,
        "definition": draft.definition,
        **saved(draft),
    }


def saved(draft: Draft) -> dict[str, Any]:
    return {
        "revision": draft.revision,
        "problems": [told(one) for one in draft.problems],
        "saved": {"by": str(draft.updated_by or draft.author), "at": draft.updated_at.isoformat()},
    }


def told(problem: dict[str, Any]) -> dict[str, str]:
    fault = words.of_definition(Fault(problem["place"], problem["code"], problem["params"]))
    return {"place": fault.place, "code": fault.code, "message": str(fault.message)}


def body_of(request: HttpRequest) -> dict[str, Any]:
    """A JSON object. Raises Invalid."""
    try:
        sent: Any = json.loads(request.body) if len(request.body) <= MAX_BYTES else None
        look_through(sent)
    except (ValueError, RecursionError, RawPostDataException):
        sent = None
    if not isinstance(sent, dict):
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    return sent


def whole(sent: dict[str, Any], name: str) -> int:
    value = sent.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    return value


def refusal(error: Invalid | Conflict) -> JsonResponse:
    """A refusal in JSON; of a stale save with what there is now."""
    if isinstance(error, Invalid):
        faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
        return JsonResponse({"message": str(error.message), "errors": faults}, status=422)
    said = {"code": error.code, "message": str(error.message)}
    if isinstance(error, services.StaleDraft):
        said["now"] = present(error.draft)  # type: ignore[assignment]
    return JsonResponse(said, status=409)
