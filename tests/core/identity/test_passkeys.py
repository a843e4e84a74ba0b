"""Passkeys: a second factor after the password, and a way in without one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from core.access import second_factor
from core.access.demo import World
from core.accounts.models import User
from core.audit.models import Event
from core.errors import Conflict
from core.identity import factors
from tests.core.identity.conftest import PASSWORD, add_passkey
from tests.passkey import Passkey
from tests.race import race


def options(client: Client) -> dict[str, Any]:
    """What the sign-in page asks of a passkey."""
    answer = client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    return answer.json()["request_options"]


def sign_in(client: Client, credential: str) -> HttpResponse:
    return client.post(reverse("mfa_login_webauthn"), {"credential": credential})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_passkey_signs_in_without_a_password(passkey: Passkey, person: User) -> None:
    """Its owner is known by it alone, and needs no other factor."""
    client = Client()
    answer = sign_in(client, passkey.get(options(client)))
    assert answer["Location"] == reverse("desk:start")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.get(reverse("portal:home")).status_code == 200


def test_a_passkey_is_a_second_factor(passkey: Passkey, person: User) -> None:
    """After the password the page asks for it; it counts where an organisation wants a second factor."""
    assert not second_factor.missing(person)
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert not signed_in(client)
    asked = client.get(reverse("mfa_authenticate")).context["js_data"]["request_options"]
    client.post(reverse("mfa_authenticate"), {"credential": passkey.get(asked)})
    assert signed_in(client)


def test_an_answer_works_once(passkey: Passkey) -> None:
    """What was sent once opens nothing again: each answer is to a question of its own."""
    client = Client()
    credential = passkey.get(options(client))
    sign_in(client, credential)
    other = Client()
    options(other)
    sign_in(other, credential)
    assert (signed_in(client), signed_in(other)) == (True, False)


@pytest.mark.parametrize("how", [{"verified": False}, {"owner": b"someone-else"}, {"owner": b"\xff"}])
def test_who_is_not_the_owner_is_refused(passkey: Passkey, how: dict[str, Any]) -> None:
    """A device that didn't ask for its owner, or one that names somebody else, opens nothing."""
    client = Client()
    assert sign_in(client, passkey.get(options(client), **how)).status_code == 302
    assert not signed_in(client)


def test_a_false_page_gains_nothing(passkey: Passkey) -> None:
    """What a passkey signed for another address is worth nothing here."""
    client = Client()
    passkey.origin = "https://suite-interhop.example"
    sign_in(client, passkey.get(options(client)))
    assert not signed_in(client)


def test_another_key_is_refused(passkey: Passkey) -> None:
    """A signature by another key under the name of a known one opens nothing."""
    client, forged = Client(), Passkey()
    forged.id, forged.owner = passkey.id, passkey.owner
    sign_in(client, forged.get(options(client)))
    assert not signed_in(client)


def test_a_closed_account_stays_closed(passkey: Passkey, person: User) -> None:
    """A passkey doesn't open the account of somebody who may not sign in any more."""
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = Client()
    assert sign_in(client, passkey.get(options(client)))["Location"] == reverse("account_inactive")
    assert not signed_in(client)


@pytest.mark.parametrize("how", [{"verified": False}, {"kept": False}])
def test_a_device_that_can_not_is_refused(client: Client, person: User, how: dict[str, bool]) -> None:
    """One that doesn't ask for its owner, or keeps no passkey, is not added."""
    add_passkey(client, **how)
    assert not Authenticator.objects.filter(user=person).exists()


HOSTILE = [
    "",
    "null",
    "[]",
    "7",
    "{",
    '"x"',
    "{}",
    '{"response": []}',
    '{"response": {"userHandle": 7}}',
    '{"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "e30"}}',
    '{"x": "\\u0000"}',
    '{"x": "\\ud800"}',
    "[" * 20_000,
    "x" * 50_000,
]


def test_nonsense_is_refused_in_words(client: Client, passkey: Passkey) -> None:
    """Whatever a program sends in place of a browser, the answer is a page and nothing is signed in or added."""
    stranger = Client()
    for credential in HOSTILE:
        cache.clear()
        client.get(reverse("mfa_add_webauthn"))
        answer = client.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": credential})
        assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True), credential
        assert client.post(reverse("mfa_reauthenticate_webauthn"), {"credential": credential}).status_code == 422
        options(stranger)
        assert sign_in(stranger, credential).status_code == 302
        assert not signed_in(stranger)
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_the_journal_tells(passkey: Passkey, person: User, client: Client) -> None:
    """Adding a passkey, one that was refused as second factor, and its removal are told."""
    other = Client()
    other.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    other.post(reverse("mfa_authenticate"), {"credential": '{"id": 7}'})
    User.objects.get(pk=person.pk).memberships.update(ends_at="2000-01-01T00:00Z", starts_at="1999-01-01T00:00Z")
    client.post(reverse("mfa_remove_webauthn", args=[Authenticator.objects.get(type="webauthn").pk]))
    events = Event.objects.filter(actor_id=person.pk, action__startswith="accounts.")
    told = [(event.action, event.details.get("kind")) for event in events.order_by("id")]
    assert ("accounts.second_factor_added", "webauthn") in told
    assert ("accounts.code_refused", "webauthn") in told
    assert ("accounts.second_factor_removed", "webauthn") in told


def test_a_passkey_is_named_and_renamed(passkey: Passkey, client: Client) -> None:
    """A person knows each of hers by its name, and may give it another."""
    key = Authenticator.objects.get(type="webauthn")
    assert "Mon téléphone" in client.get(reverse("mfa_index")).text
    client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Clé du badge"})
    assert "Clé du badge" in client.get(reverse("mfa_list_webauthn")).text


def test_somebody_elses_passkey_is_not_there(passkey: Passkey, world: World) -> None:
    """Nobody renames or removes another's passkey, nor learns that it exists."""
    key, client = Authenticator.objects.get(type="webauthn"), Client()
    owner = world.user["owner"]
    owner.set_password(PASSWORD)
    owner.save()
    client.force_login(owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.post(reverse(name, args=[key.pk]), {"name": "x"}).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_the_last_factor_stays_where_one_is_asked_for(passkey: Passkey, client: Client, person: User) -> None:
    """The page says why; with another factor it can go."""
    key = Authenticator.objects.get(type="webauthn")
    address = reverse("mfa_remove_webauthn", args=[key.pk])
    assert client.post(address).status_code == 409
    add_passkey(client)
    assert client.post(address).status_code == 302
    assert not Authenticator.objects.filter(pk=key.pk).exists()


def test_the_last_way_in_stays(passkey: Passkey, person: User) -> None:
    """Who has no password keeps the passkey he signs in with, also where no organisation asks for one."""
    person.memberships.update(ends_at="2000-01-01T00:00Z", starts_at="1999-01-01T00:00Z")
    key = Authenticator.objects.get(type="webauthn")
    assert factors.why_kept(key) is None
    person.set_unusable_password()
    person.save()
    assert factors.why_kept(Authenticator.objects.get(pk=key.pk))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_remove_both(passkey: Passkey, client: Client, person: User) -> None:
    """Of two browsers that remove the last two passkeys in the same moment, one is refused."""
    add_passkey(client)
    both = [(person, key) for key in Authenticator.objects.filter(type="webauthn")]
    assert race(factors.remove, both, Conflict) == ["done", "refused"]
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1


def test_the_app_stays_too(client: Client, person: User) -> None:
    """The authenticator app goes only once there is a passkey."""
    from tests.core.accounts.test_sign_in import secret_of

    secret_of(person)
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 409
    add_passkey(client)
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert json.dumps(list(Authenticator.objects.filter(user=person).values_list("type", flat=True))).count("totp") == 0
