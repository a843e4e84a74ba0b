"""Analyses and questions over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.access.demo import World
from core.datasets.models import DatasetVersion
from lowcode.engine.shape import SCHEMA
from lowcode.models import Analysis
from tests.lowcode.conftest import BY_SEX, HOSTILE, asked
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
Api = Callable[[str], APIClient]
QUERY, ANALYSES = "/api/v1/lowcode/query/", "/api/v1/lowcode/analyses/"


def question(**parts: Any) -> dict[str, Any]:
    return {"project": "etude-sepsis", "query": asked(**parts)}


def test_a_question_is_answered_with_its_code(api_of: Api, version: DatasetVersion) -> None:
    """Values, their words, the chart, the code for three uses and the steps in words, in the language asked for."""
    answer = api_of("researcher").post(QUERY, question(), headers={"Accept-Language": "fr"}).json()
    assert [column["title"] for column in answer["columns"]] == [
        "Sexe",
        "Nombre de lignes",
        "Moyenne de Lactate (mmol/L)",
    ]
    assert [row[:2] for row in answer["rows"]] == [["F", 30], ["M", 30]]
    assert answer["texts"][0][0] == "Femme"
    assert answer["chart"]["kind"] == "bar"
    assert answer["chart"]["specification"]["$schema"].endswith("vega-lite/v6.json")
    assert answer["code"]["sql"].startswith("SELECT")
    assert answer["code"]["python"].startswith("import ibis")
    assert answer["explanation"][0].startswith("Prend les lignes")


def test_the_answer_speaks_english(api_of: Api, world: World, version: DatasetVersion) -> None:
    """The same answer in English for an English reader."""
    world.user["researcher"].language = "en"
    world.user["researcher"].save()
    answer = api_of("researcher").post(QUERY, question(), headers={"Accept-Language": "en"}).json()
    assert answer["columns"][1]["title"] == "Number of rows"
    assert answer["explanation"][0].startswith("Takes the rows")


def test_every_fault_has_its_place(api_of: Api, version: DatasetVersion) -> None:
    """A query with three faults is refused with three, each at its path in the JSON, in French."""
    bad = question(by=[{"column": "sexe"}, {"column": "ward", "bin": {"width": 2}}], order=[{"by": "nothing"}])
    response = api_of("owner").post(QUERY, bad, headers={"Accept-Language": "fr"})
    assert response.status_code == 422
    problem = response.json()
    assert {fault["place"]: fault["code"] for fault in problem["errors"]} == {
        "query.by.0.column": "unknown_column",
        "query.by.1.bin": "bin_unsuited",
        "query.order.0.by": "unknown_output",
    }
    assert "«" in problem["errors"][0]["message"]


@pytest.mark.parametrize(
    "query",
    [None, [], "x", {}, {"source": {"dataset": "nothing"}}, {"source": {"dataset": "inclusions", "version": 99}}],
)
def test_nonsense_is_refused(api_of: Api, version: DatasetVersion, query: Any) -> None:
    """What is no query, or asks what isn't there, is a 422 with faults and never a crash."""
    response = api_of("owner").post(QUERY, {"project": "etude-sepsis", "query": query})
    assert response.status_code == 422
    assert response.json()["errors"]


def test_an_analysis_over_rest(api_of: Api, version: DatasetVersion) -> None:
    """Made, read, saved, run, duplicated and deleted by one client."""
    api = api_of("researcher")
    made = api.post(ANALYSES, question() | {"name": "Lactate", "chart": {"kind": "bar"}}).json()
    address = f"{ANALYSES}{made['id']}/"
    assert api.get(address).json()["query"]["by"][0]["column"] == "sex"
    body = {"name": "Lactate par sexe", "query": BY_SEX, "revision": made["revision"]}
    assert api.put(address, body).json()["revision"] == 2
    assert api.put(address, body).status_code == 409
    assert api.post(f"{address}run/").json()["rows"][0][1] == 30
    assert api.post(f"{address}duplicate/").json()["name"].startswith("Lactate par sexe (")
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404


def test_an_analysis_is_exported_as_csv(api_of: Api, analysis: Analysis) -> None:
    """A file to download; for a picture nothing but the journal's entry."""
    api = api_of("researcher")
    response = api.post(f"{ANALYSES}{analysis.pk}/export/", {"format": "csv"})
    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    assert api.post(f"{ANALYSES}{analysis.pk}/export/", {"format": "svg"}).status_code == 204
    assert api.post(f"{ANALYSES}{analysis.pk}/export/", {"format": "exe"}).status_code == 422


def test_a_viewer_gets_the_masked_result_and_not_the_question(api_of: Api, world: World, analysis: Analysis) -> None:
    """Who may not read the data sees the last result without small counts; a question about a person stays hidden."""
    api = api_of("owner")
    about = {"match": "all", "items": [{"column": "subject", "is": "equals", "value": "BRO-001"}]}
    body = {"name": "Un patient", "query": asked(where=about), "revision": 1}
    address = f"{ANALYSES}{analysis.pk}/"
    assert api_of("researcher").put(address, body).status_code == 422  # who may not read names can't ask for one
    assert api.put(address, body).status_code == 200
    assert api.post(f"{address}run/").json()["rows"]
    seen = api_of("monitor").post(f"{address}run/").json()
    assert seen["rows"][0][1] == {"special": "masked"}
    assert (seen["query"], seen["code"], seen["explanation"]) == (None, None, [])
    assert api_of("monitor").get(address).json()["query"] is None
    assert "BRO-001" not in str(seen)


def test_hostile_labels_are_text(api_of: Api, version: DatasetVersion) -> None:
    """A column called like a script comes back as JSON text and in no field of the chart."""
    answer = api_of("owner").post(QUERY, question(by=[{"column": HOSTILE}])).json()
    assert answer["columns"][0]["title"] == HOSTILE
    assert answer["chart"]["specification"]["encoding"]


def test_the_schema_is_served(api_of: Api, world: World) -> None:
    """Clients find the language of queries where the documentation says."""
    assert api_of("owner").get("/api/v1/lowcode/schema/").json() == SCHEMA


def test_lists_take_the_same_number_of_queries(api_of: Api, world: World, analysis: Analysis) -> None:
    """Twenty-one analyses are listed with as many queries as one."""
    api = api_of("owner")
    one = queries_of(api, ANALYSES)
    for number in range(20):
        Analysis.objects.create(
            project=world.project,
            owner=world.user["owner"],
            name=f"n° {number}",
            dataset=analysis.dataset,
            query=BY_SEX,
        )
    assert queries_of(api, ANALYSES) == one
    assert len(api.get(ANALYSES).json()["results"]) == 21
