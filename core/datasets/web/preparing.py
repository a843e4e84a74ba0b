"""Pages of files that a job prepares: ask for one, and fetch it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from core.datasets.engine.formats import leaving
from core.datasets.services import exporting, preparing
from core.datasets.web.views import EXPORT_WORDS, context_of, found_version
from core.errors import Conflict, Invalid
from core.files import streams
from core.web.views import page, reads, see_other


@page
def prepare(request: HttpRequest, project: str, name: str, number: int, form: str) -> HttpResponse:
    """Say that the file takes a while, and have a job make it."""
    found = found_version(request, project, name, number)
    exporting.require(request.user, found)
    if form not in leaving.WRITE:
        raise Http404
    context = {**context_of(request, found, "prepare"), "form": form, "words": dict(EXPORT_WORDS)[form]}
    if request.method == "POST":
        try:
            return see_other(preparing.ask(request.user, found, form).get_absolute_url(), request)
        except Invalid as error:
            context["refused"] = error.message
    return render(request, "datasets/prepare.html", context, status=422 if "refused" in context else 200)


@reads
def prepared(request: HttpRequest, project: str, name: str, number: int, pk: uuid.UUID) -> HttpResponseBase:
    """The file, for who asked for it."""
    found = found_version(request, project, name, number)
    try:
        made = preparing.fetch(request.user, found, pk)
    except (Invalid, Conflict) as error:
        messages.error(request, str(error.message))
        return see_other(found.get_absolute_url(), request)
    return streams.send(request, made.pieces, name=made.name, media_type=made.media_type)
