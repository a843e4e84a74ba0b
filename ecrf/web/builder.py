"""Build a form: begin a draft, the workbench, and what its browser asks for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.views import page, reads, writes
from ecrf import engine, permissions, queries, rights, services
from ecrf import messages as words
from ecrf.engine import Fault, library, moments
from ecrf.engine.exchange import native
from ecrf.models import Draft, Form
from ecrf.models.forms import reader_language
from ecrf.web.builder_comments import comments_of
from ecrf.web.builder_exchange import body_of, present, refusal, saved, whole
from ecrf.web.forms import NewForm
from ecrf.web.formulas import parsed
from ecrf.web.places import draft_of, form_of, project_of


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
