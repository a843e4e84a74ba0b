"""Another e-mail address: asked for by who has just said who he is, in force once it is confirmed."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.access.demo import World
from core.access.models import Invitation
from core.accounts.models import User
from core.audit.models import Event
from tests.authenticator import code_now
from tests.core.access.conftest import LONG
from tests.core.accounts.test_sign_in import PASSWORD, enter, secret_of

ADDRESS = "nolwenn@chu.example"
WAITING = f"{ADDRESS} attend d’être confirmée"


@pytest.fixture
def client(world: World) -> Client:
    """The clinician, who has signed in with password and code, and has said again who she is."""
    cache.clear()
    user = world.user["member"]
    user.set_password(PASSWORD)
    user.save()
    secret = secret_of(user)
    client = Client(headers={"accept-language": "fr"})
    enter(client, user.email, PASSWORD)
    client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def asked(client: Client) -> str:
    """The address of the page that the mail leads to."""
    assert client.post(reverse("account_email"), {"action_add": "", "email": ADDRESS}).status_code == 302
    [letter] = [letter for letter in mail.outbox if letter.to == [ADDRESS]]
    assert "Confirmez votre adresse" in letter.subject
    assert "Suite InterHop" in letter.body
    found = re.search(r"https?://[^/]+(/\S+)", letter.body)
    assert found is not None
    return found[1]


def test_an_address_that_is_too_long_is_refused(client: Client) -> None:
    """The page says how long it may be, and nothing is sent."""
    answer = client.post(reverse("account_email"), {"action_add": "", "email": LONG})
    assert answer.status_code in (200, 422)
    assert "254" in answer.content.decode()
    assert not mail.outbox


def test_an_address_is_replaced_once_it_is_confirmed(client: Client, world: World) -> None:
    """Until the link in the mail is followed, the present address stays; afterwards only the new one signs in."""
    link = asked(client)
    assert WAITING in client.get(reverse("account_email")).content.decode()
    assert User.objects.get(pk=world.user["member"].pk).email == "member@demo.example"
    assert client.get(link).status_code == 200
    client.post(link)
    assert User.objects.get(pk=world.user["member"].pk).email == ADDRESS
    assert Event.objects.filter(action="accounts.email_changed", object_id=str(world.user["member"].pk)).exists()


def test_what_one_accepted_goes_with_the_address(client: Client, world: World) -> None:
    """An accepted invitation is found by the new address, so no former one is left."""
    invitation = Invitation.objects.create(
        email="member@demo.example",
        project=world.project,
        secret_hash="0" * 64,
        invited_by=world.user["owner"],
        expires_at=timezone.now(),
        accepted_at=timezone.now(),
    )
    client.post(asked(client))
    invitation.refresh_from_db()
    assert invitation.email == ADDRESS


def test_a_pending_address_can_be_dropped(client: Client) -> None:
    """The present address is kept, and the link of the mail opens nothing any more."""
    link = asked(client)
    client.post(reverse("account_email"), {"action_remove": "", "email": ADDRESS})
    assert WAITING not in client.get(reverse("account_email")).content.decode()
    assert "Ce lien ne fonctionne plus" in client.get(link).content.decode()


def test_an_address_of_another_account_is_not_told(client: Client, world: World) -> None:
    """Nothing on the page tells that somebody else has it, and it never becomes mine."""
    theirs = world.user["owner"].email
    answer = client.post(reverse("account_email"), {"action_add": "", "email": theirs}, follow=True)
    assert answer.status_code == 200
    assert User.objects.filter(email=theirs).count() == 1


def test_who_left_a_browser_open_changes_nothing(world: World) -> None:
    """A session alone is not enough: the password or a code is asked for first."""
    client = Client()
    client.force_login(world.user["member"])
    answer = client.post(reverse("account_email"), {"action_add": "", "email": ADDRESS})
    assert "/reauthenticate/" in answer["Location"]
    assert mail.outbox == []
