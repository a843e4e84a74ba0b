"""The evaluation over REST: a set is added, a reader run over it as a job, its figures and cases read."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from rest_framework.test import APIClient

from core import jobs
from core.access.demo import World
from prescriptions.engine.evaluation import own
from prescriptions.engine.evaluation.case import write_case
from prescriptions.models import CaseSet, Run

ApiOf = Callable[[str], APIClient]


def address(name: str, *args: object) -> str:
    return reverse(f"api:prescriptions:{name}", args=args)


def test_from_a_set_to_its_figures(world: World, api_of: ApiOf) -> None:
    """POST a set and a run: 201 and 202 with a job; then the figures and each case, with the texts only there."""
    client = api_of("researcher")
    cases = [write_case(case) for case in own.cases()[:10]]
    asked = {"project": world.project.slug, "name": "Ten", "cases": cases}
    added = client.post(address("case-set-list"), asked, format="json")
    assert added.status_code == 201
    assert added.json()["count"] == 10
    started = client.post(address("run-list"), {"case_set": added.json()["id"], "model": "grammar"}, format="json")
    assert started.status_code == 202
    assert started.json()["job"]
    jobs.run_waiting()
    run = Run.objects.get()
    found = client.get(address("run-detail", run.pk)).json()
    assert found["line_exact"] == found["report"]["line_exact"] == 1.0
    listed = client.get(address("run-list")).content.decode()
    assert cases[0]["text"] not in listed
    shown = client.get(address("run-cases", run.pk)).json()
    assert [one["outcome"]["text"] for one in shown] == [case["text"] for case in cases]


def test_refusals(world: World, api_of: ApiOf) -> None:
    """A bad case is 422 with its fault, an unknown reader 422, a set of somebody else's 404; nothing is kept."""
    client = api_of("researcher")
    asked = {"project": world.project.slug, "name": "Bad", "cases": [{"id": "1"}]}
    assert client.post(address("case-set-list"), asked, format="json").status_code == 422
    assert not CaseSet.objects.exists()
    good = asked | {"cases": [write_case(own.cases()[0])]}
    made = client.post(address("case-set-list"), good, format="json").json()["id"]
    oracle = {"case_set": made, "model": "oracle"}
    assert client.post(address("run-list"), oracle, format="json").status_code == 422
    stranger = api_of("stranger").post(address("run-list"), {"case_set": made, "model": "grammar"}, format="json")
    assert stranger.status_code == 404
    assert not Run.objects.exists()
