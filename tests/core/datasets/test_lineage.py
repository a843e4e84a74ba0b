"""Where a dataset comes from and what came of it, within the reader's rights."""

from __future__ import annotations

import pyarrow as pa
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core import datasets
from core.datasets.engine import lineage as engine
from core.datasets.services.lineage import lineage
from datahub.services.notebooks import create_notebook


def publish(world, name, **provenance):
    return datasets.publish(
        world.user["owner"], world.project, name, pa.table({"a": [1]}), title=name.title(), provenance=provenance
    )


def names(graph):
    things = {thing.key: thing.label for thing in graph.things}
    return {(things[source], things[made]) for source, made in graph.edges}


def test_what_came_of_what(world):
    """A file became a version, that another one, and a notebook reads the last; stale ones are marked."""
    publish(world, "raw", kind="upload", file="labo.csv", digest="d")
    clean = publish(world, "clean", sources=[{"dataset": "raw", "version": 1}])
    create_notebook(world.user["owner"], world.project, "Carnet", [""], [clean.dataset])
    publish(world, "other", kind="synthetic")
    datasets.mark_stale(world.project, "clean")
    graph = lineage(world.user["owner"], clean.dataset)
    assert names(graph) == {("labo.csv", "Raw v1"), ("Raw v1", "Clean v1"), ("Clean v1", "Carnet")}
    assert [thing.label for thing in graph.things if thing.stale] == ["Clean v1"]
    assert [thing.label for thing in graph.things if thing.here] == ["Clean v1"]


def test_what_one_may_not_see(world, client_of):
    """A notebook isn't there for who may not read notebooks; what a version came from is, without its name."""
    made = publish(world, "made", tool="lowcode", analysis="0" * 32)
    create_notebook(world.user["owner"], world.project, "Carnet secret", [""], [made.dataset])
    graph = lineage(world.user["monitor"], made.dataset)
    assert [thing.kind for thing in graph.things] == ["version", "unseen"]
    text = client_of("monitor").get(reverse("datasets:lineage", args=[world.project.slug, "made"])).content.decode()
    assert "Carnet secret" not in text
    assert "<svg" in text


def test_hostile_provenance(world, client_of):
    """Whatever a provenance holds, the page is shown, and nothing of it is run."""
    for number, odd in enumerate([
        {"sources": 3}, {"sources": [1, {"dataset": 1, "version": "x"}]}, {"tool": [], "form": "<script>x</script>"},
        {"dataset": "odd3", "version": 1}, {"kind": "upload", "file": "<script>y</script>"},
    ]):  # fmt: skip
        publish(world, f"odd{number}", **odd)
        answer = client_of("owner").get(reverse("datasets:lineage", args=[world.project.slug, f"odd{number}"]))
        assert answer.status_code == 200
        assert b"<script>x" not in answer.content
        assert b"<script>y" not in answer.content


def test_as_many_questions_however_many_versions(world, django_assert_max_num_queries):
    """The graph of many versions takes as many questions as that of one."""
    for number in range(6):
        last = publish(world, "chain", **({"dataset": "chain", "version": number} if number else {}))
    with django_assert_max_num_queries(12):
        graph = lineage(world.user["owner"], last.dataset)
    assert len(graph.things) == 6


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")), max_size=14))
def test_places_of_any_graph(edges):
    """Every thing has a place of its own, also in a circle; without one, all stand right of what they came from."""
    nodes = sorted({node for edge in edges for node in edge} | {"a"})
    found = engine.places(nodes, edges)
    assert len(set(found.values())) == len(nodes)
    acyclic = [edge for edge in edges if edge[0] < edge[1]]
    found = engine.places(nodes, acyclic)
    assert all(found[source].column < found[made].column for source, made in acyclic)


def test_over_rest(api_of, world):
    """An API client gets things and edges."""
    version = publish(world, "raw", kind="upload", file="labo.csv", digest="d")
    answer = api_of("owner").get(reverse("api:datasets:dataset-lineage", args=[version.dataset.pk])).json()
    assert [thing["kind"] for thing in answer["things"]] == ["version", "upload"]
    assert len(answer["edges"]) == 1
