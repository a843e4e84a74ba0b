"""Consents: archived, held, withdrawn, asked for again; and what can't be entered without one."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from core import files
from core.access.demo import World
from core.access.rules import Refused
from core.audit.models import Event
from core.errors import Conflict, Invalid
from ecrf import services
from ecrf.models import Consent, Entry, Form, Level, Lock, Source, Subject
from ecrf.services import attachments
from ecrf.services import consents as consenting
from ecrf.services.entries import keep
from ecrf.services.pictures import pictures
from tests.ecrf.consents import INFORMATION, PHONE, VISIT, YES, consent, publish, study
from tests.ecrf.engine.paper.reading import text_of
from tests.ecrf.engine.paper.test_casebook import DOT
from tests.ecrf.visits import publish as publish_definition


@pytest.fixture
def form(world: World) -> Form:
    return publish(world)


@pytest.fixture
def subject(world: World) -> Subject:
    return services.include_subject(world.user["member"], world.site_a)


def next_version(world: World, form: Form, version: str = "2.0") -> Form:
    """The same form with another sheet."""
    draft = services.begin_next(world.user["owner"], form)
    draft.definition = study(version=version)
    draft.save()
    return services.publish_draft(world.user["owner"], draft).form


def pdf_of(held: Consent) -> bytes:
    with files.open(held.file) as source:
        content: bytes = source.read()
    return content


def test_a_consent_is_archived(world: World, form: Form, subject: Subject) -> None:
    """Saved complete, the page becomes an encrypted PDF of what was read, with who was there; its digest is kept."""
    with translation.override("en"):
        held = consent(world, subject, form)
    content = pdf_of(held)
    assert hashlib.sha256(content).hexdigest() == held.digest
    assert (held.version, held.language, held.revision, held.state) == ("1.0", "en", 1, "valid")
    assert held.obtained_by == world.user["member"]
    text = text_of(content)
    assert "You are free." in text
    assert f"In the presence of {world.user['member']}" in text
    assert "Anne Guivarch" not in str([event.details for event in Event.objects.all()])
    event = Event.objects.get(action="ecrf.consent_given")
    assert (event.details["page"], event.details["sheet"]) == ("consent", "1.0")


def test_read_in_the_language_of_the_reader(world: World, form: Form, subject: Subject) -> None:
    """What is archived is the sheet in the language in which it was read."""
    with translation.override("fr"):
        held = consent(world, subject, form)
    assert held.language == "fr"
    assert "Vous êtes libre." in text_of(pdf_of(held))


def test_the_page_is_held(world: World, form: Form, subject: Subject) -> None:
    """From then on nothing of the page changes, and the lock can't be released but by asking again."""
    held = consent(world, subject, form)
    with pytest.raises(Invalid):
        services.save_entry(world.user["owner"], subject, form, 1, {"samples": "1"}, sheet=INFORMATION)
    lock = Lock.objects.get(level=Level.PAGE, entry=held.entry)
    with pytest.raises(Conflict) as refused:
        services.release(world.user["owner"], lock, "Une faute")
    assert refused.value.code == "consent"


def test_incomplete_pages_archive_nothing(world: World, form: Form, subject: Subject) -> None:
    """A page that is only begun, or that an import brings, is no consent."""
    services.save_entry(world.user["member"], subject, form, 0, {"takes_part": "1"}, sheet=INFORMATION)
    options = {"notes": {}, "reason": "", "shown": None, "draft": False, "said_at": None}
    with transaction.atomic():
        keep(
            world.user["member"],
            subject,
            form,
            1,
            YES,
            sheet=INFORMATION,
            complete={"consent": True},
            source=Source.IMPORT,
            **options,
        )
    assert not Consent.objects.exists()


def test_postgresql_keeps_it(world: World, form: Form, subject: Subject) -> None:
    """Nobody changes or deletes a consent, nor its withdrawal, whatever way he takes."""
    held = consent(world, subject, form)
    services.withdraw_consent(world.user["member"], held, "Par téléphone")
    rows = Consent.objects.filter(pk=held.pk)
    for change in ({"version": "9"}, {"digest": "0" * 64}, {"withdrawn_at": None, "withdrawn_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()


def test_a_refusal_is_kept(world: World, form: Form, subject: Subject) -> None:
    """Who says no has a document of it, and no valid consent."""
    held = consent(world, subject, form, takes_part="0")
    assert held.state == "refused"
    assert Event.objects.filter(action="ecrf.consent_refused").exists()
    with pytest.raises(Conflict):
        services.save_entry(world.user["member"], subject, form, 0, {"weight": "70"}, sheet=VISIT)


def test_what_needs_a_consent(world: World, form: Form, subject: Subject) -> None:
    """Without one, entering is refused where the form says so, and let through where it only warns."""
    with pytest.raises(Conflict) as refused:
        services.save_entry(world.user["member"], subject, form, 0, {"weight": "70"}, sheet=VISIT)
    assert refused.value.code == "consent"
    definition = form.published.loaded
    assert consenting.lacking(subject, form, definition, PHONE) == "warn"
    assert services.save_entry(world.user["member"], subject, form, 0, {"weight": "70"}, sheet=PHONE).entry.pk
    consent(world, subject, form)
    assert consenting.lacking(subject, form, definition, VISIT) == ""
    assert services.save_entry(world.user["member"], subject, form, 0, {"weight": "70"}, sheet=VISIT).entry.pk


def test_withdrawal(world: World, form: Form, subject: Subject) -> None:
    """A withdrawal has a reason and somebody; then what was entered may be corrected, and nothing be added."""
    held = consent(world, subject, form)
    services.save_entry(world.user["member"], subject, form, 0, {"weight": "70"}, sheet=VISIT)
    with pytest.raises(Invalid):
        services.withdraw_consent(world.user["member"], held, " ")
    withdrawn = services.withdraw_consent(world.user["member"], held, "Par téléphone, à son médecin")
    assert (withdrawn.state, withdrawn.withdrawn_by) == ("withdrawn", world.user["member"])
    with pytest.raises(Conflict):
        services.withdraw_consent(world.user["member"], held, "Encore")
    services.save_entry(world.user["member"], subject, form, 1, {"weight": "71"}, sheet=VISIT)
    services.save_entry(world.user["member"], subject, form, 2, {"weight": None}, sheet=VISIT)
    with pytest.raises(Invalid) as refused:
        services.save_entry(world.user["member"], subject, form, 3, {"weight": "72"}, sheet=VISIT)
    assert [fault.code for fault in refused.value.faults] == ["no_consent"]
    assert "médecin" not in str([event.details for event in Event.objects.all()])


def test_asked_again_for_a_new_sheet(world: World, form: Form, subject: Subject) -> None:
    """Asked again, the page is empty and open; the former consent holds until the new one takes its place."""
    held = consent(world, subject, form)
    form = next_version(world, form)
    entry = services.ask_again(world.user["member"], held, "Nouvelle note")
    assert (entry.values, entry.pages["consent"]["complete"]) == ({}, False)
    assert consenting.present(subject, form, "consent") == held
    new = consent(world, subject, form, base=entry.revision, signed_on="2026-11-24")
    held.refresh_from_db()
    assert (new.version, held.state, held.superseded_by) == ("2.0", "superseded", new)
    assert "Anne Guivarch" in text_of(pdf_of(held))
    with pytest.raises(Conflict):
        services.ask_again(world.user["member"], held, "Encore")


def test_asking_again_needs_a_reason_and_the_page(world: World, form: Form, subject: Subject) -> None:
    """Without a reason nobody is asked again, nor where the form has no such consent any more."""
    held = consent(world, subject, form)
    with pytest.raises(Invalid):
        services.ask_again(world.user["member"], held, "")
    draft = services.begin_next(world.user["owner"], form)
    data = study()
    del data["pages"][0]["consent"]
    for event in data["events"]:
        event.pop("requires_consent", None)
    draft.definition = data
    draft.save()
    services.publish_draft(world.user["owner"], draft)
    with pytest.raises(Conflict) as refused:
        services.ask_again(world.user["member"], held, "Nouvelle note")
    assert refused.value.code == "gone"


def test_a_removed_record_holds_no_consent(world: World, form: Form, subject: Subject) -> None:
    """Once its record was taken out of the study, a consent counts no more; restored, it does again."""
    held = consent(world, subject, form)
    services.remove_entry(world.user["owner"], held.entry, "Mauvais sujet")
    assert consenting.present(subject, form, "consent") is None
    services.restore_entry(world.user["owner"], Entry.objects.get(pk=held.entry_id), "Si")
    assert consenting.present(subject, form, "consent") == held


@pytest.mark.parametrize(("who", "outcome"), [("monitor", Refused), ("other_site", Refused), ("member", None)])
def test_who_may(world: World, form: Form, subject: Subject, who: str, outcome: type[Exception] | None) -> None:
    """Documents are opened, and withdrawals recorded, by who manages consents at the site; each is in the journal."""
    held = consent(world, subject, form)
    if outcome:
        with pytest.raises(outcome):
            services.open_consent(world.user[who], held)
        with pytest.raises(outcome):
            services.withdraw_consent(world.user[who], held, "Par lettre")
        return
    assert services.open_consent(world.user[who], held) == held.file
    assert Event.objects.filter(action="ecrf.consent_read").count() == 1


def test_copies_of_a_page_follow_each_other(world: World, subject: Subject) -> None:
    """Where the page repeats, each copy is a consent, and the later one takes the place of the earlier."""
    data = study()
    data["pages"][0]["repeats"] = True
    form = publish_definition(world, data, key="copies")
    made = []
    for number in (1, 2):
        sheet = type(INFORMATION)("information", "consent", number)
        saved = services.save_entry(
            world.user["member"], subject, form, 0, YES, sheet=sheet, complete={"consent": True}
        )
        made.append(Consent.objects.get(entry=saved.entry))
    made[0].refresh_from_db()
    assert made[0].superseded_by == made[1]


def test_a_drawn_signature_stands_on_the_document(world: World, form: Form, subject: Subject) -> None:
    """Where records keep files, the signature that was drawn is on the document, as it was drawn."""
    member = world.user["member"]
    drawn = attachments.upload(member, subject, form, "drawn", BytesIO(DOT), "signature.png", sheet=INFORMATION)
    content = pdf_of(consent(world, subject, form, drawn=drawn.value))
    assert b"/Subtype/Image" in content
    assert b"/Subtype/Image" not in pdf_of(consent(world, services.include_subject(member, world.site_a), form))


def test_of_files_that_nobody_keeps_nothing_is_drawn(world: World, form: Form, subject: Subject) -> None:
    """A value that names no file of the subject puts nothing on the document."""
    values = {"drawn": f"sha256:{'0' * 64}"}
    assert pictures(subject, form, form.published.loaded, values) == {}
