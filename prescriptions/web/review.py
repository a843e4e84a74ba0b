"""The review workbench: the page or the text on one side, what was read on the other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import access, audit
from core.web.views import reads
from prescriptions import blinding, engine, permissions, queries, reference
from prescriptions.engine import wording
from prescriptions.models import Document, Line
from prescriptions.web.fields import segments, shown
from prescriptions.web.kinds import KINDS
from prescriptions.web.places import document_of, project_of

KEYS = (
    (_("The line"), (
        (("V",), _("validate it and go on to the next")),
        (("X",), _("set it aside: no medicine")),
        (("I",), _("mark it as illegible")),
        (("W",), _("take it up again")),
        (("S",), _("split it in two")),
        (("M",), _("merge it with the line above")),
        (("N",), _("make a line of the words selected in the text")),
    )),
    (_("Moving"), (
        (("↓", "J"), _("next line")),
        (("↑", "K"), _("line above")),
        (("Tab", "→"), _("next field")),
        (("Shift Tab", "←"), _("field before")),
        (("D",), _("next field to check")),
    )),
    (_("A field"), (
        (("Enter",), _("correct it; again to keep the words")),
        (("Esc",), _("leave it as it was")),
        (("Ctrl Enter",), _("keep the words and validate the line")),
        (("1", "…", "5"), _("choose the product of that number")),
        (("O",), _("take the second opinion on the line")),
    )),
    (_("The page"), (
        (("+", "-", "0"), _("larger, smaller, as wide as its place")),
        (("R",), _("turn it")),
        (("P", "Esc"), _("go to it, where the arrows move it, and back")),
        (("T",), _("the text instead of the page, and back")),
        (("PgUp", "PgDn"), _("page before, next page")),
    )),
    (_("The review"), (
        (("Z", "Ctrl Z"), _("undo")),
        (("Y", "Ctrl Shift Z"), _("do again")),
        (("F",), _("finish the review")),
        (("?",), _("show these keys")),
    )),
)  # fmt: skip
"""(of what, ((keys, what they do), …)): for the page of keys; the script obeys the same."""


@reads
def show(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One prescription: what is written, and the lines to check."""
    found = project_of(request.user, project)
    document = document_of(request.user, found, pk)
    if blinding.is_blind(request.user, document):
        may_write = access.can(request.user, permissions.WRITE, found)
        context = {"project": found, "document": document, "may_write": may_write}
        return render(request, "prescriptions/blind.html", context)
    audit.record(request.user, "prescriptions.document_read", document)
    return render(request, "prescriptions/document.html", workbench(request, document))


def workbench(request: HttpRequest, document: Document) -> dict[str, Any]:
    """What the whole page shows."""
    reading = document.reading
    passages = reading.get("passages", [])
    head = reading.get("document", {})
    return board(request, document) | {
        "kinds": KINDS.values(),
        "keys": KEYS,
        "pages": pages_of(document),
        "head": head,
        "head_date": date_of(head),
        "head_supply": wording.supply(engine.decode(engine.Head, head).dispense, None, ald=False),
        "stopped": [passage["name"] for passage in passages if passage["kind"] == "stopped" and passage.get("name")],
        "may_write": access.can(request.user, permissions.WRITE, document.project),
        "to_compare": to_compare(request, document),
    }


def to_compare(request: HttpRequest, document: Document) -> bool:
    """Whether both readings are finished, and the reader may settle what differs."""
    if document.read_at is None or not blinding.is_shared(document):
        return False
    first, twin = blinding.readings(document)
    both = twin is not None and bool(first.read_at and twin.read_at)
    return both and access.can(request.user, permissions.ADJUDICATE, document.project)


def board(request: HttpRequest, document: Document) -> dict[str, Any]:
    """What changes when a line does: the lines, the marks in the text, what is left to do and to undo."""
    lines = queries.lines_of(document)
    passages = document.reading.get("passages", [])
    by_doubt = request.GET.get("order", request.POST.get("order")) == "doubts"
    if by_doubt:
        lines_shown = sorted(lines, key=lambda line: (line.state != Line.State.WAITING, -line.uncertain, line.position))
    else:
        lines_shown = lines
    _name, edition = reference.in_use()
    may_write = access.can(request.user, permissions.WRITE, document.project)
    is_own = blinding.is_own(request.user, document)
    editable = document.is_open and may_write and is_own
    return {
        "project": document.project,
        "document": document,
        "lines": [shown(line, edition) for line in lines_shown],
        "by_doubt": by_doubt,
        "segments": segments(document.text, lines, passages),
        "others": untaken(passages, lines),
        "waiting": sum(line.state == Line.State.WAITING for line in lines),
        "editable": editable,
        "to_begin": document.is_open and may_write and not is_own,
        **(queries.steps_of(request.user, document) if editable else {}),
    }


def untaken(passages: Iterable[dict[str, Any]], lines: Iterable[Line]) -> list[dict[str, Any]]:
    """What was not taken for a line and may be one."""
    taken = [(line.reading["start"], line.reading["end"]) for line in lines]
    return [
        passage
        for passage in passages
        if passage["kind"] in ("unread", "other")
        and not any(start < passage["end"] and passage["start"] < end for start, end in taken)
    ]


def pages_of(document: Document) -> list[dict[str, Any]]:
    """The pages that can be shown: where each is, how large, its clockwise turn, and its words with their places."""
    source = document.twin_of or document  # the second reading is one of the same file
    if source.file is None or source.file.erased_at is not None:
        return []
    return [
        {
            "number": page["number"],
            "url": reverse("prescriptions:page", args=[document.project.slug, document.pk, page["number"]]),
            "ratio": json.dumps(round(page["width"] / page["height"], 5) if page["height"] else 0.707),
            "turned": round(-page["turned"]) % 360,
            "words": json.dumps(page["words"], separators=(",", ":")),
        }
        for page in document.scan or []
    ]


def date_of(head: dict[str, Any]) -> dt.date | None:
    """The date on the prescription, unless there is no such day."""
    try:
        return dt.date.fromisoformat(head.get("date") or "")
    except ValueError:
        return None
