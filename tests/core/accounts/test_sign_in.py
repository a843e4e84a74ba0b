"""Signing in: a password, a second factor, a way back without the phone, and limits for who guesses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.accounts.models import User
from tests.authenticator import code_now, just_confirmed

PASSWORD = "une longue phrase, facile à retenir"
TOKEN = re.compile(rb'(csrf[^"]*" (value|content)=")[^"]+')


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Limits are kept in the shared cache: each test begins with none reached."""
    cache.clear()


@pytest.fixture
def person(world: World) -> User:
    """A clinician with a password and a second factor."""
    user = world.user["member"]
    user.set_password(PASSWORD)
    user.save()
    return user


def secret_of(user: User) -> str:
    """A new second factor of this person, whose secret the test knows."""
    Authenticator.objects.filter(user=user).delete()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def enter(client: Client, email: str, password: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_what_was_shown_stays_in_no_cache(client_of: Callable[[str], Client], world: World) -> None:
    """After signing out, going back shows nothing: the browser keeps no page of a signed-in person."""
    for address in (reverse("portal:home"), reverse("access:members", args=[world.project.slug])):
        assert "no-store" in client_of("owner").get(address)["Cache-Control"]


def signed_in(client: Client) -> bool:
    return client.get(reverse("portal:home")).status_code == 200


def test_password_and_code_sign_in(person: User) -> None:
    """Neither alone is enough: the password leads to the second factor, and its code to the portal."""
    client, secret = Client(), secret_of(person)
    assert enter(client, person.email, PASSWORD)["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert signed_in(client)


def test_wrong_code_is_refused(person: User) -> None:
    """A wrong code opens nothing."""
    client = Client()
    secret_of(person)
    enter(client, person.email, PASSWORD)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not signed_in(client)


def test_code_works_once(person: User) -> None:
    """A code that was seen over a shoulder can't be used again."""
    secret = secret_of(person)
    seen = code_now(secret)
    for _ in range(2):
        client = Client()
        enter(client, person.email, PASSWORD)
        client.post(reverse("mfa_authenticate"), {"code": seen})
    assert not signed_in(client)


def test_recovery_code_works_once(person: User) -> None:
    """Without the phone, each recovery code signs in one time."""
    secret_of(person)
    [spare, *_others] = RecoveryCodes.activate(person).get_unused_codes()
    came_in = []
    for _ in range(2):
        client = Client()
        enter(client, person.email, PASSWORD)
        client.post(reverse("mfa_authenticate"), {"code": spare})
        came_in.append(signed_in(client))
    assert came_in == [True, False]


def test_secret_of_the_second_factor_is_sealed(person: User) -> None:
    """Who reads the database can't make codes."""
    secret = secret_of(person)
    assert secret not in str(list(Authenticator.objects.values()))


def test_member_without_second_factor_sets_one_up_first(person: User, client_of: Callable[[str], Client]) -> None:
    """Where the organisation asks for a second factor, nothing else is reached before there is one."""
    Authenticator.objects.filter(user=person).delete()
    client = client_of("member")
    assert client.get(reverse("portal:home"))["Location"] == reverse("mfa_activate_totp")
    assert client.get("/api/v1/projects/").status_code == 403
    assert client.get(reverse("tokens:create"))["Location"] == reverse("mfa_activate_totp")


@pytest.mark.parametrize("email", ["member@demo.example", "nobody@demo.example"])
def test_guessing_is_slowed_down(person: User, email: str) -> None:
    """After a few wrong passwords even the right one is refused for a while, whether the account exists or not."""
    client = Client()
    for _ in range(5):
        enter(client, email, "wrong")
    answer = enter(client, email, PASSWORD)
    assert answer.status_code == 200
    assert not signed_in(client)
    assert answer.context["form"].errors


def test_nobody_learns_whether_an_account_exists(person: User) -> None:
    """Asking for a new password answers the same for an unknown address."""
    known, unknown = (
        Client().post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (person.email, "nobody@demo.example")
    )
    assert known.redirect_chain == unknown.redirect_chain != []
    assert TOKEN.sub(b"", known.content) == TOKEN.sub(b"", unknown.content)
    assert mail.outbox[0].to == [person.email]


@pytest.mark.django_db
def test_nobody_signs_up_by_himself() -> None:
    """The sign-up page makes no account."""
    data = {"email": "new@demo.example", "password1": PASSWORD, "password2": PASSWORD}
    Client().post(reverse("account_signup"), data)
    assert not User.objects.filter(email="new@demo.example").exists()


def test_sessions_are_listed_and_ended(person: User, client_of: Callable[[str], Client]) -> None:
    """A person sees his other sessions and ends them: there he is signed out at once."""
    here, elsewhere = client_of("member"), client_of("member")
    for client in (here, elsewhere):
        client.get(reverse("portal:home"))
    assert UserSession.objects.filter(user=person).count() == 2
    assert here.get(reverse("usersessions_list")).status_code == 200
    here.post(reverse("usersessions_list"))
    assert signed_in(elsewhere), "who found a browser open ends nothing"
    just_confirmed(here).post(reverse("usersessions_list"))
    assert signed_in(here)
    assert not signed_in(elsewhere)


def test_forged_session_is_nobodys(person: User, client_of: Callable[[str], Client], settings: Any) -> None:
    """An invented session key, or one whose data were not made by us, signs nobody in."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "0" * 32
    assert not signed_in(client)
