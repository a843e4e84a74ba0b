"""Invitations, reminders and the contacts of participants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.access.demo import World
from core.errors import Conflict, Invalid, Refusal
from ecrf import services
from ecrf.models import AccessLink, Entry, Invitation, Participant, Questionnaire, Subject
from ecrf.services import participants
from ecrf.services.participants import duties, mailing
from tests.ecrf.diary import DIARY, invited, questionnaire
from tests.ecrf.gateway import gateway
from tests.ecrf.participants.browsing import link_to, post, visit
from tests.ecrf.visits import publish

ClientOf = Callable[[str], Client]


def test_reminders(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Reminders leave some days apart, as many as were settled, and stop once he has answered or wants no more."""
    invitation = invited(world, asked, subject)
    for _round in range(5):
        duties.tick()
        Invitation.objects.filter(pk=invitation.pk, mail_at__isnull=False).update(mail_at=timezone.now())
    assert len(mail.outbox) == 1 + asked.reminders
    assert "Reminder" in mail.outbox[-1].subject
    assert "List-Unsubscribe" in mail.outbox[0].extra_headers
    participants.resend(world.user["member"], invitation)
    stop = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(stop.partition("8000")[2], {"List-Unsubscribe": "One-Click"}).status_code == 200
    duties.tick()
    assert len(mail.outbox) == 1 + asked.reminders
    assert strict.get(reverse("participate:stop", args=["x"])).status_code == 404
    with pytest.raises(Conflict):
        participants.resend(world.user["member"], invitation)


def test_an_address_that_is_refused(
    world: World, asked: Questionnaire, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail that its server refuses is put aside and shown; one that can't leave now is tried again later."""
    from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

    invitation = invited(world, asked, subject)

    def failing(error: Exception) -> Callable[..., Any]:
        def send(*_arguments: Any, **_options: Any) -> None:
            raise error

        return send

    monkeypatch.setattr("ecrf.services.participants.mailing.EmailMessage.send", failing(SMTPServerDisconnected("x")))
    mailing.send_due()
    invitation.refresh_from_db()
    assert (invitation.failures, invitation.mails, AccessLink.objects.count()) == (1, 0, 0)
    Invitation.objects.update(mail_at=timezone.now())
    monkeypatch.setattr("ecrf.services.participants.mailing.EmailMessage.send", failing(SMTPRecipientsRefused({})))
    mailing.send_due()
    assert Participant.objects.get().bounced_at is not None
    assert Invitation.objects.get().mail_at is None


def test_invited_by_schedule(world: World) -> None:
    """Who has a contact is invited by himself, once, when the date that his records hold has come."""
    form = publish(world, DIARY | {"pages": [dated(), *DIARY["pages"]]}, "dates")
    asked = questionnaire(
        world, form, starts="date", date_item="operated", starts_after=7, automatic=True, open_days=30
    )
    member = world.user["member"]
    early, due, unknown = (services.include_subject(member, world.site_a) for _ in range(3))
    today = timezone.localdate()
    for subject, days in ((early, 1), (due, 8)):
        services.save_entry(member, subject, form, 0, {"operated": (today - timedelta(days=days)).isoformat()})
    for number, subject in enumerate((early, due, unknown)):
        participants.set_contact(member, subject, f"p{number}@example.org", "", "fr")
    duties.tick()
    Participant.objects.update(checked_at=None)
    duties.tick()
    assert [one.subject for one in asked.invitations.all()] == [due]
    assert [sent.to for sent in mail.outbox] == [["p1@example.org"]]
    assert "Un questionnaire" in mail.outbox[0].subject or mail.outbox[0].subject


def dated() -> dict[str, Any]:
    label = {"fr": "Opéré le", "en": "Operated on"}
    return {"key": "act", "title": label, "groups": [{"items": [{"key": "operated", "type": "date", "label": label}]}]}


def test_many_contacts(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Lines of a spreadsheet are looked at first: every wrong cell is named by row and column, nobody is invited."""
    member = world.user["member"]
    elsewhere = services.include_subject(world.user["other_site"], world.site_b)
    head = "subject;email;phone;language"
    text = f"{head}\n{subject.number};ana@;06 12;xx!\n{elsewhere.number};a@b.fr;;fr\n{subject.number};;;\n"
    with pytest.raises(Invalid) as caught:
        participants.read_contacts(member, world.project, text.encode())
    assert [(fault.place, fault.code) for fault in caught.value.faults] == [
        ("2.email", "email"),
        ("2.phone", "phone"),
        ("2.language", "language"),
        ("3.subject", "subject"),
        ("4.subject", "twice"),
        ("4.email", "empty"),
    ]
    good = f"subject,email,phone\n{subject.number},ana@example.org,+33 6 12 34 56 78\n"
    lines = participants.read_contacts(member, world.project, good.encode())
    assert participants.invite_many(member, asked, lines) == (1, 0)
    assert participants.invite_many(member, asked, lines) == (0, 1)
    assert Participant.objects.get().phone == "+33612345678"


def test_contacts_are_apart(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Who may not read contacts doesn't; erased, a contact is gone and the answers stay."""
    invitation = invited(world, asked, subject)
    client = visit(link_to(world, invitation))
    post(client, "save", values={"pain": "4"})
    with pytest.raises(Refusal):
        participants.set_contact(world.user["monitor"], subject, "x@example.org", "", "fr")
    participants.erase_contact(world.user["member"], Participant.objects.get())
    assert not Participant.objects.exists()
    assert Entry.objects.get().values == {"pain": "4"}
    assert Invitation.objects.get().mail_at is None


def test_short_messages(world: World, asked: Questionnaire, subject: Subject, settings: Any, tmp_path: Path) -> None:
    """A code goes through the operator's gateway; where there is none, none can be asked for, and that is said."""
    owner = world.user["owner"]
    with pytest.raises(Invalid) as caught:
        participants.save_questionnaire(owner, asked.form, {"proof": "sms"}, asked)
    assert caught.value.faults[0].code == "no_sms"
    with gateway(tmp_path) as (address, authority, messages):
        settings.OUTGOING_HOSTS, settings.OUTGOING_CA = ["localhost"], str(authority)
        settings.SMS_URL, settings.SMS_TOKEN, settings.SMS_FROM = address, "secret", "Suite"
        participants.save_questionnaire(owner, asked.form, {"proof": "sms"}, asked)
        participants.set_contact(world.user["member"], subject, "", "+33612345678", "en")
        link = link_to(world, participants.invite(world.user["member"], asked, subject))
        client = visit(link)
        client.post(reverse("participate:prove"), {"send": "yes"})
        [message] = messages
        assert (message["to"], message["from"], message["token"]) == ("+33612345678", "Suite", "Bearer secret")
        code = next(word.rstrip(".") for word in message["text"].split() if word.rstrip(".").isdecimal())
        assert client.post(reverse("participate:prove"), {"code": code}).status_code == 302
        settings.SMS_URL = address.replace("/sms", "/broken")
        assert visit(link).post(reverse("participate:prove"), {"send": "yes"}).status_code == 422
