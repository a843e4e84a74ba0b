"""Second opinions in the product: asked in a job where a line isn't sure, shown beside it, taken by a person alone.

The server is the stand-in of `conftest`: no language model is part of these tests.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core import jobs
from core.access.demo import World
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from prescriptions import llm, opinions, services
from prescriptions.engine import encode, read_line
from prescriptions.engine.opinions import offering, quoting
from prescriptions.models import Document, Line
from prescriptions.services import opinions as asking
from tests.prescriptions.conftest import TEXT
from tests.prescriptions.opinions.conftest import StandIn

AGREES = {"name": "SERESTA", "strength": "50", "steps": [{"dose": "1/2 cp", "when": "le soir"}]}
RAMIPRIL = "RAMIPRIL 1,25 : 1 cp le matin, 2 cp le soir"
OTHER = {
    "name": "RAMIPRIL", "strength": "1,25",
    "steps": [{"dose": "2 cp", "when": "le matin"}, {"dose": "1 cp", "when": "le soir"}],
}  # fmt: skip
"""All words of the line, put together wrongly: the grammar reads them, and only a person sees what is wrong."""


@pytest.fixture
def asked(world: World, ollama: StandIn, settings: Any) -> StandIn:
    """A project that has its unsure lines read a second time."""
    settings.OLLAMA_URL, settings.OLLAMA_MODEL = ollama.url, "stand-in"
    services.set_rules(world.user["owner"], world.project, double=False, opinions=True)
    return ollama


def structured(world: World, text: str = TEXT) -> list[Line]:
    """The lines of the prescription, once all jobs are done."""
    document = services.structure_text(world.user["researcher"], world.project, text)
    jobs.run_waiting()
    return list(Line.objects.filter(document=document).select_related("document__project").order_by("position"))


def test_only_unsure_lines_are_asked_about(world: World, asked: StandIn) -> None:
    """The sure line isn't sent; the unsure one is, and what agrees is kept without moving a value."""
    asked.says(AGREES)
    sure, unsure = structured(world)
    assert [each["messages"][1]["content"] for each in asked.asked] == ["SERESTA 50 : 1/2 cp le soir"]
    assert sure.opinion is None
    found = opinions.of(unsure)
    assert found is not None
    assert (found.by, found.differs) == ("stand-in", ())
    assert unsure.revision == 0
    event = Event.objects.filter(action="prescriptions.opinions_asked").get()
    assert event.details == {"model": "stand-in", "lines": 1, "taken": 1, "refused": 0, "unanswered": 0}


def test_nobody_is_asked_unless_the_project_wants_it(world: World, asked: StandIn) -> None:
    """Without the rule, or without a model in the settings, nothing is sent and no job is made."""
    services.set_rules(world.user["owner"], world.project, double=False, opinions=False)
    structured(world)
    assert asked.asked == []
    assert not Job.objects.filter(task=asking.TASK).exists()


def test_structuring_does_not_wait(world: World, asked: StandIn) -> None:
    """The prescription is there before anybody was asked: that is the job's."""
    services.structure_text(world.user["researcher"], world.project, TEXT)
    assert asked.asked == []
    assert Job.objects.filter(task=asking.TASK, state=Job.State.WAITING).count() == 1


@pytest.mark.parametrize(
    ("fault", "count"),
    [("words", "refused"), ("status", "unanswered"), ("abroad", "unanswered")],
)
def test_what_cannot_be_believed_leaves_no_trace_on_the_line(
    world: World, asked: StandIn, settings: Any, fault: str, count: str
) -> None:
    """Words that aren't in the line, no answer, an address outside: the line is as before, the journal counts it."""
    asked.says(AGREES | {"name": "MADAME SECRET"} if fault == "words" else AGREES)
    asked.status = 500 if fault == "status" else 200
    if fault == "abroad":
        settings.OLLAMA_URL = "http://192.0.2.7:11434"
    _sure, unsure = structured(world)
    assert unsure.opinion is None
    event = Event.objects.filter(action="prescriptions.opinions_asked").get()
    assert event.details[count] == 1
    assert "SECRET" not in str(event.details)
    assert "SERESTA" not in str(event.details)


def test_the_address_is_looked_up_at_each_call(
    world: World, asked: StandIn, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A name that led home at the first call and leads outside at the second is not followed there."""
    port = int(asked.url.rpartition(":")[2])
    settings.OLLAMA_URL = f"http://ollama.lan:{port}"
    led = iter(["127.0.0.1", "8.8.8.8"])
    real = socket.getaddrinfo

    def answers(host: str, *args: Any, **options: Any) -> Any:
        return [(2, 1, 6, "", (next(led), port))] if host == "ollama.lan" else real(host, *args, **options)

    monkeypatch.setattr("socket.getaddrinfo", answers)
    asked.says(AGREES)
    model = llm.model()
    line = read_line("SERESTA 50 : 1/2 cp le soir")
    assert model.reading(line) is not None
    assert model.reading(line) is None
    assert model.counts == {"asked": 2, "taken": 1, "unanswered": 1}
    assert len(asked.asked) == 1


@pytest.fixture
def differing(world: World, asked: StandIn) -> Line:
    """The unsure line, of which the second reader says something else."""
    asked.says(OTHER)
    [line] = structured(world, RAMIPRIL)
    found = opinions.of(line)
    assert found is not None
    assert found.differs
    return line


def test_a_difference_changes_nothing_by_itself(differing: Line) -> None:
    """The values stay the grammar's, and the line still waits for a person."""
    assert differing.read.medication.dosage == read_line(RAMIPRIL).medication.dosage
    assert differing.state == Line.State.WAITING


def test_taken_and_undone(world: World, differing: Line) -> None:
    """A person takes it: its values stand, what was decided is sure, the line still waits; undone, all is as before."""
    owner, before = world.user["owner"], differing.reading
    taken = services.take_opinion(owner, differing, 0)
    found = opinions.of(taken)
    assert found is not None
    assert found.differs == ()
    assert taken.read.medication.dosage == found.read.medication.dosage
    assert (taken.state, taken.revision, taken.corrected_by) == (Line.State.WAITING, 1, owner)
    assert any(item.why == "corrected" for item in taken.read.evidence)
    assert all(before["start"] <= item.start <= item.end <= before["end"] for item in taken.read.evidence)
    with pytest.raises(Invalid):
        services.take_opinion(owner, taken, 1)
    services.undo(owner, Document.objects.get(pk=taken.document_id))
    back = Line.objects.get(pk=taken.pk)
    assert back.reading == before
    again = opinions.of(back)
    assert again is not None
    assert again.differs


def test_somebody_was_quicker(world: World, differing: Line) -> None:
    """What was read at another revision isn't overwritten; who may not write may not take it."""
    with pytest.raises(Conflict):
        services.take_opinion(world.user["owner"], differing, 7)
    with pytest.raises(PermissionDenied):
        services.take_opinion(world.user["member"], differing, 0)


def test_a_line_that_is_cut_anew_has_no_opinion(world: World, differing: Line) -> None:
    """The second reader read other words."""
    at = differing.document.text.index("2 cp")
    first, second = services.split_line(world.user["owner"], differing, at, 0)
    for line in (first, second):
        assert opinions.of(line) is None


def test_what_a_person_corrected_meanwhile_stays(world: World) -> None:
    """An answer about a line as it was before is dropped."""
    document = services.structure_text(world.user["researcher"], world.project, TEXT)
    line = Line.objects.select_related("document__project").get(document=document, position=2)
    services.correct_line(world.user["owner"], line, "strength", "50 mg", 0)
    asking.keep(line, {"by": "stand-in", "read": {}})
    assert Line.objects.get(pk=line.pk).opinion is None


def test_on_the_page(differing: Line, client_of: Callable[[str], Client]) -> None:
    """The card says what the second reader says, and its key; taken over the page, it agrees."""
    client = client_of("owner")
    page = client.get(differing.document.get_absolute_url()).content.decode()
    assert 'class="rx-opinion is-other"' in page
    assert 'aria-keyshortcuts="O"' in page
    address = reverse("prescriptions:opinion", args=[differing.document.project.slug, differing.pk])
    answer = client.post(address, {"revision": 0}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'class="rx-opinion"' in answer.content.decode()
    assert client.post(address, {"revision": 1}, headers={"HX-Request": "true"}).status_code == 422


def test_over_rest(differing: Line, api_of: Callable[[str], APIClient]) -> None:
    """The line tells the opinion with the fields in which it differs; a call takes it."""
    client = api_of("researcher")
    told = client.get(reverse("api:prescriptions:line-detail", args=[differing.pk])).json()["opinion"]
    assert told["by"] == "stand-in"
    assert told["differs"]
    taken = client.post(reverse("api:prescriptions:line-opinion", args=[differing.pk]), {"revision": 0})
    assert taken.status_code == 200
    assert taken.json()["opinion"]["differs"] == []


def test_no_word_of_the_line_is_dropped() -> None:
    """A remark of which no quote says anything stays a remark of the reading that is offered."""
    line = read_line("SERESTA 50 : 1/2 cp le soir, avec prudence et modération")
    [remark] = line.medication.dosage[0].additional
    taken = quoting.take(
        '{"name": "SERESTA", "strength": "50", "steps": [{"dose": "1/2 cp", "when": "le soir"}]}', line.text
    )
    offered = offering.offered(taken, line)
    assert remark in offered.medication.dosage[0].additional
    assert encode(offered)["start"] == line.start


def test_what_leaves_words_out_is_not_offered(world: World, asked: StandIn, client_of: Callable[[str], Client]) -> None:
    """The quotes hold each number but not `le soir`: it is told as a difference, and there is nothing to take."""
    asked.says({"name": "SERESTA", "strength": "50", "steps": [{"dose": "1/2 cp"}]})
    _sure, unsure = structured(world)
    found = opinions.of(unsure)
    assert found is not None
    assert found.differs == ("timing",)
    assert not found.is_offered
    page = client_of("owner").get(unsure.document.get_absolute_url()).content.decode()
    assert 'class="rx-opinion is-other"' in page
    assert "data-opinion" not in page
    with pytest.raises(Invalid):
        services.take_opinion(world.user["owner"], unsure, 0)
