"""Who changed what on a sheet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import audit
from core.web.views import reads
from ecrf import queries, rights
from ecrf.models import Attachment, Form, Subject
from ecrf.models.entries import sheet_url
from ecrf.models.forms import reader_language
from ecrf.services import attachments
from ecrf.web.places import record_of
from ecrf.web.readable import readable_at, sheet_title


@reads
def history(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Who changed what, when, from which value to which."""
    who, what, sheet, entry = record_of(request, project, subject, form)
    definition = what.published.loaded
    language = reader_language()
    saves: dict[int, dict[str, Any]] = {}
    if entry is not None:
        audit.record(request.user, "ecrf.history_read", entry, form=what.key, revision=entry.revision)
        found = files_of(who, what)
        pages = rights.of(request.user, what, who.site)
        for change in rights.known_changes(pages, definition, queries.history(entry, definition, language)):
            save_ = saves.setdefault(
                change.number, {"by": change.by, "at": change.at, "reason": change.reason, "lines": []}
            )
            before, after = (
                readable_at(definition, change.key, value, language) for value in (change.before, change.after)
            )
            held = attachments.held_by(definition, {change.key: change.after})
            named = [found[item, value] for _, item, value in held if (item, value) in found]
            line = {"label": change.label, "key": change.key, "before": before, "after": after, "files": named}
            save_["lines"].append(line)
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


def files_of(subject: Subject, form: Form) -> dict[tuple[str, str], Attachment]:
    """Every file of the subject's records, former ones too, by its question and the value that names it."""
    rows = Attachment.objects.filter(subject=subject, form=form, removed_at=None).select_related("subject__project")
    return {(row.item, row.value): row for row in rows}
