"""Fill in a form for a subject: the page, its saves, its history, its lock."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core import access, audit
from core.web import assets
from core.web.views import reads
from ecrf import permissions, progress, queries, rights
from ecrf.engine import Sheet
from ecrf.engine.narrowing import narrowed
from ecrf.models import Subject
from ecrf.models.entries import sheet_url
from ecrf.models.forms import reader_language
from ecrf.services import locks as locking
from ecrf.web.consent_notice import consent_notice
from ecrf.web.places import record_of
from ecrf.web.presenting import evaluated, grown, present, told
from ecrf.web.readable import readable_pages, sheet_title


@reads
def show(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """The sheet with what was entered; without scripts, the values to read."""
    who, what, sheet, entry = record_of(request, project, subject, form)
    definition = what.published.loaded
    held = access.abilities(request.user, who.project, who.site)
    if entry is not None:
        audit.record(request.user, "ecrf.entry_read", entry, form=what.key, revision=entry.revision)
    language = reader_language()
    may = rights.of(request.user, what, who.site)
    whole = evaluated(who, what, sheet, entry)
    asked, withheld = (definition.data, []) if may.whole else narrowed(definition, may.hidden, whole)
    state = rights.state_for(may, definition, whole)
    shown = present(request.user, who, what, sheet, entry)
    pages = locking.holding(who, sheet, entry)
    consent = consent_notice(who, what, sheet, entry)
    own = [page.key for page in definition.pages_of(sheet.event, sheet.page) if may.reads(page.key)]
    context = {
        "project": who.project,
        "subject": who,
        "form": what,
        "sheet": sheet,
        "sheet_title": sheet_title(definition, sheet, language),
        "entry": entry,
        "progress": progress.of_entry(entry, may),
        "withheld": bool(withheld),
        "data": {
            **shown,
            "definition": asked,
            "version": what.published.number,
            "language": language,
            "page": request.GET.get("page", ""),
            "title": definition.text(definition.data["title"], language) or what.title,
            "editable": permissions.SAVE in held
            and not pages.all
            and consent["consent_lacking"] != "refuse"
            and any(map(may.edits, own)),
            "may": {"sign": permissions.SIGN in held, "lock": permissions.LOCK in held},
            "mayVerify": permissions.VERIFY in held,
            "urls": {
                name: sheet_url(route, who, what.key, sheet)
                for name, route in (("save", "save_entry"), ("state", "entry_state"), ("sign", "sign"))
            }
            | {
                "files": upload_url(who, what.key, sheet),
                "scripts": assets.address("ecrf-goupile-wasm-worker.js") if shown["scripts"] else "",
            },
        },
        "pages": readable_pages(definition, state, language),
        "held": pages,
        **consent,
        "may_lock": permissions.LOCK in held and entry is not None,
        "may_remove": permissions.REMOVE in held and entry is not None,
        "changes": rights.known_changes(
            may, definition, queries.changes_since(entry, max(0, entry.revision - 5), definition, language)
        )
        if entry
        else [],
        "addresses": {
            name: sheet_url(name, who, what.key, sheet) for name in ("history", "lock", "unlock", "remove", "entry")
        },
    }
    return render(request, "ecrf/entry.html", context)


def upload_url(subject: Subject, form: str, sheet: Sheet) -> str:
    """Where a file of a question is sent: ``__item__`` stands for its key."""
    address, _, asked = sheet_url("entry", subject, form, sheet).partition("?")
    return f"{address}files/__item__/{'?' if asked else ''}{asked}"


@reads
def state(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """The sheet as it is now, and what changed since a revision: what a browser needs to merge."""
    who, what, sheet, entry = record_of(request, project, subject, form)
    since = request.GET.get("since", "0")
    base = int(since) if since.isdecimal() and len(since) < 9 else 0
    definition, may = what.published.loaded, rights.of(request.user, what, who.site)
    changes = queries.changes_since(entry, base, definition, reader_language()) if entry else []
    changes = rights.known_changes(may, definition, changes)
    if entry is not None:
        audit.record(request.user, "ecrf.entry_read", entry, form=what.key, revision=entry.revision)
    return JsonResponse(
        {
            **present(request.user, who, what, sheet, entry),
            **grown(request.user, who, what, sheet),
            "changes": [told(change) for change in changes],
        }
    )
