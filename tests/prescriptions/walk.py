"""Who reaches the prescriptions: people with the whole project, never those of one site or elsewhere."""

from __future__ import annotations

import json
from typing import Any

from core import jobs
from core.access.demo import World
from prescriptions import services
from prescriptions.models import CaseSet, Document, Line, Run
from tests.prescriptions.conftest import TEXT
from tests.walk import EMPTY, SIGNED_IN, Route, in_project

READERS = {"owner": 200, "researcher": 200}
WRITERS = {"owner": 302, "researcher": 302}
OTHERS = dict.fromkeys(("member", "other_site", "monitor", "administrator"), 403)
"""They see the project, and not that tool in it."""


def made(world: World) -> Document:
    return services.structure_text(world.user["owner"], world.project, TEXT)


def document(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": made(world).pk}


def deleted(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": services.delete_document(world.user["owner"], made(world)).pk}


def settled(world: World) -> dict[str, Any]:
    paper = made(world)
    for line in Line.objects.filter(document=paper).select_related("document__project"):
        services.settle_line(world.user["owner"], line, Line.State.VALIDATED, 0)
    return in_project(world) | {"pk": paper.pk}


def line(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": Line.objects.get(document=made(world), position=1).pk}


CASES = b'{"id": "1", "text": "1 cp matin et soir", "category": "am", "expected": {"dosage": [{"dose": {"value": 2}}]}}'


def case_set(world: World) -> CaseSet:
    return services.add_set(world.user["owner"], world.project, "Set", CASES)


def a_set(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": case_set(world).pk}


def finished_run(world: World) -> Run:
    run, _job = services.start_run(world.user["owner"], case_set(world), "grammar")
    jobs.run_waiting()
    return run


def a_run(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": finished_run(world).pk}


def pk(place: Any) -> Any:
    return lambda world: {"pk": place(world)["pk"]}


CORRECTION = {"field": "dosage.0.dose", "words": "2 comprimés", "revision": 0}
SETTLED = {"state": "validated", "revision": 0}
PASTED = {"project": "etude-sepsis", "text": TEXT}
NOT_THEIRS = dict.fromkeys(("member", "other_site", "monitor", "administrator"), 403)
UNKNOWN_PROJECT = {"stranger": 422}
"""To a stranger the project's slug is as unknown as any other."""

ROUTES = [
    Route("prescriptions:home", in_project, READERS | OTHERS),
    Route("prescriptions:new", in_project, READERS | OTHERS),
    Route("prescriptions:deleted", in_project, READERS | OTHERS),
    Route("prescriptions:export", in_project, WRITERS | OTHERS, method="post"),
    Route("prescriptions:document", document, READERS),
    Route("prescriptions:finish", settled, WRITERS, method="post"),
    Route("prescriptions:reopen", document, WRITERS, method="post"),
    Route("prescriptions:delete", document, WRITERS, method="post"),
    Route("prescriptions:restore", deleted, WRITERS, method="post"),
    Route("prescriptions:correct", line, WRITERS, method="post", data=CORRECTION),
    Route("prescriptions:settle", line, WRITERS, method="post", data=SETTLED),
    Route("prescriptions:evaluation", in_project, READERS | OTHERS),
    Route("prescriptions:new_case_set", in_project, READERS | OTHERS),
    Route("prescriptions:own_case_set", in_project, WRITERS | OTHERS, method="post", data={"which": "own"}),
    Route("prescriptions:case_set", a_set, READERS | OTHERS),
    Route("prescriptions:delete_case_set", a_set, WRITERS | OTHERS, method="post"),
    Route("prescriptions:run", a_run, READERS | OTHERS),
    Route("prescriptions:run_cases", a_run, READERS | OTHERS),
    Route("prescriptions:run_case", lambda world: a_run(world) | {"position": 1}, READERS | OTHERS),
    Route("prescriptions:compare_runs", a_run, WRITERS | OTHERS),
    Route("prescriptions:export_run", lambda world: a_run(world) | {"kind": "csv"}, READERS | OTHERS),
    Route("api:prescriptions:structure", allowed=READERS | NOT_THEIRS | UNKNOWN_PROJECT, method="post", data=PASTED,
        api=True),
    Route("api:prescriptions:export", allowed={"owner": 202, "researcher": 202} | NOT_THEIRS | UNKNOWN_PROJECT,
        method="post",
          data={"project": "etude-sepsis"}, api=True),
    Route("api:prescriptions:document-list", allowed=SIGNED_IN, api=True),
    Route("api:prescriptions:document-list", allowed={"owner": 201, "researcher": 201} | NOT_THEIRS | UNKNOWN_PROJECT,
        method="post",
          data=PASTED, api=True),
    Route("api:prescriptions:document-detail", pk(document), READERS, api=True),
    Route("api:prescriptions:document-detail", pk(document), {"owner": 204, "researcher": 204}, method="delete",
        api=True),
    Route("api:prescriptions:document-finish", pk(settled), READERS, method="post", api=True),
    Route("api:prescriptions:document-reopen", pk(document), READERS, method="post", api=True),
    Route("api:prescriptions:document-restore", pk(deleted), READERS, method="post", api=True),
    Route("api:prescriptions:line-detail", pk(line), READERS, api=True),
    Route("api:prescriptions:line-correct", pk(line), READERS, method="post", data=CORRECTION, api=True),
    Route("api:prescriptions:line-settle", pk(line), READERS, method="post", data=SETTLED, api=True),
    Route("api:prescriptions:case-set-list", allowed=SIGNED_IN, api=True),
    Route("api:prescriptions:case-set-list", allowed={"owner": 201, "researcher": 201} | NOT_THEIRS | UNKNOWN_PROJECT,
        method="post", data={"project": "etude-sepsis", "name": "Set", "cases": [json.loads(CASES)]}, api=True),
    Route("api:prescriptions:case-set-detail", pk(a_set), READERS, api=True),
    Route("api:prescriptions:case-set-detail", pk(a_set), {"owner": 204, "researcher": 204}, method="delete", api=True),
    Route("api:prescriptions:run-list", allowed=SIGNED_IN, api=True),
    Route("api:prescriptions:run-detail", pk(a_run), READERS, api=True),
    Route("api:prescriptions:run-cases", pk(a_run), READERS, api=True),
    Route("api:prescriptions:document-bulk", allowed=EMPTY, method="post", api=True),
]  # fmt: skip
