"""Build a form: begin a draft, the workbench, and what its browser asks for."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.rest.parsers import look_through
from core.web.forms import show_faults
from core.web.views import page, reads, writes
from ecrf import engine, permissions, queries, rights, services
from ecrf import messages as words
from ecrf.engine import Fault, library, moments
from ecrf.engine.exchange import native
from ecrf.models import Draft, DraftComment, DraftState, Form
from ecrf.models.forms import reader_language
from ecrf.web.forms import NewForm
from ecrf.web.formulas import parsed
from ecrf.web.places import draft_of, form_of, project_of

MAX_BYTES = 16 * 1024 * 1024


@page
def new(request: HttpRequest, project: str) -> HttpResponse:
    """Begin a form: its title, its languages, what it starts from."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.DESIGN, found)
    form = NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            draft = services.begin_draft(
                request.user, found, values["title"], values["languages"], template=values["template"]
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            return redirect("ecrf:build", found.slug, draft.pk)
    context = {"project": found, "form": form}
    return render(request, "ecrf/new_form.html", context, status=422 if form.errors else 200)


@page
def build_next(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """Go on with a draft of the next version, or begin one."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.DESIGN, found, obj=what)
    if request.method == "POST":
        return redirect("ecrf:build", found.slug, services.begin_next(request.user, what).pk)
    drafts = Draft.objects.visible_to(request.user).filter(form=what).select_related("author", "updated_by")
    return render(request, "ecrf/build_next.html", {"project": found, "form": what, "drafts": drafts})


@reads
def build(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The workbench of a draft."""
    found = project_of(request.user, project)
    draft = draft_of(request, found, pk)
    context = {"project": found, "draft": draft, "data": workbench(request, found, draft)}
    return render(request, "ecrf/build.html", context)


def workbench(request: HttpRequest, project: Project, draft: Draft) -> dict[str, Any]:
    names = (
        "save_build",
        "parse_formula",
        "draft_states",
        "draft_state",
        "restore_draft",
        "draft_comments",
        "draft",
        "draft_text",
    )
    urls = {name: reverse(f"ecrf:{name}", args=[project.slug, draft.pk]) for name in names}
    urls["library"] = reverse("ecrf:instruments", args=[project.slug])
    now = timezone.localtime().replace(tzinfo=None, microsecond=0)
    return {
        **present(draft),
        "language": reader_language(),
        "now": moments.write(now),
        "urls": urls,
        "comments": comments_of(draft),
        "published": in_use(draft),
    }


def in_use(draft: Draft) -> dict[str, Any] | None:
    """The keys under which data may stand: they don't follow labels, and their choices are retired, not deleted."""
    version = draft.form.current if draft.form else None
    if version is None:
        return None
    data = version.definition
    return {
        "items": {
            item["key"]: [choice["code"] for choice in item.get("choices", ())]
            for page in data["pages"]
            for group in page["groups"]
            for item in group["items"]
        },
        "pages": [page["key"] for page in data["pages"]],
        "events": [event["key"] for event in data.get("events", ())],
    }


def present(draft: Draft) -> dict[str, Any]:
    """What the browser must know of a draft as it is now."""
    return {
        "id": str(draft.pk),
        "title": draft.title,
        "revision": draft.revision,
        "definition": draft.definition,
        **saved(draft),
    }


def saved(draft: Draft) -> dict[str, Any]:
    return {
        "revision": draft.revision,
        "problems": [told(one) for one in draft.problems],
        "saved": {"by": str(draft.updated_by or draft.author), "at": draft.updated_at.isoformat()},
    }


def told(problem: dict[str, Any]) -> dict[str, str]:
    fault = words.of_definition(Fault(problem["place"], problem["code"], problem["params"]))
    return {"place": fault.place, "code": fault.code, "message": str(fault.message)}


def body_of(request: HttpRequest) -> dict[str, Any]:
    """A JSON object. Raises Invalid."""
    try:
        sent: Any = json.loads(request.body) if len(request.body) <= MAX_BYTES else None
        look_through(sent)
    except (ValueError, RecursionError, RawPostDataException):
        sent = None
    if not isinstance(sent, dict):
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    return sent


def whole(sent: dict[str, Any], name: str) -> int:
    value = sent.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    return value


def refusal(error: Invalid | Conflict) -> JsonResponse:
    """A refusal in JSON; of a stale save with what there is now."""
    if isinstance(error, Invalid):
        faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
        return JsonResponse({"message": str(error.message), "errors": faults}, status=422)
    said = {"code": error.code, "message": str(error.message)}
    if isinstance(error, services.StaleDraft):
        said["now"] = present(error.draft)  # type: ignore[assignment]
    return JsonResponse(said, status=409)


@writes
def save(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Save ``{base, definition}``; answers with the revision and the problems found."""
    draft = draft_of(request, project_of(request.user, project), pk)
    try:
        sent = body_of(request)
        definition = sent.get("definition")
        if not isinstance(definition, dict):
            raise Invalid([], _("What was sent can’t be read: reload the page."))
        draft = services.save_draft(request.user, draft, definition, whole(sent, "base"))
        if isinstance(title := sent.get("title"), str) and title.strip() and title.strip() != draft.title:
            draft = services.rename_draft(request.user, draft, title)
    except (Invalid, Conflict) as error:
        return refusal(error)
    return JsonResponse(saved(draft))


@writes
def parse(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Read a formula: ``{text, wanted, fields: {key: {type, codes}}}`` gives its tree or what is wrong."""
    draft_of(request, project_of(request.user, project), pk)
    try:
        return JsonResponse(parsed(body_of(request)))
    except Invalid as error:
        return refusal(error)


@writes
def text(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The form as text: ``{definition}`` gives its text, ``{text}`` its definition; or what is wrong, by line."""
    draft_of(request, project_of(request.user, project), pk)
    try:
        sent = body_of(request)
        if isinstance(sent.get("definition"), dict):
            written, _lost = native.write(engine.load(sent["definition"]))
            return JsonResponse({"text": written.decode()})
        if not isinstance(sent.get("text"), str):
            raise Invalid([], _("What was sent can’t be read: reload the page."))
        data, _warnings = native.read(sent["text"].encode(), language=reader_language())
    except engine.Refused as refused:
        return JsonResponse({"problems": [by_line(fault) for fault in refused.faults[:100]]})
    except (Invalid, Conflict) as error:
        return refusal(error)
    return JsonResponse({"definition": data})


def by_line(fault: Fault) -> dict[str, Any]:
    said = words.of_definition(fault)
    return {"line": fault.params.get("line", 1), "message": str(said.message)}


@reads
def states(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The history of a draft, newest first."""
    draft = draft_of(request, project_of(request.user, project), pk)
    rows = DraftState.objects.filter(draft=draft).select_related("author").defer("definition")
    found = [{"revision": one.revision, "by": str(one.author), "at": one.updated_at.isoformat()} for one in rows]
    return JsonResponse({"states": found})


@reads
def state(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One earlier state, to look at: ``?revision=``."""
    draft = draft_of(request, project_of(request.user, project), pk)
    number = request.GET.get("revision", "")
    wanted = int(number) if number.isdecimal() and len(number) < 9 else 0
    found = DraftState.objects.filter(draft=draft, revision=wanted).first()
    return JsonResponse({"definition": found.definition if found else None})


@writes
def restore(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Go back to a state: ``{base, revision}``."""
    draft = draft_of(request, project_of(request.user, project), pk)
    try:
        sent = body_of(request)
        draft = services.restore_draft(request.user, draft, whole(sent, "revision"), whole(sent, "base"))
    except (Invalid, Conflict) as error:
        return refusal(error)
    return JsonResponse(present(draft))


@page
def comments(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The threads of a draft; POST ``{item, text}``, ``{thread, text}`` or ``{thread, resolved}``."""
    draft = draft_of(request, project_of(request.user, project), pk)
    if request.method == "POST":
        try:
            answer(request, draft, body_of(request))
        except (Invalid, Conflict) as error:
            return refusal(error)
    return JsonResponse({"comments": comments_of(draft)})


def answer(request: HttpRequest, draft: Draft, sent: dict[str, Any]) -> None:
    thread = None
    if sent.get("thread") is not None:
        rows = DraftComment.objects.filter(draft=draft).select_related("draft__project")
        thread = access.fetch(rows, request.user, pk=str(sent["thread"]))
    if thread is not None and isinstance(sent.get("resolved"), bool):
        services.resolve_thread(request.user, thread, resolved=sent["resolved"])
    else:
        services.comment(request.user, draft, str(sent.get("item", "")), str(sent.get("text", "")), thread)


def comments_of(draft: Draft) -> list[dict[str, Any]]:
    rows = DraftComment.objects.filter(draft=draft).select_related("author", "resolved_by")
    return [
        {
            "id": str(one.pk),
            "item": one.item,
            "thread": str(one.thread_id) if one.thread_id else None,
            "by": str(one.author),
            "at": one.created_at.isoformat(),
            "text": one.text,
            "resolved": str(one.resolved_by) if one.resolved_at else "",
        }
        for one in rows
    ]


@reads
def instruments(request: HttpRequest, project: str) -> HttpResponse:
    """What can be inserted: instruments, and forms that the reader may see; ``?instrument=``, ``?form=`` give one."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.DESIGN, found)
    language = reader_language()
    if (key := request.GET.get("instrument")) in library.instruments():
        return JsonResponse(library.instruments()[str(key)])
    if pk := request.GET.get("form"):
        form: Form = access.fetch(queries.insertable_forms(), request.user, pk=pk)
        version = form.published
        version.form = form
        data = rights.shown_definition(request.user, version)
        return JsonResponse({name: data[name] for name in ("languages", "pages", "lists") if name in data})
    listed = [
        {
            "key": one["key"],
            "category": one["category"],
            "title": one["title"].get(language, one["title"]["en"]),
            "about": one["about"].get(language, one["about"]["en"]),
            "licence": {**one["licence"], "text": one["licence"]["text"].get(language, one["licence"]["text"]["en"])},
            "source": one["source"],
        }
        for one in library.instruments().values()
    ]
    forms = queries.insertable_forms().visible_to(request.user)[:200]
    return JsonResponse(
        {
            "instruments": listed,
            "forms": [{"id": str(form.pk), "title": form.title, "project": str(form.project)} for form in forms],
        }
    )


@writes
def rename(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request.user, project)
    draft = draft_of(request, found, pk)
    try:
        services.rename_draft(request.user, draft, request.POST.get("title", ""))
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
    return redirect("ecrf:draft", found.slug, draft.pk)
