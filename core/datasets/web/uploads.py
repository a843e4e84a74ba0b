"""Pages of an upload: send the file, check what was made of it, publish it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core import access
from core.access.models import Project
from core.datasets import queries
from core.datasets.models import Dataset, Upload
from core.datasets.services import plans, uploads
from core.datasets.web.forms import DocumentForm, PlanForm, UploadForm
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from core.web.forms import show_faults
from core.web.views import page, see_other, writes


def may_upload(request: HttpRequest, slug: str) -> Project:
    """The project, or 404 for who doesn't see its datasets; refused to who sees them and may not upload."""
    project: Project = access.fetch(Project.objects.all(), request.user, slug=slug)
    if not access.can(request.user, "datasets.list_datasets", project):
        raise Http404
    access.require(request.user, "datasets.upload_data", project)
    return project


def address(upload: Upload) -> str:
    return reverse("datasets:check", args=[upload.project.slug, upload.pk])


@page
def upload(request: HttpRequest, project: str) -> HttpResponse:
    """Send a file. It is kept encrypted and published only once it was checked."""
    found = may_upload(request, project)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = uploads.receive(
                request.user,
                found,
                given["file"],
                name=given["name"],
                title=given["title"],
                sensitivity=given["sensitivity"],
                file_name=given["file"].name,
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            return see_other(address(made), request)
    status = 422 if form.errors else 200
    return render(request, "datasets/upload.html", {"project": found, "form": form}, status=status)


@page
def check(request: HttpRequest, project: str, pk: uuid.UUID) -> HttpResponse:
    """What was detected, the first rows, and the faults of the file; corrected or published from here."""
    made = queries.upload_of(request.user, may_upload(request, project), pk)
    if made.version is not None:
        return see_other(made.version.get_absolute_url(), request)
    form = (DocumentForm if plans.is_document(made.plan) else PlanForm)(made.plan, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return see_other(decide(request, made, form.wanted), request)
        except Invalid as error:
            made.refresh_from_db()
            if made.faults is None:
                show_faults(form, error)
        except Conflict:
            overtaken = queries.upload_of(request.user, made.project, pk)
            if overtaken.version is None:
                raise
            return see_other(overtaken.version.get_absolute_url(), request)
    failed = request.method == "POST"
    return render(request, "datasets/check.html", context_of(made, form), status=422 if failed else 200)


def decide(request: HttpRequest, made: Upload, wanted: dict[str, Any]) -> str:
    """Keep the corrections; publish where that is asked for and the columns are those that were seen."""
    seen = plans.way_of(made.plan)
    corrected = uploads.correct(request.user, made, wanted)
    if request.POST.get("act") != "publish" or plans.way_of(corrected.plan) != seen:
        return address(corrected)
    accepted = uploads.accept(request.user, corrected)
    return accepted.version.get_absolute_url() if accepted.version else address(accepted)


def context_of(made: Upload, form: PlanForm | DocumentForm) -> dict[str, Any]:
    existing = Dataset.objects.filter(project=made.project, name=made.dataset_name).first()
    faults = made.faults and [
        {"row": fault["row"], "column": fault["column"], "text": plans.sentence(fault)}
        for fault in made.faults["faults"]
    ]
    gone = made.file.erased_at is not None
    return {
        "project": made.project,
        "upload": made,
        "form": form,
        "gone": gone,
        "notes": [plans.note(one) for one in made.plan.get("notes", ())],
        "preview": None if gone else uploads.preview(made),
        "existing": existing,
        "job": Job.objects.filter(pk=made.job_id).first() if made.job_id else None,
        "faults": faults,
        "fault_heading": plans.heading(made.faults["count"]) if made.faults else "",
    }


@writes
def drop(request: HttpRequest, project: str, pk: uuid.UUID) -> HttpResponse:
    """Forget a file that isn't wanted."""
    made = queries.upload_of(request.user, may_upload(request, project), pk)
    uploads.drop(request.user, made)
    return see_other(reverse("datasets:list", args=[made.project.slug]), request)
