"""The page of a version's profile: have it counted, then see it, fifty columns a page."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core import access
from core.datasets.models import Profile
from core.datasets.services import profiling
from core.datasets.web.views import context_of, found_version
from core.errors import Conflict
from core.jobs.models import Job
from core.web.views import page, see_other

PER_PAGE = 50


@page
def profile(request: HttpRequest, project: str, name: str, number: int) -> HttpResponse:
    """What was counted, or the work that counts; POST asks for it."""
    found = found_version(request, project, name, number)
    access.require(request.user, profiling.READ, found.dataset.project, obj=found)
    if request.method == "POST":
        profiling.ask(request.user, found)
        return see_other(reverse("datasets:profile", args=[project, name, number]), request)
    context = context_of(request, found, "profile")
    row = Profile.objects.visible_to(request.user).filter(version=found).defer("content").first()
    context |= {
        "profile": row,
        "job": Job.objects.filter(pk=row.job_id).first() if row and row.job_id else None,
        "may_count": "datasets.read_data" in context["abilities"],
    }
    try:
        described = {column["name"]: column for column in found.columns}
        counted = [{**described[column["name"]], **column} for column in profiling.read(request.user, found)]
    except Conflict as error:
        context["reason"] = error.message
    else:
        context["shown"] = Paginator(counted, PER_PAGE).get_page(request.GET.get("page"))
        context["left_out"] = len(found.columns) - len(counted)
    return render(request, "datasets/profile.html", context)
