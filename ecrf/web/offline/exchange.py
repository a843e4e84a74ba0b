"""What the offline page exchanges with the server, in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from core.rest.parsers import look_through
from core.web.views import reads, writes
from ecrf import packing, permissions
from ecrf.models import OfflineDevice, Subject
from ecrf.services import offline
from ecrf.services.offline.sent import moment
from ecrf.web.places import project_of

MAX_BYTES = 4 * 1024 * 1024


def answered(view: Callable[..., dict[str, Any]]) -> Callable[..., HttpResponse]:
    """The answer, or what is wrong, in JSON."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return JsonResponse(view(request, *args, **kwargs))
        except Invalid as error:
            faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
            return JsonResponse({"message": str(error.message), "errors": faults}, status=422)
        except Conflict as error:
            return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)

    return answer


@reads
@answered
def state(request: HttpRequest, project: str) -> dict[str, Any]:
    """How a device stands, and what may be taken."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.TAKE_OFFLINE, found)
    asked = request.GET.get("device", "")
    devices = OfflineDevice.objects.filter(project=found, owner=request.user.pk)
    device = devices.filter(pk=asked).first() if is_key(asked) else None
    return packing.situation(request.user, found, device)


@writes
@answered
def register(request: HttpRequest, project: str) -> dict[str, Any]:
    """Make this browser a device of the study: ``{label, persistent}``."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.TAKE_OFFLINE, found)
    sent = body(request)
    persistent = sent.get("persistent")
    device = offline.register(
        request.user,
        found,
        str(sent.get("label", "")),
        is_persistent=persistent if isinstance(persistent, bool) else None,
    )
    return {"device": {"id": str(device.pk), "label": device.label, "revoked": False}}


@writes
@answered
def take(request: HttpRequest, project: str) -> dict[str, Any]:
    """Hand over the records of subjects, with the forms: ``{device, subjects}``; of whom one may not, nothing comes."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.TAKE_OFFLINE, found)
    sent = body(request)
    device = device_of(request, found, sent)
    keys = [key for key in sent.get("subjects") or () if is_key(key)]
    rows = Subject.objects.visible_to(request.user, permissions.TAKE_OFFLINE).filter(project=found, pk__in=keys)
    subjects = list(rows.select_related("site", "project"))
    taken = offline.take(request.user, device, subjects)
    return {
        "now": timezone.now().isoformat(),
        "forms": packing.forms(request.user, found),
        "records": packing.records(request.user, found, taken),
        **packing.situation(request.user, found, device),
    }


@writes
@answered
def give_back(request: HttpRequest, project: str) -> dict[str, Any]:
    """The device has thrown away the records of these subjects, or all: ``{device, subjects}``."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    sent = body(request)
    keys = sent.get("subjects")
    rows = Subject.objects.filter(project=found)  # the device's own alone count, also of a site its owner has left
    subjects = None if keys is None else list(rows.filter(pk__in=[key for key in keys if is_key(key)]))
    return {"returned": offline.give_back(request.user, device_of(request, found, sent), subjects)}


@writes
@answered
def sync(request: HttpRequest, project: str) -> dict[str, Any]:
    """Take what was done offline: ``{device, sent_at, fragments, exported}``. Each is answered, in their order."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    sent = body(request)
    devices = OfflineDevice.objects.filter(project=found)
    device = device_of(request, found, sent, devices)
    batch = offline.read_batch(sent.get("fragments", []))
    exported = sent.get("exported", 0)
    answers = offline.sync(
        request.user,
        device,
        batch,
        sent_at=moment(str(sent.get("sent_at", ""))),
        exported=exported if type(exported) is int and 0 <= exported < 100_000 else 0,
    )
    return {"answers": answers, "revoked": device.revoked_at is not None}


def body(request: HttpRequest) -> dict[str, Any]:
    """What was sent, if it is an object of bounded size. Raises Invalid."""
    try:
        sent: Any = json.loads(request.body) if len(request.body) <= MAX_BYTES else None
        look_through(sent)
    except (ValueError, RecursionError, RawPostDataException):
        sent = None
    if not isinstance(sent, dict) or not isinstance(sent.get("subjects", []), list | None):
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    return sent


def device_of(request: HttpRequest, project: Project, sent: dict[str, Any], devices: Any = None) -> OfflineDevice:
    """The device that is named: the reader's own, or, where others count too, one of the study."""
    key = str(sent.get("device"))
    rows = devices if devices is not None else OfflineDevice.objects.filter(project=project, owner=request.user.pk)
    found: OfflineDevice | None = (
        rows.select_related("project", "owner").filter(pk=key).first() if is_key(key) else None
    )
    if found is None:
        raise Invalid([Fault("device", "unknown", _("The study knows no such device of yours."))])
    return found


def is_key(text: Any) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True
