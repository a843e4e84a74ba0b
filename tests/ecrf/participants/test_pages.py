"""The team's pages about participants, the tablet that is handed over, and the same over REST."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.access.demo import World
from core.audit.models import Event
from ecrf import services
from ecrf.models import Entry, Fragment, Guest, Invitation, Participant, Questionnaire, Subject
from ecrf.services import participants
from ecrf.services.participants import duties
from tests.ecrf.diary import DIARY, invited
from tests.ecrf.visits import publish

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/ecrf"


def at(world: World, name: str, *more: Any) -> str:
    return reverse(f"ecrf:{name}", args=[world.project.slug, *more])


def handed(client: Client, world: World, asked: Questionnaire, subject: Subject, pin: str = "2468") -> Any:
    client.defaults["REMOTE_ADDR"] = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    sent = {"questionnaire": asked.pk, "pin": pin, "again": pin}
    return client.post(at(world, "hand_over", subject.pk), sent)


def test_a_tablet(world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf) -> None:
    """Handed over, the browser holds nothing of the member; his PIN brings his very session back, where he was."""
    client = client_of("member")
    before = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    assert handed(client, world, asked, subject).url == reverse("participate:fill")
    assert client.cookies[django_settings.SESSION_COOKIE_NAME].value == ""
    assert not Session.objects.filter(session_key=before).exists()
    for away in (at(world, "home"), at(world, "subject", subject.pk), reverse("portal:home")):
        assert client.get(away).url.startswith("/accounts/login/")
    sent = {"base": 0, "values": {"pain": "6"}}
    assert client.post(reverse("participate:save"), sent, content_type="application/json").status_code == 200
    assert client.post(reverse("participate:send"), {**sent, "base": 1}, content_type="application/json").json()["sent"]
    fragment = Fragment.objects.get(number=1)
    assert (fragment.author, fragment.by_participant) == (None, True)
    assert client.get(reverse("participate:fill")).url == reverse("participate:give_back")
    assert client.post(reverse("participate:give_back"), {"pin": "1111"}).status_code == 422
    back = client.post(reverse("participate:give_back"), {"pin": "2468"})
    assert back.url == subject.get_absolute_url()
    assert client.get(back.url).status_code == 200
    told = set(Event.objects.filter(actor_id=world.user["member"].pk).values_list("action", flat=True))
    assert {"ecrf.tablet_handed_over", "ecrf.tablet_given_back"} <= told
    assert client.get(reverse("participate:fill")).status_code == 403


def test_five_wrong_pins(world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf) -> None:
    """Five wrong PINs end the member's session for good: the right one afterwards opens nothing."""
    client = client_of("member")
    handed(client, world, asked, subject)
    aside = str(Guest.objects.select_related("questionnaire__form__project").get().aside)
    assert Session.objects.filter(session_key=aside).exists()
    answers = [client.post(reverse("participate:give_back"), {"pin": "0000"}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 403]
    assert not Session.objects.filter(session_key=aside).exists()
    assert client.post(reverse("participate:give_back"), {"pin": "2468"}).status_code == 410
    assert client.get(at(world, "home")).status_code == 302


def test_removed_while_the_tablet_is_away(
    world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf
) -> None:
    """Whoever lost his sessions meanwhile gets nothing back for his PIN but the page to sign in."""
    client = client_of("member")
    client.get(at(world, "home"))
    handed(client, world, asked, subject)
    aside = str(Guest.objects.select_related("questionnaire__form__project").get().aside)
    for session in UserSession.objects.filter(user=world.user["member"], session_key=aside):
        session.end()
    assert not Session.objects.filter(session_key=aside).exists()
    back = client.post(reverse("participate:give_back"), {"pin": "2468"})
    assert client.get(back.url).url.startswith("/accounts/login/")


def test_a_tablet_that_nobody_gave_back(
    world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf
) -> None:
    """After some hours the session that was put aside is ended."""
    handed(client_of("member"), world, asked, subject)
    Guest.objects.update(expires_at=Guest.objects.get().created_at)
    aside = str(Guest.objects.select_related("questionnaire__form__project").get().aside)
    duties.tick()
    assert not Session.objects.filter(session_key=aside).exists()
    assert Guest.objects.get().ended_at is not None
    duties.forget_visits()
    assert Guest.objects.exists()
    Guest.objects.update(expires_at=timezone.now() - duties.KEPT - duties.KEPT)
    duties.forget_visits()
    assert not Guest.objects.exists()


@pytest.mark.parametrize("pin", ["12", "1111", "abcd", "123456789"])
def test_a_pin_that_is_none(
    world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf, pin: str
) -> None:
    """A PIN that is too short, all the same or no number is refused, and nothing is handed over."""
    client = client_of("member")
    assert handed(client, world, asked, subject, pin).status_code == 422
    assert client.get(at(world, "home")).status_code == 200
    assert not Guest.objects.exists()


def test_questionnaires_are_made(world: World, client_of: ClientOf) -> None:
    """The manager chooses pages and words; what can't work is said at its field, and what is closed takes nobody."""
    form = publish(world, DIARY, "journal")
    client = client_of("owner")
    address = at(world, "new_questionnaire", form.key)
    page = client.get(address).content.decode()
    assert "العربي" in page
    good = {
        "name": "Journal",
        "pages": ["diary"],
        "starts": "date",
        "starts_after": 0,
        "open_days": 7,
        "date": "",
        "reminders": 1,
        "remind_days": 2,
        "proof": "none",
        "title_fr": "Votre journal",
        "may_decline": "on",
    }
    refused = client.post(address, good)
    assert refused.status_code == 422
    assert client.post(address, good | {"starts": "inclusion"}).status_code == 303
    one = Questionnaire.objects.get()
    assert (one.texts["title"], one.reminders) == ({"fr": "Votre journal"}, 1)
    assert client.get(one.get_absolute_url()).status_code == 200
    shown = client.post(at(world, "public_link", one.pk), {"site": world.site_a.pk, "most": "5", "until": ""})
    assert "/participate/#p." in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    client.post(at(world, "close_questionnaire", one.pk))
    one.refresh_from_db()
    assert (one.closed_at is None, one.public_digest) == (False, None)


def test_people_are_invited(world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf) -> None:
    """From a participant's page: his contact, an invitation, a link shown once, its end; each in the journal."""
    client = client_of("member")
    page = at(world, "participant", subject.pk)
    bad = client.post(page, {"contact": "yes", "email": "ana", "phone": "", "language": "fr"})
    assert bad.status_code == 422
    client.post(page, {"contact": "yes", "email": "ana@example.org", "phone": "", "language": "ar"})
    client.post(page, {"questionnaire": asked.pk})
    one = Invitation.objects.get()
    assert "ana@example.org" in client.get(page).content.decode()
    listed = client.get(at(world, "participants")).content.decode()
    assert subject.number in listed
    assert "ana@example.org" not in listed
    assert "#" in client.post(at(world, "invitation_link", one.pk)).content.decode().partition("participate/")[2][:1]
    assert client.post(at(world, "invitation_act", one.pk), {"act": "resend"}).status_code == 302
    assert client.post(at(world, "invitation_act", one.pk), {"act": "revoke"}).status_code == 302
    one.refresh_from_db()
    assert one.state == "revoked"
    assert client.post(at(world, "erase_contact", subject.pk)).status_code == 302
    assert not Participant.objects.exists()
    told = list(Event.objects.filter(action__startswith="ecrf.contact").order_by("pk").values_list("action", flat=True))
    assert told == ["ecrf.contact_changed", "ecrf.contact_read", "ecrf.contact_erased"]
    assert all("ana" not in str(event.details) for event in Event.objects.all())


def test_many_are_invited(world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf) -> None:
    """The lines are laid out first and nothing is done; wrong ones are named; then all are invited at once."""
    client, address = client_of("member"), at(world, "invite_many", asked.pk)
    wrong = client.post(address, {"contacts": "subject,email\nNOBODY,a@b.fr\n"})
    assert (wrong.status_code, Invitation.objects.count()) == (422, 0)
    lines = {"contacts": f"subject,email\n{subject.number},ana@example.org\n"}
    assert client.post(address, lines).status_code == 200
    assert Participant.objects.count() == 0
    assert client.post(address, lines | {"go": "yes"}).status_code == 303
    assert Invitation.objects.get().subject == subject


def test_over_rest(world: World, asked: Questionnaire, subject: Subject, api_of: ApiOf) -> None:
    """Questionnaires, contacts, invitations and links are made and read over REST, with the same refusals."""
    owner, member = api_of("owner"), api_of("member")
    made = {"project": world.project.slug, "form": "journal", "name": "Soir", "pages": ["diary"]}
    evening = owner.post(f"{ROOT}/questionnaires/", made, format="json")
    assert evening.status_code == 201
    assert owner.post(f"{ROOT}/questionnaires/", made | {"pages": ["x"]}, format="json").status_code == 422
    address = f"{ROOT}/questionnaires/{evening.data['id']}/"
    assert owner.patch(address, {"reminders": 5}, format="json").data["reminders"] == 5
    assert member.patch(address, {"reminders": 0}, format="json").status_code == 403
    contact = {"subject": str(subject.pk), "email": "ana@example.org"}
    person = member.post(f"{ROOT}/participants/", contact, format="json")
    assert (person.status_code, person.data["email"]) == (201, "ana@example.org")
    assert "ana@example.org" not in member.get(f"{ROOT}/participants/").content.decode()
    sent = {"questionnaire": str(asked.pk), "subject": str(subject.pk)}
    one = member.post(f"{ROOT}/invitations/", sent, format="json")
    assert (one.status_code, one.data["state"]) == (201, "invited")
    assert member.post(f"{ROOT}/invitations/", sent, format="json").status_code == 409
    where = f"{ROOT}/invitations/{one.data['id']}/"
    assert "/participate/#" in member.post(f"{where}link/").data["link"]
    assert api_of("other_site").get(where).status_code == 404
    assert member.post(f"{where}revoke/").data["state"] == "revoked"
    assert member.delete(f"{ROOT}/participants/{person.data['id']}/").status_code == 204
    assert owner.post(f"{address}close/").data["closed_at"] is not None


def test_an_entry_of_a_participant_is_exported(world: World, asked: Questionnaire, subject: Subject) -> None:
    """What a participant entered is a record like any other: it is locked, signed off and removed as they are."""
    invitation = invited(world, asked, subject)
    secret = participants.enter(participants.make_link(world.user["member"], invitation).partition("#")[2])
    guest = participants.visiting(secret)
    assert guest is not None
    participants.send_answers(guest, 0, {"pain": "1"}, {}, None)
    entry = Entry.objects.select_related("subject__project", "subject__site", "form").get()
    services.save_entry(world.user["member"], subject, asked.form, 1, {"baseline": "80"})
    entry.refresh_from_db()
    assert services.remove_entry(world.user["owner"], entry, "Doublon").removed_at is not None
