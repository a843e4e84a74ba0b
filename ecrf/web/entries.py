"""Fill in a form for a subject: the page, its saves, its history, its lock."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access, audit
from core.accounts.fresh import ask, is_fresh
from core.errors import Conflict, Invalid
from core.rest.parsers import look_through
from core.web.views import reads, writes
from ecrf import engine, permissions, progress, queries, services
from ecrf.engine import Sheet, moments
from ecrf.models import Entry, Form, Subject
from ecrf.models.entries import sheet_url
from ecrf.models.forms import reader_language
from ecrf.services import locks as locking
from ecrf.services.contexts import context_of
from ecrf.services.entries import StaleEntry
from ecrf.services.keeping import known
from ecrf.web.places import project_of, record_of
from ecrf.web.readable import readable_at, readable_pages, sheet_title
from ecrf.web.reviewed import reviewed

MAX_BYTES = 2 * 1024 * 1024


@reads
def show(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """The sheet with what was entered; without scripts, the values to read."""
    who, what, sheet, entry = record_of(request, project, subject, form)
    definition = what.published.loaded
    held = access.abilities(request.user, who.project, who.site)
    if entry is not None:
        audit.record(request.user, "ecrf.entry_read", entry, form=what.key, revision=entry.revision)
    language = reader_language()
    state = evaluated(who, what, sheet, entry)
    shown = present(who, what, sheet, entry)
    pages = locking.holding(who, sheet, entry)
    context = {
        "project": who.project,
        "subject": who,
        "form": what,
        "sheet": sheet,
        "sheet_title": sheet_title(definition, sheet, language),
        "entry": entry,
        "progress": progress.of_entry(entry),
        "data": {
            **shown,
            "definition": definition.data,
            "version": what.published.number,
            "language": language,
            "page": request.GET.get("page", ""),
            "title": definition.text(definition.data["title"], language) or what.title,
            "editable": permissions.SAVE in held and not pages.all,
            "may": {"sign": permissions.SIGN in held, "lock": permissions.LOCK in held},
            "mayVerify": permissions.VERIFY in held,
            "urls": {
                name: sheet_url(route, who, what.key, sheet)
                for name, route in (("save", "save_entry"), ("state", "entry_state"), ("sign", "sign"))
            },
        },
        "pages": readable_pages(definition, state, language),
        "held": pages,
        "may_lock": permissions.LOCK in held and entry is not None,
        "may_remove": permissions.REMOVE in held and entry is not None,
        "changes": queries.changes_since(entry, max(0, entry.revision - 5), definition, language) if entry else [],
        "addresses": {
            name: sheet_url(name, who, what.key, sheet) for name in ("history", "lock", "unlock", "remove", "entry")
        },
    }
    return render(request, "ecrf/entry.html", context)


def evaluated(subject: Subject, form: Form, sheet: Sheet, entry: Entry | None) -> engine.Evaluated:
    definition = form.published.loaded
    context = context_of(subject, form=form, definition=definition, sheet=sheet)
    values, notes = (entry.values, entry.notes or {}) if entry else ({}, {})
    return engine.evaluate(definition, known(definition, values), context, notes=notes)


def present(subject: Subject, form: Form, sheet: Sheet, entry: Entry | None) -> dict[str, Any]:
    """What the browser must know of the sheet as it is now."""
    definition = form.published.loaded
    context = context_of(subject, form=form, definition=definition, sheet=sheet)
    held = locking.holding(subject, sheet, entry)
    return {
        "revision": entry.revision if entry else 0,
        "values": known(definition, entry.values) if entry else {},
        "notes": (entry.notes if entry else None) or {},
        "complete": [key for key, page in entry.pages.items() if page["complete"]] if entry else [],
        "locked": held.all,
        "held": {"pages": sorted(held.pages), "items": sorted(held.items)},
        "signatures": signed(entry) if entry else [],
        "saved": {"by": str(entry.updated_by), "at": entry.updated_at.isoformat()} if entry else None,
        "context": {**asdict(context), "now": moments.write(context.now)},
        **reviewed(entry),
    }


def signed(entry: Entry) -> list[dict[str, Any]]:
    found = entry.signatures.filter(undone_at=None).select_related("signer")
    return [
        {"page": one.page, "by": str(one.signer), "at": one.created_at.isoformat(), "meaning": one.meaning}
        for one in found
    ]


@reads
def state(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """The sheet as it is now, and what changed since a revision: what a browser needs to merge."""
    who, what, sheet, entry = record_of(request, project, subject, form)
    since = request.GET.get("since", "0")
    base = int(since) if since.isdecimal() and len(since) < 9 else 0
    changes = queries.changes_since(entry, base, what.published.loaded, reader_language()) if entry else []
    if entry is not None:
        audit.record(request.user, "ecrf.entry_read", entry, form=what.key, revision=entry.revision)
    return JsonResponse({**present(who, what, sheet, entry), "changes": [told(change) for change in changes]})


def told(change: queries.Change) -> dict[str, Any]:
    return {"key": change.key, "label": change.label, "by": str(change.by), "at": change.at.isoformat()}


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
        )
    except Invalid as error:
        faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
        return JsonResponse({"message": str(error.message), "errors": faults}, status=422)
    except StaleEntry as error:
        changes = [told(change) for change in error.changes]
        return JsonResponse({"code": error.code, "message": str(error.message), "changes": changes}, status=409)
    except Conflict as error:
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)
    return JsonResponse(present(who, what, sheet, saved.entry))


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
        "complete": sent.get("complete", {}),
        "version": sent.get("version"),
    }


@reads
def history(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Who changed what, when, from which value to which."""
    who, what, sheet, entry = record_of(request, project, subject, form)
    definition = what.published.loaded
    language = reader_language()
    saves: dict[int, dict[str, Any]] = {}
    if entry is not None:
        audit.record(request.user, "ecrf.history_read", entry, form=what.key, revision=entry.revision)
        for change in queries.history(entry, definition, language):
            save_ = saves.setdefault(
                change.number, {"by": change.by, "at": change.at, "reason": change.reason, "lines": []}
            )
            before, after = (
                readable_at(definition, change.key, value, language) for value in (change.before, change.after)
            )
            save_["lines"].append({"label": change.label, "key": change.key, "before": before, "after": after})
    context = {
        "project": who.project,
        "subject": who,
        "form": what,
        "sheet_title": sheet_title(definition, sheet, language),
        "entry": entry,
        "entry_url": sheet_url("entry", who, what.key, sheet),
        "saves": saves,
    }
    return render(request, "ecrf/history.html", context)


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
