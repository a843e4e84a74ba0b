"""Earlier states of a draft: listed, shown, brought back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from core.errors import Conflict, Invalid
from core.web.views import reads, writes
from ecrf import services
from ecrf.models import DraftState
from ecrf.web.builder_exchange import body_of, present, refusal, whole
from ecrf.web.places import draft_of, project_of


@reads
def states(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The history of a draft, newest first."""
    draft = draft_of(request, project_of(request.user, project), pk)
    rows = DraftState.objects.filter(draft=draft).select_related("author").defer("definition")
    found = [{"revision": one.revision, "by": str(one.author), "at": one.updated_at.isoformat()} for one in rows]
    return JsonResponse({"states": found})


@reads
def state(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One earlier state, to look at: ``?revision=``."""
    draft = draft_of(request, project_of(request.user, project), pk)
    number = request.GET.get("revision", "")
    wanted = int(number) if number.isdecimal() and len(number) < 9 else 0
    found = DraftState.objects.filter(draft=draft, revision=wanted).first()
    return JsonResponse({"definition": found.definition if found else None})


@writes
def restore(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Go back to a state: ``{base, revision}``."""
    draft = draft_of(request, project_of(request.user, project), pk)
    try:
        sent = body_of(request)
        draft = services.restore_draft(request.user, draft, whole(sent, "revision"), whole(sent, "base"))
    except (Invalid, Conflict) as error:
        return refusal(error)
    return JsonResponse(present(draft))
