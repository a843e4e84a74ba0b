"""Where a dataset comes from and what came of it, as far as the reader may see; the rest is there without its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core import tool
from core.datasets.engine import lineage as engine
from core.datasets.models import Dataset, DatasetVersion

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

UNSEEN = "unseen"


@dataclass(frozen=True)
class Thing:
    """A version, or what a version was made from or what reads a dataset, as the reader sees it."""

    key: str
    kind: str
    label: str
    url: str = ""
    stale: bool = False
    here: bool = False


@dataclass(frozen=True)
class Graph:
    """The things, the nearest first, and pairs of their keys: from what, to what was made from it."""

    things: list[Thing]
    edges: list[engine.Edge]
    whole: bool


def lineage(actor: Actor, dataset: Dataset) -> Graph:
    """The graph around all versions of a dataset."""
    project = dataset.project
    named = {(link.room, link.key): link for link in links(actor, project)}
    rows = DatasetVersion.objects.visible_to(actor).filter(dataset__project=project)
    versions = list(rows.select_related("dataset__project").order_by("dataset__name", "number"))
    by_name = {(version.dataset.name, version.number): version for version in versions}
    newest = {version.dataset_id: version.number for version in versions}
    things: dict[str, Thing] = {}
    edges: list[engine.Edge] = []
    for version in versions:
        key = key_of(version)
        things[key] = Thing(
            key,
            "version",
            f"{version.dataset.title} v{version.number}",
            version.get_absolute_url(),
            stale=bool(version.dataset.stale_since) and newest[version.dataset_id] == version.number,
            here=version.dataset_id == dataset.pk,
        )
        for source in sources_of(version.provenance, by_name, named):
            things.setdefault(source.key, source)
            edges.append((source.key, key))
    for link in named.values():
        for dataset_id in link.reads:
            for version in versions:
                if version.dataset_id == dataset_id and version.number == newest[dataset_id]:
                    things.setdefault(f"{link.room}:{link.key}", thing_of(link))
                    edges.append((key_of(version), f"{link.room}:{link.key}"))
    edges = list(dict.fromkeys(edge for edge in edges if edge[0] != edge[1]))
    kept, whole = engine.around([key for key, thing in things.items() if thing.here], edges)
    return Graph([things[key] for key in kept], [edge for edge in edges if {*edge} <= {*kept}], whole)


def key_of(version: DatasetVersion) -> str:
    return f"version:{version.pk}"


def thing_of(link: tool.Link) -> Thing:
    return Thing(f"{link.room}:{link.key}", link.kind, link.label, link.url)


def links(actor: Actor, project: Project) -> Iterator[tool.Link]:
    """What the tools have beside the datasets, as far as this person may see it."""
    for config in tool.rooms():
        if config.lineage:
            yield from import_string(config.lineage)(actor, project)


def sources_of(provenance: Any, by_name: Any, named: dict[tuple[str, str], tool.Link]) -> Iterator[Thing]:
    """What a version was made from. An analysis stands between its dataset and what was made of it by itself."""
    known = provenance if isinstance(provenance, dict) else {}
    for place in engine.parents(known):
        version = by_name.get(place)
        yield Thing(key_of(version), "version", "") if version else unseen(f"version:{place}")
    room = known.get("tool") or known.get("source")
    room = room if isinstance(room, str) else ""
    for field in ("form", "analysis", "notebook"):
        if isinstance(key := known.get(field), str):
            link = named.get((room, key))
            yield thing_of(link) if link else unseen(f"{room}:{key}")
    if known.get("kind") == "upload":
        name = str(known.get("file", ""))[:80]
        yield Thing(f"file:{known.get('digest', name)}", "upload", name or _("An uploaded file"))
    elif room == "prescriptions":
        yield Thing("prescriptions", "prescriptions", _("Prescriptions"))
    elif known.get("kind") == "synthetic":
        yield Thing("synthetic", "synthetic", _("Made up by seed"))


def unseen(key: str) -> Thing:
    return Thing(key, UNSEEN, _("Something you may not see"))
