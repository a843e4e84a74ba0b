"""Sealed files and requests for some, as their people see them, and as whoever has a link does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from backup.models import FileRequest, Send
from backup.permissions import SEND
from core import access
from core.db import UNSTORABLE

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.access.models import Project
    from core.access.scope import Actor


def sends(actor: Actor, project: Project) -> QuerySet[Send]:
    """What is sent; what answers a request stands with the request."""
    return Send.objects.visible_to(actor).filter(project=project, request=None).select_related("project", "owner")


def file_requests(actor: Actor, project: Project) -> QuerySet[FileRequest]:
    return FileRequest.objects.visible_to(actor).filter(project=project).select_related("project", "owner")


def dropped(actor: Actor, row: FileRequest) -> QuerySet[Send]:
    """What came in by a request, the newest first."""
    return Send.objects.visible_to(actor).filter(request=row).select_related("project", "owner")


def sent(link: str) -> Send:
    """The file of a link, whoever asks. Raises Http404."""
    found = Send.objects.filter(link=usable(link)).select_related("project", "owner").first()
    if found is None:
        raise Http404
    return found


def request_of(link: str) -> FileRequest:
    """The request of a link, whoever asks. Raises Http404."""
    found = FileRequest.objects.filter(link=usable(link)).select_related("project", "owner").first()
    if found is None:
        raise Http404
    return found


def state_for_others(send: Send) -> str:
    """Uploading, ready, used, expired or revoked: a link counts as long as its owner may send."""
    state = "expired" if send.state == "abandoned" else send.state
    if state in ("uploading", "ready", "used") and not access.can(send.owner, SEND, send.project):
        return "revoked"
    return state


def request_state(row: FileRequest) -> str:
    """Open, expired or revoked, as state_for_others."""
    if row.state == "open" and not access.can(row.owner, SEND, row.project):
        return "revoked"
    return row.state


def usable(link: str) -> str:
    return "" if UNSTORABLE.search(link) else link
