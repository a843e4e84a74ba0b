"""Acts on lines and their undoing: whatever was done, undoing it gives what was, and doing it again what became."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access.demo import World
from core.audit.models import Event
from core.errors import Conflict, Invalid
from prescriptions import queries, services
from prescriptions.models import Document, Line, Step

TEXT = """DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours
SERESTA 50 : 1/2 cp le soir LASILIX 40 mg 1 cp le matin
KARDEGIC 75 mg 1 sachet par jour
à poursuivre sans changement"""


@pytest.fixture
def paper(world: World) -> Document:
    return services.structure_text(world.user["researcher"], world.project, TEXT)


def look(document: Document) -> list[Any]:
    """What a person sees of the lines."""
    return [
        (line.position, line.state, line.reading, line.uncertain, line.corrected_by_id, line.settled_by_id)
        for line in queries.lines_of(document)
    ]


def line_at(document: Document, position: int) -> Line:
    return next(line for line in queries.lines_of(document) if line.position == position)


def test_split(world: World, paper: Document) -> None:
    """Both halves are read anew, stand where they stood, and wait for review."""
    line = line_at(paper, 1)
    at = paper.text.index("matin")
    first, second = services.split_line(world.user["researcher"], line, at, line.revision)
    assert (first.position, second.position) == (1, 2)
    assert first.read.text == "DOLIPRANE 1000 mg : 1 cp"
    assert paper.text[second.read.start : second.read.end] == second.read.text
    assert [each.position for each in queries.lines_of(paper)] == list(range(1, len(queries.lines_of(paper)) + 1))
    for item in first.read.evidence + second.read.evidence:
        assert paper.text[item.start : item.end] == item.text
    for outside in (line.read.start, 0, len(TEXT) + 5):
        with pytest.raises((Invalid, Conflict)):
            services.split_line(world.user["researcher"], first, outside, first.revision)


def test_merge(world: World, paper: Document) -> None:
    """A line and the one above become one; what was split comes together again as it was read at first."""
    line = line_at(paper, 1)
    before = line.read
    _first, second = services.split_line(world.user["owner"], line, paper.text.index("matin"), line.revision)
    merged = services.merge_line(world.user["owner"], second, second.revision)
    assert merged.read == before
    with pytest.raises(Invalid):
        services.merge_line(world.user["owner"], merged, merged.revision)


def test_add(world: World) -> None:
    """A passage that was no line becomes one in its place; where a line stands, none is added."""
    text = "DOLIPRANE 1000 mg : 1 cp le soir\n\nBilan sanguin dans 8 jours"
    paper = services.structure_text(world.user["owner"], world.project, text)
    assert paper.lines.count() == 1
    start = text.index("Bilan")
    line = services.add_line(world.user["researcher"], paper, start, len(text))
    assert (line.position, line.read.start) == (2, start)
    with pytest.raises(Invalid):
        services.add_line(world.user["researcher"], paper, 0, 9)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["validated", "rejected", "unread", "waiting", "correct", "split", "merge", "undo", "redo"]),
        st.integers(0, 9),
        st.integers(0, len(TEXT)),
    ),
    min_size=1,
    max_size=8,
)


def act(actor: Any, document: Document, name: str, which: int, place: int) -> None:
    lines = queries.lines_of(document)
    line = lines[which % len(lines)]
    match name:
        case "undo":
            services.undo(actor, document)
        case "redo":
            services.redo(actor, document)
        case "correct":
            services.correct_line(actor, line, "dosage.0.dose", f"{which + 1} cp", line.revision)
        case "split":
            services.split_line(actor, line, place, line.revision)
        case "merge":
            services.merge_line(actor, line, line.revision)
        case state:
            services.settle_line(actor, line, state, line.revision)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_undo_of_anything_gives_what_was(world: World, acts: list[tuple[str, int, int]]) -> None:
    """After any acts, undoing all of them gives the first reading, and doing them again the last; none is repeated."""
    actor = world.user["researcher"]
    document = services.structure_text(actor, world.project, TEXT)
    first = look(document)
    for name, which, place in acts:
        try:
            act(actor, document, name, which, place)
        except Invalid:
            continue
        positions = [line.position for line in queries.lines_of(document)]
        assert positions == list(range(1, len(positions) + 1))
    while services.redo(actor, document):
        pass
    last = look(document)
    count = 0
    while services.undo(actor, document):
        count += 1
    assert look(document) == first
    assert count == Step.objects.filter(document=document).count()
    while services.redo(actor, document):
        pass
    assert [row[:4] for row in look(document)] == [row[:4] for row in last]


def test_each_undoes_his_own(world: World, paper: Document) -> None:
    """One takes back what one did oneself; not what somebody else went on from, and that is said."""
    line = line_at(paper, 1)
    line = services.correct_line(world.user["researcher"], line, "dosage.0.dose", "2 cp", line.revision)
    assert services.undo(world.user["owner"], paper) is None
    services.correct_line(world.user["owner"], line, "dosage.0.dose", "3 cp", line.revision)
    with pytest.raises(Conflict):
        services.undo(world.user["researcher"], paper)
    assert services.undo(world.user["owner"], paper)
    assert services.undo(world.user["researcher"], paper)
    assert line_at(paper, 1).read.medication.dosage[0].dose.value == 1  # type: ignore[union-attr]
    actions = Event.objects.filter(action="prescriptions.step_undone")
    assert actions.count() == 2
    assert set(actions.first().details) == {"step", "act"}  # type: ignore[union-attr]


def test_steps_are_undone_through_others_undone(world: World, paper: Document) -> None:
    """A correction, undone and done again, then a split and a merge: two steps back, it is the corrected line."""
    actor = world.user["researcher"]
    line = line_at(paper, 1)
    services.correct_line(actor, line, "dosage.0.dose", "1/2 cp", line.revision)
    services.undo(actor, paper)
    services.redo(actor, paper)
    corrected = look(paper)
    line = line_at(paper, 1)
    _first, second = services.split_line(actor, line, line.read.start + 10, line.revision)
    services.merge_line(actor, second, second.revision)
    assert services.undo(actor, paper)
    assert services.undo(actor, paper)
    assert look(paper) == corrected


def test_an_undone_line_is_a_new_revision(world: World, paper: Document) -> None:
    """Who still looks at what was undone is told so, instead of overwriting it."""
    line = line_at(paper, 1)
    corrected = services.correct_line(world.user["researcher"], line, "dosage.0.dose", "2 cp", line.revision)
    services.undo(world.user["researcher"], paper)
    for revision in (0, corrected.revision):
        with pytest.raises(Conflict):
            services.settle_line(world.user["owner"], line, "validated", revision)
    _first, gone = services.split_line(world.user["owner"], line_at(paper, 1), 20, line_at(paper, 1).revision)
    services.undo(world.user["owner"], paper)
    with pytest.raises(Conflict):
        services.settle_line(world.user["owner"], gone, "validated", gone.revision)


def test_who_may(world: World, paper: Document) -> None:
    """Strangers and members without the tool neither cut lines nor undo."""
    line = line_at(paper, 1)
    for who in ("member", "stranger"):
        actor = world.user[who]
        for refused in (
            lambda actor: services.split_line(actor, line, 20, 0),
            lambda actor: services.merge_line(actor, line, 0),
            lambda actor: services.add_line(actor, paper, 0, 5),
            lambda actor: services.undo(actor, paper),
            lambda actor: services.redo(actor, paper),
        ):
            with pytest.raises(PermissionDenied):
                refused(actor)


def test_a_finished_review_is_not_undone(world: World, paper: Document) -> None:
    """Once the review is finished, its steps stay until it is reopened."""
    actor = world.user["researcher"]
    for line in queries.lines_of(paper):
        services.settle_line(actor, line, "validated", line.revision, seconds=10_000)
    assert {line.seconds for line in queries.lines_of(paper)} == {900}
    services.validate_document(actor, paper)
    with pytest.raises(Conflict):
        services.undo(actor, paper)
    services.reopen_document(actor, paper)
    assert services.undo(actor, paper)
