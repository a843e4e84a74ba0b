"""Comments on the questions of a draft, for the builder."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from core import access
from core.errors import Conflict, Invalid
from core.web.views import page
from ecrf import services
from ecrf.models import Draft, DraftComment
from ecrf.web.builder_exchange import body_of, refusal
from ecrf.web.places import draft_of, project_of


@page
def comments(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The threads of a draft; POST ``{item, text}``, ``{thread, text}`` or ``{thread, resolved}``."""
    draft = draft_of(request, project_of(request.user, project), pk)
    if request.method == "POST":
        try:
            answer(request, draft, body_of(request))
        except (Invalid, Conflict) as error:
            return refusal(error)
    return JsonResponse({"comments": comments_of(draft)})


def answer(request: HttpRequest, draft: Draft, sent: dict[str, Any]) -> None:
    thread = None
    if sent.get("thread") is not None:
        rows = DraftComment.objects.filter(draft=draft).select_related("draft__project")
        thread = access.fetch(rows, request.user, pk=str(sent["thread"]))
    if thread is not None and isinstance(sent.get("resolved"), bool):
        services.resolve_thread(request.user, thread, resolved=sent["resolved"])
    else:
        services.comment(request.user, draft, str(sent.get("item", "")), str(sent.get("text", "")), thread)


def comments_of(draft: Draft) -> list[dict[str, Any]]:
    rows = DraftComment.objects.filter(draft=draft).select_related("author", "resolved_by")
    return [
        {
            "id": str(one.pk),
            "item": one.item,
            "thread": str(one.thread_id) if one.thread_id else None,
            "by": str(one.author),
            "at": one.created_at.isoformat(),
            "text": one.text,
            "resolved": str(one.resolved_by) if one.resolved_at else "",
        }
        for one in rows
    ]
