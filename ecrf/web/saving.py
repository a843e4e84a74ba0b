"""Take what the browser saves on a sheet."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from core.rest.parsers import look_through
from core.web.views import writes
from ecrf import queries, rights, services
from ecrf.models.forms import reader_language
from ecrf.services.entries import StaleEntry
from ecrf.web.places import record_of
from ecrf.web.presenting import grown, present, told

MAX_BYTES = 2 * 1024 * 1024


@writes
def save(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Save what the browser sends: ``{base, values, notes, complete, version}``. Answers in JSON, faults by place."""
    who, what, sheet, _entry = record_of(request, project, subject, form)
    try:
        sent = sent_by(request)
        saved = services.save_entry(
            request.user,
            who,
            what,
            sent["base"],
            sent["values"],
            sheet=sheet,
            notes=sent["notes"],
            complete=sent["complete"],
            reason=sent["reason"],
            shown=sent["version"],
            draft=sent["draft"],
            merge=sent["merge"],
        )
    except Invalid as error:
        faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
        return JsonResponse({"message": str(error.message), "errors": faults}, status=422)
    except StaleEntry as error:
        changes = [told(change) for change in error.changes]
        return JsonResponse({"code": error.code, "message": str(error.message), "changes": changes}, status=409)
    except Conflict as error:
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)
    what.current = saved.entry.version  # with what its scripts asked for the first time
    shown = present(request.user, who, what, sheet, saved.entry)
    definition = what.published.loaded
    since = queries.changes_since(saved.entry, sent["base"], definition, reader_language())
    since = rights.known_changes(rights.of(request.user, what, who.site), definition, since)
    others = [told(change) for change in since if change.number < saved.entry.revision]
    return JsonResponse({**shown, **grown(request.user, who, what, sheet), "changes": others})


def sent_by(request: HttpRequest) -> dict[str, Any]:
    """The body, if it has the right shape. Raises Invalid."""
    try:
        sent: Any = json.loads(request.body) if len(request.body) <= MAX_BYTES else None
        look_through(sent)
    except (ValueError, RecursionError, RawPostDataException):  # the last: a form with files was sent instead
        sent = None
    good = (
        isinstance(sent, dict)
        and isinstance(sent.get("base"), int)
        and not isinstance(sent["base"], bool)
        and isinstance(sent.get("values"), dict)
        and isinstance(sent.get("notes", {}), dict)
        and isinstance(sent.get("reason", ""), str)
        and isinstance(sent.get("draft", False), bool)
        and isinstance(sent.get("merge", False), bool)
        and type(sent.get("version")) in (int, type(None))
        and isinstance(sent.get("complete", {}), dict)
        and all(isinstance(value, bool) for value in sent.get("complete", {}).values())
    )
    if not good:
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    return {
        "base": sent["base"],
        "values": sent["values"],
        "notes": sent.get("notes", {}),
        "reason": sent.get("reason", ""),
        "draft": sent.get("draft", False),
        "merge": sent.get("merge", False),
        "complete": sent.get("complete", {}),
        "version": sent.get("version"),
    }
