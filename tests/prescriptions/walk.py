"""Who reaches the prescriptions: people with the whole project, never those of one site or elsewhere."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from prescriptions import services
from prescriptions.engine.reference.starting import starter
from prescriptions.models import Document, Line
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


def known(world: World) -> dict[str, Any]:
    return {"cis": starter().products[0].cis}


def medicine(world: World) -> dict[str, Any]:
    return in_project(world) | known(world)


def edition(world: World) -> dict[str, Any]:
    return {"pk": services.keep_reference(None, starter(), "here").pk}


def pk(place: Any) -> Any:
    return lambda world: {"pk": place(world)["pk"]}


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
    Route("prescriptions:document", document, READERS),
    Route("prescriptions:finish", settled, WRITERS, method="post"),
    Route("prescriptions:reopen", document, WRITERS, method="post"),
    Route("prescriptions:delete", document, WRITERS, method="post"),
    Route("prescriptions:restore", deleted, WRITERS, method="post"),
    Route("prescriptions:correct", line, WRITERS, method="post", data=CORRECTION),
    Route("prescriptions:settle", line, WRITERS, method="post", data=SETTLED),
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
    Route("api:prescriptions:document-bulk", allowed=EMPTY, method="post", api=True),
]  # fmt: skip
