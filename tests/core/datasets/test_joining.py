"""Datasets joined: what is counted before, who may join on what, what is published, and the code that is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from django.test import Client
from rest_framework.test import APIClient

from core import access, datasets, jobs
from core.access.demo import World
from core.datasets.models import DatasetVersion
from core.datasets.services import joining, publishing
from core.datasets.services.lineage import lineage
from core.errors import Invalid

STAYS = {"id": [1, 2, 3, None], "ward": ["A", "B", "A", "C"], "value": [10, 20, 30, 40]}
LABS = {"stay": [1, 1, 2, 9, None], "value": [1.5, 2.5, 3.5, 4.5, 5.5], "name": ["x", "y", "z", "w", "v"]}


def published(world: World, name: str, rows: Any, **more: Any) -> DatasetVersion:
    return datasets.publish(
        world.user["owner"], world.project, name, pa.table(rows), title=name.title(), provenance={}, **more
    )


@pytest.fixture
def stays(world: World) -> DatasetVersion:
    return published(world, "stays", STAYS, sensitivity="open")


@pytest.fixture
def labs(world: World) -> DatasetVersion:
    said = [datasets.Column("name", "Nom", sensitivity="identifying"), datasets.Column("value", unit="mmol/L")]
    return published(world, "labs", LABS, columns=said, sensitivity="health")


def step(version: DatasetVersion, kind: str = "left", keys: Any = (("id", "stay"),)) -> joining.Step:
    return joining.Step(version, kind, keys)


@pytest.mark.parametrize(("kind", "rows"), [("inner", 3), ("left", 5), ("full", 7), ("anti", 2)])
def test_what_is_counted_is_what_comes(
    world: World, stays: DatasetVersion, labs: DatasetVersion, kind: str, rows: int
) -> None:
    """The counts before are those of the rows after, for each kind; a missing key matches nothing."""
    found = joining.preview(world.user["owner"], stays, [step(labs, kind)])
    [counts] = found.counts
    assert (counts.matched, counts.left_only, counts.right_only) == (2, 2, 2)
    assert (counts.left_doubled, counts.right_doubled, counts.rows, len(found.rows)) == (0, 1, rows, rows)
    assert counts.multiplies == (kind != "anti")


@pytest.mark.parametrize("kind", ["inner", "left", "full", "anti"])
def test_the_code_does_what_is_shown(
    world: World, stays: DatasetVersion, labs: DatasetVersion, kind: str, tmp_path: Any, monkeypatch: Any
) -> None:
    """The SQL and the pandas that are shown give the same rows as the preview, outside the suite."""
    if kind == "full":  # in pandas two missing keys are one
        stays = published(world, "stays", {name: values[:3] for name, values in STAYS.items()})
    found = joining.preview(world.user["owner"], stays, [step(labs, kind)])
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    with duckdb.connect() as connection:
        for number, version in enumerate((stays, labs)):
            table = datasets.table(world.user["owner"], version)
            connection.register(joining.view_of(version, number), table)
            table.to_pandas().convert_dtypes().to_parquet(f"{version.dataset.name}-v{version.number}.parquet")
        by_sql = connection.execute(found.sql).fetchall()
    exec(found.pandas, space)  # noqa: S102
    assert list(space["joined"].columns) == found.columns
    expected = sorted(map(repr, found.rows))
    assert sorted(map(repr, by_sql)) == expected
    by_pandas = [[None if pd.isna(value) else value for value in row] for row in space["joined"].to_numpy().tolist()]
    assert sorted(repr(tuple(row)) for row in by_pandas) == expected


def test_keys_are_suggested(world: World, stays: DatasetVersion) -> None:
    """Columns of one name or label and of alike types, with the share of their values that the other has."""
    other = published(world, "wards", {"ID": [1.0, 2.0, 7.0], "ward": ["A", "Z", "Y"], "value": ["a", "b", "c"]})
    found = joining.suggest(world.user["owner"], stays, other)
    assert [(each.left, each.right, round(each.overlap, 2)) for each in found] == [
        ("id", "ID", 0.67), ("ward", "ward", 0.33)
    ]  # fmt: skip


def joined(world: World, api: APIClient, first: DatasetVersion, *steps: Any, **more: Any) -> Any:
    return api.post(
        "/api/v1/datasets/joins/",
        {"first": str(first.pk), "steps": list(steps), "name": "joined", "title": "Joined"} | more,
    )


def as_json(version: DatasetVersion, kind: str = "left", keys: Any = (("id", "stay"),)) -> dict[str, Any]:
    return {"version": str(version.pk), "kind": kind, "keys": [list(pair) for pair in keys]}


def test_over_rest(
    world: World,
    api_of: Callable[[str], APIClient],
    stays: DatasetVersion,
    labs: DatasetVersion,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Previewed, then published by a job: from both, as protected as the stricter, each column as it was."""
    wards = published(world, "wards", {"ward": ["A", "B"], "beds": [10, 20]})
    owner = api_of("owner")
    steps = as_json(labs), as_json(wards, keys=[("ward", "ward")])
    seen = owner.post("/api/v1/datasets/joins/preview/", {"first": str(stays.pk), "steps": list(steps)})
    assert seen.status_code == 200, seen.json()
    assert [each["rows"] for each in seen.json()["counts"]] == [5, 5]
    assert seen.json()["columns"] == ["id", "ward", "value", "value_labs_2", "name", "beds"]
    assert "LEFT JOIN" in seen.json()["sql"]
    with django_capture_on_commit_callbacks(execute=True):
        asked = joined(world, owner, stays, *steps)
    assert asked.status_code == 202
    jobs.run_waiting()
    made = DatasetVersion.objects.get(dataset__name="joined")
    assert (made.row_count, made.sensitivity) == (5, "health")
    assert {column["name"]: column["sensitivity"] for column in made.columns}["name"] == "identifying"
    assert {column["name"]: column["unit"] for column in made.columns}["value_labs_2"] == "mmol/L"
    graph = lineage(world.user["owner"], made.dataset)
    assert {thing.label for thing in graph.things} >= {"Joined v1", "Stays v1", "Labs v1", "Wards v1"}


def test_what_one_may_not_read_is_not_joined_on(
    world: World, api_of: Callable[[str], APIClient], stays: DatasetVersion, labs: DatasetVersion
) -> None:
    """A protected column is no key and isn't in the result of who may not read it; without rows there is no join."""
    researcher = api_of("researcher")
    refused = joined(world, researcher, stays, as_json(labs, keys=[("ward", "name")]))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown")
    seen = researcher.post("/api/v1/datasets/joins/preview/", {"first": str(stays.pk), "steps": [as_json(labs)]})
    assert "name" not in seen.json()["columns"]
    assert (
        api_of("monitor")
        .post("/api/v1/datasets/joins/preview/", {"first": str(stays.pk), "steps": [as_json(labs)]})
        .status_code
        == 403
    )
    assert joined(world, api_of("stranger"), stays, as_json(labs)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"kind": "left", "keys": [["id", "nothing"]]}, "unknown"),
        ({"kind": "left", "keys": [["ward", "stay"]]}, "types"),
        ({"kind": "left", "keys": []}, "count"),
        ({"kind": "cross", "keys": [["id", "stay"]]}, "invalid_choice"),
    ],
)
def test_what_can_not_be_joined(
    world: World, api_of: Callable[[str], APIClient], stays: DatasetVersion, labs: DatasetVersion, asked: Any, code: str
) -> None:
    """Every fault is told with its place, and nothing is made."""
    answer = joined(world, api_of("owner"), stays, {"version": str(labs.pk), **asked})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code
    assert answer.json()["errors"][0]["place"].startswith("steps.0.")


def test_a_name_of_another_case_is_taken(world: World, stays: DatasetVersion) -> None:
    """A column whose name is there but for its case gets the name of its table, and so keeps its own values."""
    other = published(world, "wards", {"id": [1, 2], "WARD": ["x", "y"]})
    last = published(world, "last", {"key": ["x"], "beds": [4]})
    steps = [step(other, "inner", (("id", "id"),)), step(last, "inner", (("WARD_wards_2", "key"),))]
    found = joining.preview(world.user["owner"], stays, steps)
    assert found.columns == ["id", "ward", "value", "WARD_wards_2", "beds"]
    assert found.rows == [(1, "A", 10, "x", 4)]


def test_columns_that_only_case_tells_apart(
    world: World, stays: DatasetVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dataset that has such columns already isn't joined: by the name of one SQL would get the other."""
    monkeypatch.setattr(publishing, "told_apart_by_case", lambda _names: [])
    old = published(world, "old", {"id": [1], "nir": ["1"], "NIR": ["x"]})
    for first, other in ((stays, old), (old, stays)):
        with pytest.raises(Invalid) as refused:
            joining.preview(world.user["owner"], first, [step(other, "inner", (("id", "id"),))])
        assert {fault.code for fault in refused.value.faults} == {"case"}


def test_too_many_rows_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that all rows share would make a table of their product: counted before, and refused in words."""
    monkeypatch.setattr(joining, "MOST_ROWS", 100)
    same = published(world, "same", {"id": [1] * 20})
    with pytest.raises(Invalid, match="400"):
        joining.publish(
            world.user["owner"], same, [step(same, "inner", (("id", "id"),))], name="much", title="Much",
            report=lambda _done, _total: None, fenced=None, keep=None,
        )  # fmt: skip
    assert not DatasetVersion.objects.filter(dataset__name="much").exists()


def test_in_the_browser(
    world: World,
    client_of: Callable[[str], Client],
    stays: DatasetVersion,
    labs: DatasetVersion,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Choose, see the suggested keys, the counts, the warning, the rows and the code; publish, and follow the work."""
    del stays, labs
    client, page = client_of("owner"), f"/projects/{world.project.slug}/datasets/new/join/"
    assert "stays:1" in client.get(page).text
    chosen = client.get(f"{page}?first=stays:1&with0=labs:1").text
    assert "labs_2" not in chosen
    query = "?first=stays:1&with0=labs:1&kind0=left&ours0=id&theirs0=stay"
    seen = client.get(page + query)
    assert seen.status_code == 200
    for word in ("LEFT JOIN", "read_parquet", "mult", ">5<"):
        assert word in seen.text, word
    wrong = client.get(f"{page}?first=stays:1&with0=labs:1&kind0=anti&ours0=ward&theirs0=stay")
    assert (wrong.status_code, 'value="anti" checked' in wrong.text) == (422, True)
    assert client.get(f"{page}?first=stays:{'9' * 5000}").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post(page + query, {"name": "joined", "title": "Joined"})
    assert asked.status_code == 303
    assert client.get(asked["Location"]).status_code == 200
    jobs.run_waiting()
    assert DatasetVersion.objects.get(dataset__name="joined").row_count == 5
    assert client.post(page + query, {"name": "Not good", "title": ""}).status_code == 422
    assert client_of("researcher").get(page).status_code == 200
    assert client_of("monitor").get(page).status_code == 403
    assert access.abilities(world.user["stranger"], world.project) == frozenset()
    assert client_of("stranger").get(page).status_code == 404
