"""Two readers, blind to each other; what differs is settled; how far they agree is counted as by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.access.models import Membership
from core.errors import Conflict, Invalid
from prescriptions import blinding, engine, measures, queries, services
from prescriptions.engine import agreement
from prescriptions.models import Document, Line

ClientOf = Callable[[str], Client]
TEXT = "DOLIPRANE 1000 mg : 1 cp matin et soir\nSERESTA 50 mg : 1/2 cp le soir"


@pytest.fixture
def paper(world: World) -> Document:
    services.set_rules(world.user["owner"], world.project, double=True)
    return services.structure_text(world.user["owner"], world.project, TEXT)


def read(world: World, who: str, document: Document, dose: str = "") -> Document:
    """Read it whole, with another dose on the first line where one is given."""
    own = services.begin_reading(world.user[who], document)
    for line in queries.lines_of(own):
        if dose and line.position == 1:
            line = services.correct_line(world.user[who], line, "dosage.0.dose", dose, line.revision)
        services.settle_line(world.user[who], line, Line.State.VALIDATED, line.revision)
    services.validate_document(world.user[who], own)
    return Document.objects.get(pk=own.pk)


def test_two_who_agree(world: World, paper: Document) -> None:
    """Where both read the same, the review is finished with the second reading, and the second one isn't exported."""
    first = read(world, "owner", paper)
    assert (first.pk, first.status) == (paper.pk, Document.Status.DRAFT)
    second = read(world, "researcher", paper)
    assert second.twin_of == paper
    paper.refresh_from_db()
    assert paper.status == Document.Status.REVIEWED
    assert {line.document_id for line in queries.exportable(world.project)} == {paper.pk}
    assert list(queries.documents_of(world.user["owner"], world.project)) == [paper]


def test_neither_sees_the_other(world: World, paper: Document, client_of: ClientOf) -> None:
    """The page and the API tell a reader nothing of the other's reading, and he can't change it."""
    own = services.begin_reading(world.user["owner"], paper)
    line = queries.lines_of(own)[0]
    services.correct_line(world.user["owner"], line, "dosage.0.dose", "3 cp", 0)
    page = client_of("researcher").get(own.get_absolute_url()).content.decode()
    assert "3 comprimés" not in page
    assert "DOLIPRANE" not in page
    assert reverse("prescriptions:begin", args=[world.project.slug, own.pk]) in page
    api = reverse("api:prescriptions:document-detail", args=[own.pk])
    assert client_of("researcher").get(api).status_code == 403
    line.refresh_from_db()
    with pytest.raises(PermissionDenied):
        services.settle_line(world.user["researcher"], line, "validated", line.revision)
    twin = services.begin_reading(world.user["researcher"], paper)
    assert queries.lines_of(twin)[0].read.medication.dosage[0].dose == engine.Quantity(1, unit="comprimé")
    assert "3 comprimés" not in client_of("researcher").get(twin.get_absolute_url()).content.decode()
    assert client_of("owner").get(twin.get_absolute_url()).content.decode().count("DOLIPRANE") == 0


def test_nothing_of_a_reading_leaves_before_both_are_one(world: World, paper: Document) -> None:
    """Plan, comparison and files tell nothing of a reading that the other one may not see; datasets leave it out."""
    own = services.begin_reading(world.user["owner"], paper)
    other = services.structure_text(world.user["owner"], world.project, TEXT)
    reader = world.user["researcher"]
    for act in (
        lambda: services.make_plan(reader, own, "fr"),
        lambda: services.compare_documents(reader, own, other),
        lambda: services.export_documents(reader, world.project, [own], "csv", unreviewed=True),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not queries.to_export(reader, world.project, unreviewed=True)


def test_what_differs_is_settled(world: World, paper: Document, client_of: ClientOf) -> None:
    """Only what differs is shown; each difference is settled by one of the readings, by who may, and none is left."""
    read(world, "owner", paper)
    read(world, "researcher", paper, "2 cp")
    paper.refresh_from_db()
    assert paper.status == Document.Status.DRAFT
    url = reverse("prescriptions:readings", args=[world.project.slug, paper.pk])
    page = client_of("owner").get(url).content.decode()
    assert "2 comprimés" in page
    assert "SERESTA" not in page
    with pytest.raises(Invalid):
        services.adjudicate(world.user["owner"], paper, {})
    with pytest.raises(PermissionDenied):
        services.adjudicate(world.user["member"], paper, {"0.dose": "second"})
    assert client_of("owner").post(url, {"pair-0.dose": "second"}).status_code == 302
    paper.refresh_from_db()
    assert paper.status == Document.Status.REVIEWED
    line = queries.lines_of(paper)[0]
    assert line.read.medication.dosage[0].dose == engine.Quantity(2, unit="comprimé")
    assert line.settled_by == world.user["researcher"]
    with pytest.raises(Conflict):
        services.adjudicate(world.user["owner"], paper, {"0.dose": "first"})


def corrected(world: World, who: str, document: Document, **fields: str) -> Document:
    """Read it whole, with other words in some fields of the first line."""
    own = services.begin_reading(world.user[who], document)
    line, *_others = queries.lines_of(own)
    for field, words in fields.items():
        line = services.correct_line(world.user[who], line, f"dosage.0.{field}", words, line.revision)
    return read(world, who, own)


def test_differences_are_settled_field_by_field(world: World, paper: Document) -> None:
    """The dose of one reader with the duration of the other: the line is then the adjudicator's."""
    corrected(world, "owner", paper, dose="2 cp")
    corrected(world, "researcher", paper, dose="3 cp", bounds="7 jours")
    with pytest.raises(Invalid) as refused:
        services.adjudicate(world.user["owner"], paper, {"0.dose": "first", "0": "second"})
    assert [fault.place for fault in refused.value.faults] == ["pairs.0.bounds"]
    services.adjudicate(world.user["owner"], paper, {"0.dose": "first", "0.bounds": "second"})
    line = queries.lines_of(Document.objects.get(pk=paper.pk))[0]
    [dosage] = line.read.medication.dosage
    assert dosage.dose == engine.Quantity(2, unit="comprimé")
    assert dosage.timing
    assert dosage.timing.bounds == engine.Quantity(7, unit="d")
    assert (line.state, line.settled_by) == (Line.State.VALIDATED, world.user["owner"])


def test_a_line_that_only_one_reader_has_is_taken_whole(world: World, paper: Document, client_of: ClientOf) -> None:
    """Where they differ in whether it is a medicine, the whole line of one of them is chosen."""
    own = services.begin_reading(world.user["owner"], paper)
    services.settle_line(world.user["owner"], queries.lines_of(own)[1], Line.State.REJECTED, 0)
    services.settle_line(world.user["owner"], queries.lines_of(own)[0], Line.State.VALIDATED, 0)
    services.validate_document(world.user["owner"], own)
    read(world, "researcher", paper)
    url = reverse("prescriptions:readings", args=[world.project.slug, paper.pk])
    assert 'name="pair-1"' in client_of("owner").get(url).content.decode()
    assert client_of("owner").post(url, {}).status_code == 422
    assert client_of("owner").post(url, {"pair-1": "second"}).status_code == 302
    assert queries.lines_of(paper)[1].state == Line.State.VALIDATED


def test_an_adjudicated_prescription_is_reopened(world: World, paper: Document) -> None:
    """Its lines are open again, to anybody who reviews; ended again, its review is finished without a second reader."""
    read(world, "owner", paper)
    read(world, "researcher", paper, "2 cp")
    services.adjudicate(world.user["owner"], paper, {"0.dose": "second"})
    agreed = measures.of(world.project).agreements
    services.reopen_document(world.user["owner"], paper)
    line = queries.lines_of(Document.objects.get(pk=paper.pk))[0]
    services.correct_line(world.user["researcher"], line, "dosage.0.dose", "4 cp", line.revision)
    line.refresh_from_db()
    services.settle_line(world.user["researcher"], line, Line.State.VALIDATED, line.revision)
    done = services.validate_document(world.user["researcher"], Document.objects.get(pk=paper.pk))
    assert (done.status, done.reviewed_by) == (Document.Status.REVIEWED, world.user["researcher"])
    assert measures.of(world.project).agreements == agreed


def test_agreement_is_that_of_the_two_readings(world: World, paper: Document) -> None:
    """What was settled in the meantime doesn't make two readers agree who didn't."""
    read(world, "owner", paper)
    read(world, "researcher", paper, "2 cp")
    before = measures.of(world.project)
    services.adjudicate(world.user["owner"], paper, {"0.dose": "second"})
    after = measures.of(world.project)
    assert before.agreements == after.agreements
    assert after.twice == 1


def test_both_readings_are_deleted_and_brought_back(world: World, paper: Document, client_of: ClientOf) -> None:
    """Whichever reading it is asked of, the prescription goes as a whole, is listed once, and is back as a whole."""
    read(world, "owner", paper)
    twin = services.begin_reading(world.user["researcher"], paper)
    services.delete_document(world.user["researcher"], twin)
    for each in (paper, twin):
        assert client_of("owner").get(each.get_absolute_url()).status_code == 404
    assert list(queries.documents_of(world.user["owner"], world.project, deleted=True)) == [paper]
    services.restore_document(world.user["owner"], paper)
    assert not Document.objects.exclude(deleted_at=None).exists()
    assert services.begin_reading(world.user["researcher"], paper) == twin


def test_a_second_reading_uses_no_number(world: World, paper: Document) -> None:
    """It has the number of the first one; the next prescription has the next."""
    services.begin_reading(world.user["owner"], paper)
    twin = services.begin_reading(world.user["researcher"], paper)
    following = services.structure_text(world.user["owner"], world.project, TEXT)
    assert (twin.number, following.number) == (paper.number, paper.number + 1)


def test_the_reading_of_who_left_is_taken_over(world: World, paper: Document) -> None:
    """While the second reader may read, nobody takes his place; once he may not, somebody else goes on."""
    services.begin_reading(world.user["owner"], paper)
    twin = services.begin_reading(world.user["researcher"], paper)
    third = world.user["monitor"]
    membership = Membership.objects.get(user=world.user["researcher"])
    Membership.objects.get(user=third).roles.set(membership.roles.all())
    with pytest.raises(Conflict):
        services.begin_reading(third, paper)
    membership.delete()
    assert services.begin_reading(third, paper) == twin
    assert blinding.is_own(third, Document.objects.get(pk=twin.pk))


def test_one_review_is_never_made_two(world: World, client_of: ClientOf) -> None:
    """Where one person reads each prescription, asking for a reading of one's own begins no second one."""
    paper = services.structure_text(world.user["owner"], world.project, TEXT)
    services.assign_documents(world.user["owner"], [paper], world.user["owner"])
    assert services.begin_reading(world.user["researcher"], paper) == paper
    assert Document.objects.count() == 1


def test_who_sets_the_rules(world: World) -> None:
    """Whoever manages the review says whether two people read; others don't."""
    for who in ("researcher", "member", "stranger"):
        with pytest.raises(PermissionDenied):
            services.set_rules(world.user[who], world.project, double=True)


def test_measures(world: World, paper: Document, client_of: ClientOf) -> None:
    """Documents, pace, corrections by field and agreement, as one counts them by hand."""
    read(world, "owner", paper)
    read(world, "researcher", paper, "2 cp")
    Line.objects.update(seconds=90)
    found = measures.of(world.project)
    assert (found.documents, found.reviewed, found.lines, found.settled) == (1, 0, 2, 4)
    assert found.lines_per_hour == 40
    assert found.edits == [("dose", 1, 0.25)]
    by_field = {each.field: each for each in found.agreements}
    assert (by_field["dose"].compared, by_field["dose"].same, by_field["dose"].f1) == (2, 1, 0.5)
    assert (by_field["name"].kappa, by_field["name"].f1) == (1, 1)
    page = client_of("owner").get(reverse("prescriptions:statistics", args=[world.project.slug]))
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("words", "kappa", "f1"),
    [
        ([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")], 0.5, 0.75),
        ([("a", "b"), ("b", "a")], -1, 0),
        ([("a", "a"), ("a", "a")], None, 1),
        ([("", ""), ("a", ""), ("", "b"), ("c", "c")], 3 / 11, 0.5),
        ([], None, None),
    ],
)
def test_kappa_and_f1(words: list[tuple[str, str]], kappa: float | None, f1: float | None) -> None:
    """Worked by hand: first row, 3 of 4 the same, chance 2/4·1/4 + 2/4·3/4 = 1/2, so (3/4 - 1/2)/(1/2) = 1/2."""
    assert agreement.kappa(words) == (None if kappa is None else pytest.approx(kappa))
    assert agreement.f1(words) == (None if f1 is None else pytest.approx(f1))


def test_lines_are_paired_by_their_place() -> None:
    """A line that was split is beside the half that it shares most with; the other half stands alone."""
    whole = engine.read_ordonnance("DOLIPRANE 1 g 1 cp le matin, LASILIX 40 mg 1 cp le soir").lines
    one = engine.read_ordonnance("DOLIPRANE 1 g 1 cp le matin").lines
    found = agreement.pairs(whole, one)
    assert (whole[0], one[0]) in found
    assert len(found) == max(len(whole), len(one))
