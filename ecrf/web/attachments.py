"""Files of a record: sent for a question, read again by who reads the record."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Invalid
from core.files import downloads
from core.web.views import reads, writes
from ecrf import permissions, rights
from ecrf.models import Attachment
from ecrf.services import attachments
from ecrf.web.places import project_of, record_of
from ecrf.web.presenting import told_file


@writes
def upload(request: HttpRequest, project: str, subject: UUID, form: str, item: str) -> HttpResponse:
    """Take a file for a question. Answers in JSON with the value that names it; the record itself is saved later."""
    who, what, sheet, _entry = record_of(request, project, subject, form)
    access.require(request.user, permissions.SAVE, who.project, site=who.site, obj=who)
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise Invalid([], _("Choose a file."))
        made = attachments.upload(request.user, who, what, item, sent, sent.name or "", sheet=sheet)
    except Invalid as error:
        words = [str(fault.message) for fault in error.faults if fault.message] or [str(error.message)]
        return JsonResponse({"message": " ".join(words)}, status=422)
    except Conflict as error:
        return JsonResponse({"message": str(error.message)}, status=409)
    return JsonResponse({"value": made.value, **told_file(made)}, status=201)


@reads
def show(request: HttpRequest, project: str, pk: UUID) -> HttpResponseBase:
    """The file as a download; an image, made anew when it came, also as a picture in a page."""
    found = attachment_of(request, project, pk)
    if downloads.is_new(request, found.file):
        audit.record(request.user, "ecrf.file_read", found, form=found.form.key, field=found.item)
    answer = downloads.send(request, found.file, name=found.name, media_type=found.media_type)
    if "preview" in request.GET and found.is_image:
        answer["Content-Disposition"] = "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def attachment_of(request: HttpRequest, project: str, pk: UUID) -> Attachment:
    """A file of a record that the reader may see, on a page that he may."""
    rows = Attachment.objects.filter(subject__project=project_of(request.user, project), removed_at=None)
    related = ("subject__project", "subject__site", "form", "file__project")
    found: Attachment = access.fetch(rows.select_related(*related), request.user, pk=pk)
    if not rights.of(request.user, found.form, found.subject.site).reads(found.page):
        raise Http404
    return found
