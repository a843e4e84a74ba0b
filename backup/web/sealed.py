"""What people without account see of a sealed file: who sent it, never where in the suite it belongs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from backup import queries
from backup.models.sends import PIECE
from backup.services import guessing
from backup.web.send_forms import DropForm
from core.rest import limits
from core.web import assets
from core.web.views import reads

FENCES = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""No other site learns of the link, and no search engine keeps it."""
STATUS = {"uploading": 200, "ready": 200, "open": 200}
"""Whatever else a link is, it is over: 410."""


@login_not_required
@never_cache
@reads
def receive(request: HttpRequest, link: str) -> HttpResponse:
    try:
        send = queries.sent(link)
    except Http404:
        return guessed(request)
    state = queries.state_for_others(send)
    context = {
        "send": send,
        "state": state,
        "sender": "" if send.request_id else send.owner,
        "api": reverse("api:backup:sealed", args=[send.link]),
    }
    return shown(request, "backup/sends/receive.html", context, state)


@login_not_required
@never_cache
@reads
def drop(request: HttpRequest, link: str) -> HttpResponse:
    try:
        row = queries.request_of(link)
    except Http404:
        return guessed(request)
    state = queries.request_state(row)
    context = {"row": row, "state": state, "form": DropForm(), "api": reverse("api:backup:drop", args=[row.link])}
    return shown(request, "backup/sends/drop.html", context, state)


def shown(request: HttpRequest, template: str, context: dict[str, Any], state: str) -> HttpResponse:
    more = {"worker": assets.address("backup-sealing.js"), "piece": PIECE}
    answer = render(request, template, context | more, status=STATUS.get(state, 410))
    for name, value in FENCES.items():
        answer[name] = value
    return answer


def guessed(request: HttpRequest) -> HttpResponse:
    """A link that isn't there costs much: whoever guesses is soon told to wait."""
    try:
        guessing.charge()
    except limits.TooMany as error:
        return render(request, "429.html", {"wait": error.wait}, status=429)
    raise Http404
