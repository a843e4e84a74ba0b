"""The page of a join: choose, see what will come of it, publish it. What is chosen stands in the address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from core import access
from core.access.models import Project
from core.datasets.engine.joining import PANDAS
from core.datasets.models import Dataset, DatasetVersion
from core.datasets.queries import version_of
from core.datasets.services import joining, levels
from core.datasets.web.forms import JoinedForm
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.views import page, see_other

KINDS = (
    ("left", _("All rows of what there is so far, with what is found")),
    ("inner", _("Only rows that are in both")),
    ("full", _("All rows of both")),
    ("anti", _("Only rows of what there is so far that aren’t in the other")),
)
assert {kind for kind, _words in KINDS} == {*PANDAS, "anti"}
PAIRS = 3
"""Lines for keys that the page offers."""


@page
def join(request: HttpRequest, project: str) -> HttpResponse:
    """Choose two datasets or more, their keys and kinds; see counts, rows and code; then publish the result."""
    found: Project = access.fetch(Project.objects.all(), request.user, slug=project)
    abilities = access.abilities(request.user, found)
    if "datasets.list_datasets" not in abilities:
        raise Http404
    access.require(request.user, "datasets.read_data", found)
    context: dict[str, Any] = {"project": found, "choices": choices(request, found), "kinds": KINDS}
    context["may_publish"] = "datasets.publish_data" in abilities
    lines: list[dict[str, Any]] = []
    context |= {"first": request.GET.get("first", ""), "lines": lines}
    form = JoinedForm(request.POST or None)
    try:
        first = chosen(request, found, "first")
        steps = read(request, found, first, lines) if first else []
        context["more"] = more(request.GET, len(lines))
        if first and steps:
            context["preview"] = joining.preview(request.user, first, steps)
            if request.method == "POST" and form.is_valid():
                job = joining.ask(request.user, first, steps, **form.cleaned_data)
                return see_other(job.get_absolute_url(), request)
    except Invalid as error:
        if "preview" in context:
            show_faults(form, error)
        else:
            context["refused"] = [fault.message for fault in error.faults]
    context["form"] = form
    return render(request, "datasets/join.html", context, status=422 if form.errors or "refused" in context else 200)


def choices(request: HttpRequest, project: Project) -> list[tuple[str, str]]:
    """The versions that there are to choose from: ``name:number`` and its words, the newest of each dataset first."""
    rows = DatasetVersion.objects.visible_to(request.user).filter(dataset__project=project)
    rows = rows.select_related("dataset").order_by("dataset__title", "-number").defer("published", "provenance")
    return [(f"{each.dataset.name}:{each.number}", str(each)) for each in rows[:500]]


def chosen(request: HttpRequest, project: Project, name: str) -> DatasetVersion | None:
    """The version that the address names; 404 for one that isn't there."""
    dataset, _colon, number = request.GET.get(name, "").partition(":")
    if not dataset:
        return None
    found = access.fetch(Dataset.objects.filter(project=project), request.user, name=dataset)
    return version_of(request.user, found, int(number[:9]) if number.isdecimal() else None)


def read(
    request: HttpRequest, project: Project, first: DatasetVersion, lines: list[dict[str, Any]]
) -> list[joining.Step]:
    """The steps that the address says, none where one lacks its keys; `lines` gets what the page shows of each."""
    steps: list[joining.Step] = []
    names = list(levels.reach(request.user, first).shown)
    for number in range(joining.MOST_STEPS):
        if number and f"with{number}" not in request.GET:
            break
        line: dict[str, Any] = {"number": number, "version": request.GET.get(f"with{number}", ""), "ours": names}
        lines.append(line)
        if (version := chosen(request, project, f"with{number}")) is None:
            break
        pairs = pairs_of(request, number)
        suggested = [] if number else joining.suggest(request.user, first, version)
        best = [(each.left, each.right) for each in suggested[:1]] if f"ours{number}" not in request.GET else []
        line |= {
            "theirs": levels.reach(request.user, version).shown,
            "kind": request.GET.get(f"kind{number}", "left"),
            "suggested": suggested,
            "pairs": padded(pairs or best),
        }
        if not pairs:
            return []
        steps.append(joining.Step(version, line["kind"], pairs))
        names = [column.name for column in joining.plan_of(request.user, first, steps).columns()]
    return steps


def pairs_of(request: HttpRequest, number: int) -> list[tuple[str, str]]:
    """The pairs of columns of which both are chosen."""
    sides = (request.GET.getlist(f"{side}{number}") for side in ("ours", "theirs"))
    return [(ours, theirs) for ours, theirs in zip(*sides, strict=False) if ours and theirs]


def padded(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*pairs, *[("", "")] * (PAIRS - len(pairs))]


def more(query: QueryDict, steps: int) -> str:
    """The address with room for one dataset more; empty where there are as many as may be."""
    if steps >= joining.MOST_STEPS:
        return ""
    return f"?{query.urlencode()}&{urlencode({f'with{steps}': ''})}"
