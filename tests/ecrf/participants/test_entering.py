"""Who gets in to answer for himself, and until when."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.access.demo import World
from core.audit.models import Event
from core.errors import Invalid
from ecrf import services
from ecrf.engine.numbering import Rule
from ecrf.models import AccessLink, Entry, Guest, Invitation, Questionnaire, Subject
from ecrf.services import participants
from ecrf.services.numbering import set_numbering
from ecrf.services.participants import faults, tokens
from ecrf.web.participants.guesting import COOKIE
from tests.ecrf.diary import invited, token_of
from tests.ecrf.participants.browsing import data_of, link_to, post, somewhere, visit

ClientOf = Callable[[str], Client]


def test_a_guessed_token_opens_nothing(asked: Questionnaire) -> None:
    """What isn't one of our tokens is 404 and leaves no cookie."""
    for token in (
        "",
        "x",
        tokens.token(),
        "p." + tokens.token(),
        "\ud800".encode("utf-8", "surrogatepass").decode("latin1"),
    ):
        answer = somewhere().post(reverse("participate:enter"), {"token": token}, HTTP_ACCEPT="application/json")
        assert (answer.status_code, COOKIE in answer.cookies) == (404, False)


def test_only_digests_are_kept(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Neither a token, nor a code, nor a contact stands in the database or the journal as it is."""
    invitation = invited(world, asked, subject)
    token = token_of(link_to(world, invitation))
    rows = [AccessLink.objects.get().digest, json.dumps([event.details for event in Event.objects.all()])]
    assert all(token not in row and "ana@example.org" not in row for row in rows)
    assert AccessLink.objects.get().digest == tokens.digest(token)


@pytest.mark.parametrize(
    ("code", "status", "change"),
    [
        ("answered", 410, {"answered_at": timezone.now()}),
        ("revoked", 410, {"revoked_at": timezone.now()}),
        ("expired", 410, {"opens_at": timezone.now() - timedelta(9), "closes_at": timezone.now() - timedelta(8)}),
        ("planned", 403, {"opens_at": timezone.now() + timedelta(8), "closes_at": timezone.now() + timedelta(9)}),
    ],
)
def test_links_end(
    world: World, asked: Questionnaire, subject: Subject, code: str, status: int, change: dict[str, Any]
) -> None:
    """A link that was used up, withdrawn, too late or too early says so to whoever replays it, and opens nothing."""
    invitation = invited(world, asked, subject)
    link = link_to(world, invitation)
    client = visit(link)
    Invitation.objects.filter(pk=invitation.pk).update(**change)
    again = somewhere().post(reverse("participate:enter"), {"token": token_of(link)}, HTTP_ACCEPT="application/json")
    assert (again.status_code, again.json()["message"]) == (status, str(faults.WORDS[code]))
    shut = post(client, "save", values={"pain": "4"})
    assert shut.status_code == status
    assert not Entry.objects.filter(subject=subject).exists()


def test_revoked_in_mid_fill(world: World, asked: Questionnaire, subject: Subject) -> None:
    """What was saved before stays; what comes after is refused in words that his browser shows beside his answers."""
    invitation = invited(world, asked, subject)
    client = visit(link_to(world, invitation))
    post(client, "save", values={"pain": "4"})
    participants.revoke(world.user["member"], invitation)
    late = post(client, "save", 1, {"pain": "9"})
    assert (late.status_code, late.json()["code"]) == (410, "revoked")
    assert Entry.objects.get(subject=subject).values == {"pain": "4"}


def test_one_visit_opens_one_invitation(world: World, asked: Questionnaire, subject: Subject) -> None:
    """A forged or foreign cookie opens nothing; nothing in a visit names a subject, so another's can't be asked for."""
    client = visit(link_to(world, invited(world, asked, subject)))
    forged = Client()
    forged.cookies[COOKIE] = client.cookies[COOKIE].value[:-3] + "abc"
    assert forged.get(reverse("participate:fill")).status_code == 410
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/participate/")
    assert client.get(reverse("ecrf:subject", args=[world.project.slug, subject.pk])).status_code == 302
    page = client.get(reverse("participate:fill"))
    assert (page["X-Robots-Tag"], "no-store" in page["Cache-Control"]) == ("noindex, nofollow, noarchive", True)
    Guest.objects.update(expires_at=timezone.now())
    assert client.get(reverse("participate:fill")).status_code == 410


def test_no_change_without_its_own_page(world: World, asked: Questionnaire, subject: Subject) -> None:
    """A page of somebody else can't save in a visit: the request brings no token of ours."""
    client = visit(link_to(world, invited(world, asked, subject)))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert post(strict, "save", values={"pain": "4"}).status_code == 403


def test_tries_are_counted(asked: Questionnaire) -> None:
    """Whoever tries return codes from one address is told to wait, before the codes are even looked at."""
    client = somewhere()
    answers = [client.post(reverse("participate:come_back"), {"code": "AAAAA-BBBBB"}).status_code for _ in range(8)]
    assert (answers[0], answers[-1]) == (422, 429)


def test_a_return_code(world: World, asked: Questionnaire, subject: Subject) -> None:
    """What was saved is there on another device, for the newest code, however it is typed."""
    client = visit(link_to(world, invited(world, asked, subject)))
    post(client, "save", values={"pain": "4"})
    first = client.post(reverse("participate:code")).json()["code"]
    answer = client.post(reverse("participate:code"), {"mail": "yes"}).json()
    assert (answer["mailed"], answer["code"] in mail.outbox[-1].body) == (True, True)
    other = somewhere()
    assert other.post(reverse("participate:come_back"), {"code": first}).status_code == 422
    typed = answer["code"].lower().replace("-", " ")
    assert other.post(reverse("participate:come_back"), {"code": typed}).status_code == 303
    assert data_of(other)["values"] == {"pain": "4"}


def test_a_one_time_code(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Where the study wants a code too, nothing is shown nor saved before it; five wrong ones end the visit."""
    Questionnaire.objects.update(proof="email")
    link = link_to(world, invited(world, asked, subject))
    client = visit(link)
    assert client.get(reverse("participate:fill")).url == reverse("participate:prove")
    assert post(client, "save", values={"pain": "4"}).status_code == 410
    client.post(reverse("participate:prove"), {"send": "yes"})
    code = next(word for word in mail.outbox[-1].body.split() if word.rstrip(".").isdecimal()).rstrip(".")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert client.post(reverse("participate:prove"), {"code": wrong}).status_code == 422
    assert client.post(reverse("participate:prove"), {"code": code}).status_code == 302
    assert data_of(client)["revision"] == 0
    other = visit(link)
    answers = [other.post(reverse("participate:prove"), {"code": wrong}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 403]
    assert other.get(reverse("participate:fill")).status_code == 410


def test_the_public_link(world: World, asked: Questionnaire) -> None:
    """Whoever has it answers; a subject is made at the first answer, as many as the study takes, until it is closed."""
    owner = world.user["owner"]
    link = participants.open_to_anybody(owner, asked, world.site_b, 1, None)
    client, second = visit(link), visit(link)
    assert data_of(client)["revision"] == 0
    assert Subject.objects.count() == 0
    assert post(client, "save", values={"pain": "2"}).json()["revision"] == 1
    one = Subject.objects.get()
    assert (one.number, one.included_by, one.invitations.get().origin) == ("KER-001", None, "public")
    assert post(client, "save", 1, {"sleep": "1"}).json()["revision"] == 2
    assert post(second, "save", values={"pain": "3"}).json()["code"] == "full"
    participants.close_to_anybody(owner, Questionnaire.objects.get())
    late = somewhere().post(reverse("participate:enter"), {"token": token_of(link)}, HTTP_ACCEPT="application/json")
    assert late.status_code == 404
    assert post(client, "send", 2).json() == {"sent": True}


def test_the_public_link_and_numbers(world: World, asked: Questionnaire) -> None:
    """Who comes by the link is numbered by the study's rule; where somebody gives numbers there is no such link."""
    owner = world.user["owner"]
    set_numbering(owner, world.project, Rule("{site}/{sequence:4}"))
    client = visit(participants.open_to_anybody(owner, asked, world.site_b, None, None))
    post(client, "save", values={"pain": "2"})
    assert Subject.objects.get().number == "KER/0001"
    assert services.include_subject(owner, world.site_b).number == "KER/0002"
    set_numbering(owner, world.project, Rule("{sequence:3}", per_site=False, typed=True))
    with pytest.raises(Invalid) as refused:
        participants.open_to_anybody(owner, asked, world.site_b, None, None)
    assert [fault.code for fault in refused.value.faults] == ["numbering"]


def test_a_member_is_no_participant(world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf) -> None:
    """Somebody who is signed in answers nothing in a participant's place: he is told to hand the tablet over."""
    link = link_to(world, invited(world, asked, subject))
    browser = client_of("member")
    answer = browser.post(reverse("participate:enter"), {"token": token_of(link)}, HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "member")
