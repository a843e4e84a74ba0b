"""Pages of a comparison: choose two versions and a key, then see what differs."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import access
from core.datasets.models import Comparison, Dataset
from core.datasets.queries import version_of
from core.datasets.services import comparing, levels
from core.datasets.web.forms import CompareForm
from core.datasets.web.views import context_of
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from core.web.forms import show_faults
from core.web.views import page, reads, see_other

WHOLE = ("before__dataset__project", "before__file", "after__dataset__project", "after__file")


@page
def compare(request: HttpRequest, project: str, name: str) -> HttpResponse:
    """Choose what to compare, by which columns."""
    dataset = access.fetch(Dataset.objects.filter(project__slug=project), request.user, name=name)
    newest = version_of(request.user, dataset)
    access.require(request.user, "datasets.read_data", newest.dataset.project, obj=newest)
    numbers = list(dataset.versions.order_by("-number").values_list("number", flat=True)[:500])
    form = CompareForm(numbers, levels.reach(request.user, newest).shown, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        before, after = (version_of(request.user, dataset, int(given[side])) for side in ("before", "after"))
        try:
            made = comparing.compare(request.user, before, after, given["key"])
        except Invalid as error:
            show_faults(form, error)
        else:
            return see_other(made.get_absolute_url(), request)
    context = {**context_of(request, newest, "compare"), "form": form, "numbers": numbers}
    return render(request, "datasets/compare.html", context, status=422 if form.errors else 200)


@reads
def comparison(request: HttpRequest, project: str, name: str, pk: uuid.UUID) -> HttpResponse:
    """What differs, or the work that counts it; ``?sample=`` shows some of the rows to who may read them."""
    rows = Comparison.objects.filter(after__dataset__project__slug=project, after__dataset__name=name)
    made = access.fetch(rows.select_related(*WHOLE), request.user, pk=pk)
    context = {**context_of(request, made.after, "compare"), "comparison": made}
    context["job"] = Job.objects.filter(pk=made.job_id).first() if made.job_id else None
    try:
        context["found"] = comparing.read(request.user, made)
        if what := request.GET.get("sample"):
            context["sample"] = comparing.sample(request.user, made, what, request.GET.get("column", ""))
    except Conflict as error:
        context["reason"] = error.message
    except Invalid as error:
        context["refused"] = error.message
    return render(request, "datasets/comparison.html", context, status=422 if "refused" in context else 200)
