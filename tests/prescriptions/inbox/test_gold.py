"""Gold data: planted identifying data never leaves, whatever it is written in; a person decides of what is held."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from core import datasets, jobs
from core.access.demo import World
from core.datasets.models import DatasetVersion
from core.errors import Conflict
from prescriptions import gold, queries, services
from prescriptions.engine import identifying
from prescriptions.models import Document, Line

ClientOf = Callable[[str], Client]
PLANTED = {
    "name": "DOLIPRANE 1 g : 1 cp le soir pour Mme Durand",
    "birth": "LASILIX 40 mg 1 cp le matin, patiente née le 04/05/1961",
    "nir": "KARDEGIC 75 mg 1 sachet par jour 2 61 05 75 123 456 78",
    "phone": "SERESTA 50 mg 1/2 cp le soir, appeler le 06 39 98 12 34",
    "mail": "RAMIPRIL 5 mg 1 cp le matin jeanne.durand@exemple.fr",
    "address": "AMLODIPINE 5 mg 1 cp le matin, livrer 12 rue des Lilas",
    "number": "BISOPROLOL 5 mg 1 cp le matin RPPS 10001234567",
}
HARMLESS = "METFORMINE 1000 mg : 1 cp matin et soir au cours du repas, QSP 3 mois"


def reviewed(world: World, text: str) -> Document:
    document = services.structure_text(world.user["owner"], world.project, text)
    for line in queries.lines_of(document):
        services.settle_line(world.user["owner"], line, Line.State.VALIDATED, line.revision)
    return services.validate_document(world.user["owner"], document)


def published(world: World) -> list[dict[str, str]]:
    services.start_gold(world.user["owner"], world.project)
    jobs.run_waiting()
    version = DatasetVersion.objects.filter(dataset__name=gold.DATASET).latest("number")
    rows: list[dict[str, str]] = datasets.table(world.user["owner"], version).to_pylist()
    return rows


@pytest.mark.parametrize("kind", PLANTED)
def test_each_kind_is_seen(kind: str) -> None:
    """Each kind of identifying data is suspicious, and a line of medicines without any is not."""
    assert kind in {each.kind for each in identifying.suspicions(PLANTED[kind])}
    assert identifying.suspicions(HARMLESS) == []
    assert identifying.suspicions("NOVORAPID : 10-8-12 UI") == []  # three doses, and no date


def test_harmless_lines_pass() -> None:
    """Of the posologies that specify the grammar, nearly none is held back."""
    from tests.prescriptions.test_cases import CASES

    lines = [case["text"] for case in CASES if case["type"] == "line"]
    held = [text for text in lines if identifying.suspicions(text)]
    assert len(held) <= len(lines) * 0.1, held


def test_planted_data_never_leave(world: World) -> None:
    """Only lines without suspicion leave; of the rest of the prescription, nothing ever does."""
    reviewed(world, "Docteur Claire FICTIVE\nM. Paul FICTIF\n" + HARMLESS)
    for text in PLANTED.values():
        reviewed(world, text)
    rows = published(world)
    assert [row["text"] for row in rows] == [HARMLESS]
    whole = json.dumps(rows, ensure_ascii=False)
    for secret in ("Durand", "FICTIF", "FICTIVE", "1961", "06 39", "@", "Lilas", "10001234567"):
        assert secret not in whole
    expected = json.loads(rows[0]["expected"])
    assert expected["name"] == "METFORMINE"
    span = next(each for each in json.loads(rows[0]["spans"]) if each["path"] == "name")
    assert rows[0]["text"][span["start"] : span["end"]] == "METFORMINE"


def test_names_of_the_head_are_known(world: World) -> None:
    """A name that stands in the head of the prescription is seen in its lines, without any title."""
    reviewed(world, "M. Paul Fictif, né le 04/05/1961\nDOLIPRANE 1 g : 1 cp le soir à donner par fictif")
    [found] = gold.candidates(world.project)
    assert found.is_held


def test_what_a_correction_brings_in_is_seen(world: World) -> None:
    """Words that a person typed into a field are looked at as the text is."""
    document = services.structure_text(world.user["owner"], world.project, HARMLESS)
    [line] = queries.lines_of(document)
    remark = "voir Mme Durand au 06 39 98 12 34"
    line = services.correct_line(world.user["owner"], line, "dosage.0.additional", remark, line.revision)
    services.settle_line(world.user["owner"], line, Line.State.VALIDATED, line.revision)
    services.validate_document(world.user["owner"], document)
    [found] = gold.candidates(world.project)
    assert found.is_held
    assert found.hidden
    assert published(world) == []


def test_a_person_decides(world: World, client_of: ClientOf) -> None:
    """What is let go leaves, what stays stays, and a line that changed since is looked at again."""
    document = reviewed(world, PLANTED["birth"])
    url = reverse("prescriptions:gold", args=[world.project.slug])
    assert "<mark>" in client_of("owner").get(url).content.decode()
    [line] = queries.lines_of(document)
    decide = reverse("prescriptions:gold_decide", args=[world.project.slug, line.pk])
    client_of("owner").post(decide, {"leaves": "yes", "revision": line.revision})
    assert [row["text"] for row in published(world)] == [line.read.text]
    with pytest.raises(Conflict):
        services.clear_line(world.user["owner"], line, leaves=True, revision=line.revision + 1)
    services.reopen_document(world.user["owner"], document)
    line = services.correct_line(world.user["owner"], line, "dosage.0.dose", "2 cp", line.revision)
    services.settle_line(world.user["owner"], line, Line.State.VALIDATED, line.revision)
    services.validate_document(world.user["owner"], document)
    assert next(gold.candidates(world.project)).is_held


def test_who_may(world: World, client_of: ClientOf) -> None:
    """A permission of its own: whoever only exports validated lines publishes no gold data."""
    for who in ("researcher", "member", "stranger"):
        with pytest.raises(PermissionDenied):
            services.start_gold(world.user[who], world.project)
    url = reverse("prescriptions:gold", args=[world.project.slug])
    assert [client_of(who).get(url).status_code for who in ("owner", "researcher", "stranger")] == [200, 403, 404]
