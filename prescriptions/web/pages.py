"""The pages of a prescription's file as images, for the review."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from core import files
from core.errors import Invalid
from core.web.views import reads
from prescriptions import blinding, reading
from prescriptions.web.places import document_of, project_of

JPEG = b"\xff\xd8\xff"


@reads
def image(request: HttpRequest, project: str, pk: UUID, number: int) -> HttpResponse:
    """One page, drawn anew from the file in the sandbox; what the file holds besides never reaches a browser."""
    document = document_of(request.user, project_of(request.user, project), pk)
    blinding.require_open(request.user, document)
    document = document.twin_of or document  # the second reading is one of the same file
    if document.file is None or document.file.erased_at is not None or number < 1:
        raise Http404
    try:
        with files.open(document.file) as file:
            drawn = reading.image_in_box(file, number)
    except Invalid as error:
        raise Http404 from error
    answer = HttpResponse(drawn, content_type="image/jpeg" if drawn.startswith(JPEG) else "image/png")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
