"""What is done to a record as a whole: locked, removed, restored, signed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core import access
from core.accounts.fresh import ask, is_fresh
from core.errors import Conflict, Invalid
from core.web.views import writes
from ecrf import permissions, services
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, Subject
from ecrf.models.entries import sheet_url
from ecrf.web.places import project_of, record_of


@writes
def lock(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    return change_lock(request, *record_of(request, project, subject, form), locked=True)


@writes
def unlock(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    return change_lock(request, *record_of(request, project, subject, form), locked=False)


def change_lock(
    request: HttpRequest, who: Subject, what: Form, sheet: Sheet, entry: Entry | None, *, locked: bool
) -> HttpResponse:
    if entry is None:
        messages.error(request, _("Nothing has been entered yet."))
    elif locked:
        services.lock_entry(request.user, entry, request.POST.get("reason", ""))
        messages.success(request, _("The record is locked: nothing of it changes any more."))
    else:
        try:
            services.unlock_entry(request.user, entry, request.POST.get("reason", ""))
            messages.success(request, _("The record is unlocked."))
        except Invalid as error:
            messages.error(request, " ".join(str(fault.message) for fault in error.faults))
        except Conflict as error:
            messages.error(request, str(error.message))
    return redirect(sheet_url("entry", who, what.key, sheet))


@writes
def remove(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Take the record out of the study, with a reason."""
    who, what, sheet, entry = record_of(request, project, subject, form)
    if entry is None:
        messages.error(request, _("Nothing has been entered yet."))
        return redirect(sheet_url("entry", who, what.key, sheet))
    try:
        services.remove_entry(request.user, entry, request.POST.get("reason", ""))
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
        return redirect(sheet_url("entry", who, what.key, sheet))
    except Conflict as error:
        messages.error(request, str(error.message))
        return redirect(sheet_url("entry", who, what.key, sheet))
    messages.success(request, _("The record is removed. It can be restored on the page of the subject."))
    return redirect(who)


@writes
def restore(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Bring a removed record back, with a reason."""
    place = project_of(request.user, project)
    rows = Entry.objects.filter(subject__project=place).select_related("subject__project", "subject__site", "form")
    entry: Entry = access.fetch(rows, request.user, pk=pk)
    try:
        services.restore_entry(request.user, entry, request.POST.get("reason", ""))
        messages.success(request, _("The record is restored."))
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect(entry.subject)


@writes
def sign(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Sign a page as it was read; who signs has just said who he is."""
    who, what, sheet, entry = record_of(request, project, subject, form)
    access.require(request.user, permissions.SIGN, who.project, site=who.site, obj=who)
    if not is_fresh(request):
        return ask(request)
    page, revision = request.POST.get("page", "")[:100], request.POST.get("revision", "")
    if entry is None or not revision.isdecimal():
        messages.error(request, _("Nothing has been entered yet."))
    else:
        try:
            services.sign(request.user, entry, page, int(revision[:9]))
            messages.success(request, _("The page is signed."))
        except Invalid as error:
            messages.error(request, " ".join(str(fault.message) for fault in error.faults))
        except Conflict as error:
            messages.error(request, str(error.message))
    return redirect(sheet_url("entry", who, what.key, sheet, page=page))
