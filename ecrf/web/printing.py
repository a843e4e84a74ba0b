"""Forms and casebooks as PDF."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language_info

from core import access
from core.files import downloads
from core.web.views import page, reads
from ecrf import printing, queries, rights
from ecrf.models import Form, Printout, Subject
from ecrf.models.forms import reader_language
from ecrf.services import printing as services
from ecrf.web.places import form_of, project_of

PDF = "application/pdf"


def pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=PDF, headers=headers)


def languages_of(form: Form) -> list[tuple[str, str]]:
    """The languages of a form, each by its own name."""
    return [(code, named(code)) for code in form.published.definition["languages"]]


def named(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code


@reads
def blank(request: HttpRequest, project: str, form: str, language: str) -> HttpResponse:
    """The form to be filled in by hand, in one of its languages."""
    what = form_of(request.user, project_of(request.user, project), form)
    if language not in what.published.definition["languages"]:
        raise Http404
    content = services.print_form(request.user, what, language)
    return pdf(content, f"{what.key}-v{what.published.number}-{language}.pdf")


@page
def casebook(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Ask for the casebook of a subject: what is to stand in it; then the PDF, or the job that sets it."""
    place = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, place), request.user, pk=subject)
    what = form_of(request.user, place, form)
    definition = what.published.loaded
    reader, held = reader_language(), rights.of(request.user, what, who.site)
    context = {
        "project": place,
        "subject": who,
        "form": what,
        "languages": languages_of(what),
        "language": reader if reader in definition.languages else definition.languages[0],
        "may_identify": printing.may_identify(request.user, who),
        "identifying": sum(
            1 for item in definition.items.values() if item.spec.get("identifier") and held.reads(item.page)
        ),
    }
    if request.method != "POST":
        return render(request, "ecrf/print.html", context)
    language = request.POST.get("language", "")
    options = {name: request.POST.get(name) == "on" for name in ("identifiers", "history")}
    asked = language if language in definition.languages else str(context["language"])
    if services.is_long(who, what, history=options["history"]):
        job = services.start_printing(request.user, who, what, language=asked, **options)
        return redirect("jobs:job", job.pk)
    content = services.print_casebook(request.user, who, what, language=asked, **options)
    return pdf(content, services.file_name(who))


@reads
def printout(request: HttpRequest, project: str, pk: UUID) -> HttpResponseBase:
    """A casebook that a job has set, for who asked for it."""
    place = project_of(request.user, project)
    rows = Printout.objects.filter(subject__project=place, owner=request.user.pk)
    related = ("subject__project", "subject__site", "form", "file__project")
    held: Printout = access.fetch(rows.select_related(*related), request.user, pk=pk)
    stored = services.open_printout(request.user, held)
    return downloads.send(request, stored, name=services.file_name(held.subject), media_type=PDF)
