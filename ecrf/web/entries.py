"""Fill in a form for a subject: the page, its saves, its history, its lock."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Invalid
from core.rest.parsers import look_through
from core.web.views import reads, writes
from ecrf import engine, permissions, progress, queries, services
from ecrf.engine import moments
from ecrf.models import Entry, Form, Subject
from ecrf.models.forms import reader_language
from ecrf.services.entries import StaleEntry, context_of
from ecrf.web.places import record_of
from ecrf.web.readable import readable, readable_pages
from ecrf.web.reviewed import reviewed

MAX_BYTES = 2 * 1024 * 1024


@reads
def show(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """The form with what was entered; without scripts, the values to read."""
    who, what, entry = record_of(request.user, project, subject, form)
    definition = what.published.loaded
    held = access.abilities(request.user, who.project, who.site)
    if entry is not None:
        audit.record(request.user, "ecrf.entry_read", entry, form=what.key, revision=entry.revision)
    language = reader_language()
    context = {
        "project": who.project,
        "subject": who,
        "form": what,
        "entry": entry,
        "progress": progress.of_entry(entry),
        "data": {
            **present(who, entry, definition),
            "definition": definition.data,
            "version": what.published.number,
            "language": language,
            "page": request.GET.get("page", ""),
            "title": definition.text(definition.data["title"], language) or what.title,
            "editable": permissions.SAVE in held and not (entry and entry.locked_at),
            "mayVerify": permissions.VERIFY in held,
            "urls": {
                name: reverse(f"ecrf:{route}", args=[who.project.slug, who.pk, what.key])
                for name, route in (("save", "save_entry"), ("state", "entry_state"))
            },
        },
        "pages": readable_pages(definition, evaluated(who, entry, definition), language),
        "may_lock": permissions.LOCK in held and entry is not None,
        "changes": queries.changes_since(entry, max(0, entry.revision - 5), definition, language) if entry else [],
    }
    return render(request, "ecrf/entry.html", context)


def evaluated(subject: Subject, entry: Entry | None, definition: engine.Definition) -> engine.Evaluated:
    values = entry.values if entry else {}
    known = {key: value for key, value in values.items() if key in definition.items}
    return engine.evaluate(definition, known, context_of(subject))


def present(subject: Subject, entry: Entry | None, definition: engine.Definition) -> dict[str, Any]:
    """What the browser must know of the entry as it is now."""
    context = context_of(subject)
    stored = entry.values if entry else {}
    return {
        "revision": entry.revision if entry else 0,
        "values": {key: value for key, value in stored.items() if key in definition.items},
        "complete": [key for key, page in entry.pages.items() if page["complete"]] if entry else [],
        "locked": bool(entry and entry.locked_at),
        "saved": {"by": str(entry.updated_by), "at": entry.updated_at.isoformat()} if entry else None,
        "context": {"now": moments.write(context.now), "subject": context.subject},
        **reviewed(entry),
    }


@reads
def state(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """The entry as it is now, and what changed since a revision: what a browser needs to merge."""
    who, what, entry = record_of(request.user, project, subject, form)
    definition = what.published.loaded
    since = request.GET.get("since", "0")
    base = int(since) if since.isdecimal() and len(since) < 9 else 0
    changes = queries.changes_since(entry, base, definition, reader_language()) if entry else []
    if entry is not None:
        audit.record(request.user, "ecrf.entry_read", entry, form=what.key, revision=entry.revision)
    return JsonResponse({**present(who, entry, definition), "changes": [told(change) for change in changes]})


def told(change: queries.Change) -> dict[str, Any]:
    return {"key": change.key, "label": change.label, "by": str(change.by), "at": change.at.isoformat()}


@writes
def save(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Save what the browser sends: ``{base, values, complete, version}``. Answers in JSON, faults by field."""
    who, what, _entry = record_of(request.user, project, subject, form)
    try:
        sent = sent_by(request)
        saved = services.save_entry(
            request.user, who, what, sent["base"], sent["values"], complete=sent["complete"], shown=sent["version"]
        )
    except Invalid as error:
        faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
        return JsonResponse({"message": str(error.message), "errors": faults}, status=422)
    except StaleEntry as error:
        changes = [told(change) for change in error.changes]
        return JsonResponse({"code": error.code, "message": str(error.message), "changes": changes}, status=409)
    except Conflict as error:
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)
    return JsonResponse(present(who, saved.entry, what.published.loaded))


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
        and type(sent.get("version")) in (int, type(None))
        and isinstance(sent.get("complete", {}), dict)
        and all(isinstance(value, bool) for value in sent.get("complete", {}).values())
    )
    if not good:
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    return {
        "base": sent["base"],
        "values": sent["values"],
        "complete": sent.get("complete", {}),
        "version": sent.get("version"),
    }


@reads
def history(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Who changed what, when, from which value to which."""
    who, what, entry = record_of(request.user, project, subject, form)
    definition = what.published.loaded
    language = reader_language()
    saves: dict[int, dict[str, Any]] = {}
    if entry is not None:
        audit.record(request.user, "ecrf.history_read", entry, form=what.key, revision=entry.revision)
        for change in queries.history(entry, definition, language):
            save_ = saves.setdefault(
                change.number, {"by": change.by, "at": change.at, "reason": change.reason, "lines": []}
            )
            item = definition.items.get(change.key)
            before, after = (readable(definition, item, value, language) for value in (change.before, change.after))
            save_["lines"].append({"label": change.label, "key": change.key, "before": before, "after": after})
    context = {"project": who.project, "subject": who, "form": what, "entry": entry, "saves": saves}
    return render(request, "ecrf/history.html", context)


@writes
def lock(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    return change_lock(request, *record_of(request.user, project, subject, form), locked=True)


@writes
def unlock(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    return change_lock(request, *record_of(request.user, project, subject, form), locked=False)


def change_lock(request: HttpRequest, who: Subject, what: Form, entry: Entry | None, *, locked: bool) -> HttpResponse:
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
    return redirect("ecrf:entry", who.project.slug, who.pk, what.key)
