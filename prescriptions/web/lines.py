"""Acts on the lines of the workbench: each answers with what it changed, or goes back to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from core.web.views import page, wants_fragment, writes
from prescriptions import reference, services
from prescriptions.engine import parts
from prescriptions.models import Document, Line
from prescriptions.web.fields import shown
from prescriptions.web.places import document_of, line_of, project_of
from prescriptions.web.review import board


@writes
def correct(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One field in new words. What somebody else changed meanwhile is told, and the words stay in the field."""
    field, words = request.POST.get("field", ""), request.POST.get("words", "")

    def act(line: Line, revision: int, seconds: int) -> Line:
        return services.correct_line(request.user, line, field, words, revision, seconds)

    return acted(request, project, pk, act, field, words)


@writes
def settle(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Validate, set aside, mark as illegible, or take up again."""
    state = request.POST.get("state", "")
    return acted(request, project, pk, lambda line, *seen: services.settle_line(request.user, line, state, *seen))


@writes
def choose(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Say which product a line means."""
    cis = request.POST.get("cis", "")
    return acted(request, project, pk, lambda line, *seen: services.choose_product(request.user, line, cis, *seen))


@writes
def take_opinion(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Put what the second reader says in the place of the line's values."""
    return acted(request, project, pk, lambda line, *seen: services.take_opinion(request.user, line, *seen))


def acted(
    request: HttpRequest,
    project: str,
    pk: UUID,
    act: Callable[[Line, int, int], Line],
    field: str = "",
    words: str = "",
) -> HttpResponse:
    """Do something to a line as it was at the revision that the page shows; the card says how it is now, or why not."""
    line = line_of(request.user, project_of(request.user, project), pk)
    try:
        line = act(line, number(request, "revision"), number(request, "seconds", 0))
    except Conflict as error:
        return moved(request, line, error, field, words)
    except Invalid as error:
        return card(request, line, {"path": field, "words": words, "message": said(error)})
    return card(request, line)


@page
def split(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Ask where the second line begins, with the likeliest place chosen; then cut there."""
    line = line_of(request.user, project_of(request.user, project), pk)
    if request.method == "POST":
        at, revision = number(request, "at"), number(request, "revision")
        return anew(request, line.document, lambda: services.split_line(request.user, line, at, revision)[1])
    starts, guess = parts.seams(line.read, reference.current()[1])
    ends = [*starts[1:], line.read.end]
    text = line.document.text
    context = {
        "project": line.document.project,
        "document": line.document,
        "line": line,
        "first": text[line.read.start : starts[0]] if starts else line.read.text,
        "words": [
            {"at": str(start), "word": text[start:end], "chosen": start == (guess or starts[0])}
            for start, end in zip(starts, ends, strict=True)
        ],
    }
    template = "prescriptions/split_form.html" if wants_fragment(request) else "prescriptions/split.html"
    return render(request, template, context)


@writes
def merge(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Make one line of this one and the one above."""
    line = line_of(request.user, project_of(request.user, project), pk)
    revision = number(request, "revision")
    return anew(request, line.document, lambda: services.merge_line(request.user, line, revision))


@writes
def add(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Read a passage of the text as a line."""
    document = document_of(request.user, project_of(request.user, project), pk)
    start, end = number(request, "start"), number(request, "end")
    return anew(request, document, lambda: services.add_line(request.user, document, start, end))


@writes
def undo(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Take back one's last step."""
    document = document_of(request.user, project_of(request.user, project), pk)
    return anew(request, document, lambda: turned(services.undo(request.user, document)))


@writes
def redo(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Do again what one took back last."""
    document = document_of(request.user, project_of(request.user, project), pk)
    return anew(request, document, lambda: turned(services.redo(request.user, document)))


def turned(step: Any) -> Line | None:
    """A line that the step changed and that is there now."""
    keys = [change["line"] for change in step.changes] if step else []
    return Line.objects.filter(pk__in=keys).order_by("position").first()


def number(request: HttpRequest, name: str, otherwise: int = -1) -> int:
    asked = request.POST.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else otherwise


def said(error: Conflict | Invalid) -> str:
    faults = error.faults if isinstance(error, Invalid) else ()
    return str(error.message or (faults[0].message if faults else _("This can’t be done.")))


def anew(request: HttpRequest, document: Document, act: Callable[[], Line | None]) -> HttpResponse:
    """Do what changes more than one line, and show all lines; the one to go on with is named."""
    fault, line = "", None
    try:
        line = act()
    except (Conflict, Invalid) as error:
        fault = said(error)
    if not wants_fragment(request):
        if fault:
            messages.error(request, fault)
        return redirect(document)
    document.refresh_from_db()
    context = {**board(request, document), "swapped": True, "board_fault": fault, "focus": line}
    answer = render(request, "prescriptions/board.html", context, status=422 if fault else 200)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#rx-lines", "outerHTML"
    return answer


def moved(request: HttpRequest, line: Line, error: Conflict, field: str = "", words: str = "") -> HttpResponse:
    """Somebody was quicker: the line as it is now, why, and the words that were not kept."""
    now = Line.objects.select_related("document__project", "corrected_by", "settled_by").filter(pk=line.pk).first()
    if now is None:

        def gone() -> Line | None:
            raise error

        return anew(request, line.document, gone)
    return card(request, now, {"path": field, "words": words, "message": said(error)})


def card(request: HttpRequest, line: Line, fault: dict[str, str] | None = None) -> HttpResponse:
    if not wants_fragment(request):
        if fault:
            messages.error(request, fault["message"])
        return redirect(line.document)
    document = line.document
    context = {**board(request, document), "shown": shown(line), "fault": fault, "swapped": True}
    return render(request, "prescriptions/card.html", context, status=422 if fault else 200)
