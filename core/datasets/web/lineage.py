"""The page of a dataset's lineage: a drawing, and the same as a list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from core import access
from core.datasets.engine.lineage import places
from core.datasets.models import Dataset
from core.datasets.queries import version_of
from core.datasets.services.lineage import Graph, Thing, lineage
from core.datasets.web.views import context_of
from core.web.views import reads

KINDS = {
    "version": _("dataset"),
    "form": _("form"),
    "analysis": _("analysis"),
    "notebook": _("notebook"),
    "upload": _("uploaded file"),
    "prescriptions": _("prescriptions"),
    "synthetic": _("made up"),
    "unseen": _("hidden"),
}
WIDTH, HEIGHT, APART, BETWEEN = 210, 56, 70, 16


@reads
def page(request: HttpRequest, project: str, name: str) -> HttpResponse:
    """What the versions of a dataset came from, and what came of them."""
    dataset = access.fetch(
        Dataset.objects.filter(project__slug=project).select_related("project"), request.user, name=name
    )
    newest = version_of(request.user, dataset)
    graph = lineage(request.user, dataset)
    context = {**context_of(request, newest, "lineage"), "graph": graph, **drawn(graph), **told(graph)}
    return render(request, "datasets/lineage.html", context)


def drawn(graph: Graph) -> dict[str, Any]:
    """Boxes and lines with their coordinates."""
    stands = places([thing.key for thing in graph.things], graph.edges)
    at = {
        key: (place.column * (WIDTH + APART) + 2, place.row * (HEIGHT + BETWEEN) + 2) for key, place in stands.items()
    }
    boxes = [
        {"thing": thing, "word": KINDS[thing.kind], "x": at[thing.key][0], "y": at[thing.key][1]}
        for thing in graph.things
    ]
    lines = []
    for source, made in graph.edges:
        (left, top), (right, bottom) = at[source], at[made]
        middle = (left + WIDTH + right) // 2
        start, end = top + HEIGHT // 2, bottom + HEIGHT // 2
        lines.append(f"M{left + WIDTH} {start} C{middle} {start} {middle} {end} {right} {end}")
    width = max((x for x, _y in at.values()), default=0) + WIDTH + 4
    height = max((y for _x, y in at.values()), default=0) + HEIGHT + 4
    return {"boxes": boxes, "lines": lines, "width": width, "height": height}


def told(graph: Graph) -> dict[str, Any]:
    """Each thing with what it was made from, as a list says it."""
    things = {thing.key: thing for thing in graph.things}
    sources: dict[str, list[Thing]] = {key: [] for key in things}
    for source, made in graph.edges:
        sources[made].append(things[source])
    lines = [{"thing": one, "word": KINDS[one.kind], "sources": sources[one.key]} for one in graph.things]
    return {"told": lines}
