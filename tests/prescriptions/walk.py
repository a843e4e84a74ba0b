"""Who reaches the prescriptions: people with the whole project, never those of one site or elsewhere."""

from __future__ import annotations

import io
import json
from typing import Any

from core import jobs
from core.access.demo import World
from prescriptions import services
from prescriptions.engine.reference.starting import starter
from prescriptions.models import Batch, CaseSet, Document, Line, Run
from prescriptions.services.reconciliations import mark_of
from tests.prescriptions.conftest import TEXT
from tests.prescriptions.inbox.papers import pdf
from tests.walk import EMPTY, SIGNED_IN, Route, in_project

READERS = {"owner": 200, "researcher": 200}
WRITERS = {"owner": 302, "researcher": 302}
SEEN_OTHER = {"owner": 303, "researcher": 303}
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


def known(world: World) -> dict[str, Any]:
    return {"cis": starter().products[0].cis}


def medicine(world: World) -> dict[str, Any]:
    return in_project(world) | known(world)


def edition(world: World) -> dict[str, Any]:
    return {"pk": services.keep_reference(None, starter(), "here").pk}


def second_line(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": Line.objects.get(document=made(world), position=2).pk}


def scanned(world: World) -> dict[str, Any]:
    """The first page of a prescription that was read from a file."""
    sent = batch_of(world)
    services.read_batch(world.user["owner"], sent)
    jobs.run_waiting()
    return in_project(world) | {"pk": sent.items.get().document_id, "number": 1}


def batch_of(world: World, data: bytes = b"") -> Batch:
    sent = services.start_batch(world.user["owner"], world.project)
    services.add_files(world.user["owner"], sent, [("a.pdf", io.BytesIO(data or pdf(str(sent.pk))))])
    return sent


def batch(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": batch_of(world).pk}


def failed(world: World) -> dict[str, Any]:
    sent = batch_of(world, b"nothing")
    services.read_batch(world.user["owner"], sent)
    jobs.run_waiting()
    return in_project(world) | {"pk": sent.pk}


CASES = b'{"id": "1", "text": "1 cp matin et soir", "category": "am", "expected": {"dosage": [{"dose": {"value": 2}}]}}'


def case_set(world: World) -> CaseSet:
    return services.add_set(world.user["owner"], world.project, f"Set {CaseSet.objects.count()}", CASES)


def a_set(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": case_set(world).pk}


def finished_run(world: World) -> Run:
    run, _job = services.start_run(world.user["owner"], case_set(world), "grammar")
    jobs.run_waiting()
    return run


def a_run(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": finished_run(world).pk}


def a_generation(world: World) -> dict[str, Any]:
    made, _job = services.start_generation(world.user["owner"], world.project, services.Wanted(2))
    jobs.run_waiting()
    return in_project(world) | {"pk": made.pk}


def pk(place: Any) -> Any:
    return lambda world: {"pk": place(world)["pk"]}


def reviewed(world: World) -> dict[str, Any]:
    place = settled(world)
    services.validate_document(world.user["owner"], Document.objects.get(pk=place["pk"]))
    return place


def exported(world: World) -> dict[str, Any]:
    return reviewed(world) | {"form": "fhir"}


def two(world: World) -> tuple[Document, Document]:
    return made(world), made(world)


def kept(world: World) -> dict[str, Any]:
    before, after = two(world)
    owner = world.user["owner"]
    found = services.compare_documents(owner, before, after)
    decisions = [("continue", "")] * len(found.changes)
    return in_project(world) | {
        "pk": services.keep_reconciliation(owner, before, after, decisions, seen=mark_of(found)).pk
    }


CORRECTION = {"field": "dosage.0.dose", "words": "2 comprimés", "revision": 0}
SETTLED = {"state": "validated", "revision": 0}
PASTED = {"project": "etude-sepsis", "text": TEXT}
NOT_THEIRS = dict.fromkeys(("member", "other_site", "monitor", "administrator"), 403)
ANYWHERE = {**READERS, "stranger": 200}
"""Medicines are public facts: shown to who reads prescriptions in any project, his own for instance."""
UNKNOWN_PROJECT = {"stranger": 422}
"""To a stranger the project's slug is as unknown as any other."""

ROUTES = [
    Route("prescriptions:home", in_project, READERS | OTHERS),
    Route("prescriptions:new", in_project, READERS | OTHERS),
    Route("prescriptions:medicines", in_project, READERS | OTHERS),
    Route("prescriptions:medicine", medicine, READERS | OTHERS),
    Route("medicines:editions", allowed={"administrator": 200}),
    Route("medicines:editions", allowed={"administrator": 422}, method="post", data={"address": "http://example.org/"}),
    Route("medicines:use", edition, {"administrator": 303}, method="post"),
    Route("api:prescriptions:medicines", allowed=ANYWHERE, api=True),
    Route("api:prescriptions:medicine", known, ANYWHERE, api=True),
    Route("api:prescriptions:references", allowed=ANYWHERE, api=True),
    Route("prescriptions:deleted", in_project, READERS | OTHERS),
    Route("prescriptions:export", in_project, WRITERS | OTHERS, method="post"),
    Route("prescriptions:assign", in_project, SEEN_OTHER | OTHERS, method="post"),
    Route("prescriptions:delete_selected", in_project, SEEN_OTHER | OTHERS, method="post"),
    Route("prescriptions:restore_selected", in_project, SEEN_OTHER | OTHERS, method="post"),
    Route("prescriptions:receive", in_project, WRITERS | OTHERS, method="post"),
    Route("prescriptions:batch", batch, READERS),
    Route("prescriptions:read", batch, SEEN_OTHER, method="post"),
    Route("prescriptions:retry", failed, SEEN_OTHER, method="post"),
    Route("prescriptions:drop", failed, SEEN_OTHER, method="post"),
    Route("prescriptions:statistics", in_project, READERS | OTHERS),
    Route("prescriptions:rules", in_project, {"owner": 302, "researcher": 403} | OTHERS, method="post"),
    Route("prescriptions:begin", document, WRITERS, method="post"),
    Route("prescriptions:readings", document, WRITERS),
    Route("prescriptions:readings", document, WRITERS, method="post"),
    Route("prescriptions:gold", in_project, {"owner": 200, "researcher": 403} | OTHERS),
    Route("prescriptions:gold_publish", in_project, {"owner": 302, "researcher": 403} | OTHERS, method="post"),
    Route("prescriptions:gold_decide", line, {"owner": 302, "researcher": 403}, method="post",
        data={"leaves": "no", "revision": 0}),
    Route("prescriptions:document", document, READERS),
    Route("prescriptions:page", scanned, READERS),
    Route("prescriptions:add", document, WRITERS, method="post", data={"start": 0, "end": 5}),
    Route("prescriptions:undo", document, WRITERS, method="post"),
    Route("prescriptions:redo", document, WRITERS, method="post"),
    Route("prescriptions:choose", line, WRITERS, method="post", data={"cis": "", "revision": 0}),
    Route("prescriptions:opinion", line, WRITERS, method="post", data={"revision": 0}),
    Route("prescriptions:split", line, READERS),
    Route("prescriptions:split", line, WRITERS, method="post", data={"at": 60, "revision": 0}),
    Route("prescriptions:merge", second_line, WRITERS, method="post", data={"revision": 0}),
    Route("prescriptions:plan", document, READERS),
    Route("prescriptions:plan_pdf", document, READERS),
    Route("prescriptions:file", exported, READERS),
    Route("prescriptions:files", in_project, READERS | OTHERS),
    Route("prescriptions:reconciliations", in_project, READERS | OTHERS),
    Route("prescriptions:compare", in_project, READERS | OTHERS),
    Route("prescriptions:reconciliation", kept, READERS),
    Route("prescriptions:reconciliation_pdf", kept, READERS),
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
    Route("prescriptions:synthetic", in_project, READERS | OTHERS),
    Route("prescriptions:new_generation", in_project, READERS | OTHERS),
    Route("prescriptions:preview_generation", in_project, READERS | OTHERS),
    Route("prescriptions:generation", a_generation, READERS | OTHERS),
    Route("prescriptions:generation_file", a_generation, READERS | OTHERS),
    Route("prescriptions:delete_generation", a_generation, WRITERS | OTHERS, method="post"),
    Route("api:prescriptions:synthetic-list", allowed=SIGNED_IN, api=True),
    Route("api:prescriptions:synthetic-list", allowed={"owner": 202, "researcher": 202} | NOT_THEIRS | UNKNOWN_PROJECT,
        method="post", data={"project": "etude-sepsis", "count": 2}, api=True),
    Route("api:prescriptions:synthetic-detail", pk(a_generation), READERS, api=True),
    Route("api:prescriptions:synthetic-detail", pk(a_generation), {"owner": 204, "researcher": 204}, method="delete",
        api=True),
    Route("api:prescriptions:synthetic-file", pk(a_generation), READERS, api=True),
    Route("api:prescriptions:synthetic-use", pk(a_generation), {"owner": 201, "researcher": 201}, method="post",
        data={"name": "Test", "split": ""}, api=True),
    Route("api:prescriptions:structure", allowed=READERS | NOT_THEIRS | UNKNOWN_PROJECT, method="post", data=PASTED,
        api=True),
    Route("api:prescriptions:export", allowed={"owner": 202, "researcher": 202} | NOT_THEIRS | UNKNOWN_PROJECT,
        method="post",
          data={"project": "etude-sepsis"}, api=True),
    Route("api:prescriptions:analysis-list", allowed={"owner": 201, "researcher": 201} | NOT_THEIRS | UNKNOWN_PROJECT,
        method="post", data=PASTED, api=True),
    Route("api:prescriptions:analysis-detail", pk(document), READERS, api=True),
    Route("api:prescriptions:document-undo", pk(document), READERS, method="post", api=True),
    Route("api:prescriptions:document-redo", pk(document), READERS, method="post", api=True),
    Route("api:prescriptions:document-add", pk(document), {"owner": 422, "researcher": 422}, method="post",
        data={"start": 20, "end": 80}, api=True),
    Route("api:prescriptions:line-opinion", pk(line), {"owner": 422, "researcher": 422}, method="post",
        data={"revision": 0}, api=True),
    Route("api:prescriptions:line-split", pk(line), READERS, method="post", data={"at": 90, "revision": 0}, api=True),
    Route("api:prescriptions:line-merge", pk(second_line), READERS, method="post", data={"revision": 0}, api=True),
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
    Route("api:prescriptions:document-fhir", pk(reviewed), READERS, api=True),
    Route("api:prescriptions:document-csv", pk(reviewed), READERS, api=True),
    Route("api:prescriptions:document-pn13", pk(reviewed), READERS, api=True),
    Route("api:prescriptions:document-plan", pk(document), READERS, api=True),
    Route("api:prescriptions:document-plan-pdf", pk(document), READERS, api=True),
    Route("api:prescriptions:dataset", allowed={"owner": 202, "researcher": 202} | NOT_THEIRS | UNKNOWN_PROJECT,
        method="post", data={"project": "etude-sepsis", "form": "omop"}, api=True),
    Route("api:prescriptions:reconciliation-list", allowed=SIGNED_IN, api=True),
    Route("api:prescriptions:reconciliation-list", allowed=EMPTY, method="post", api=True),
    Route("api:prescriptions:reconciliation-detail", pk(kept), READERS, api=True),
    Route("api:prescriptions:reconciliation-compare", allowed=EMPTY, method="post", api=True),
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
