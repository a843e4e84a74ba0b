"""Passwords and the sessions they open: what is asked for, what is taken, and how it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.access.web.forms import AccountForm
from core.accounts.models import User

PASSWORD = "une longue phrase, facile à retenir"
FIELD = re.compile(r"<input[^>]*password[^>]*>")


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def person(world: World) -> User:
    user = world.user["member"]
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(client: Client, password: str, email: str = "member@demo.example") -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_a_short_password_is_refused_as_the_page_says(settings: Any) -> None:
    """The page that makes an account says the number of the setting, and refuses what is shorter."""
    settings.PASSWORD_LENGTH = 20
    validators = [{**settings.AUTH_PASSWORD_VALIDATORS[0], "OPTIONS": {"min_length": 20}}]
    settings.AUTH_PASSWORD_VALIDATORS = validators
    form = AccountForm({"full_name": "N", "password": "dix-neuf caractères"}, email="n@demo.example")
    assert "20" in str(form.fields["password"].help_text)
    assert "password" in form.errors


def test_a_change_asks_for_the_present_one(person: User) -> None:
    """Who found a session open can't choose a password: the present one is asked for beside the new one."""
    client = Client()
    Authenticator.objects.filter(user=person).delete()
    enter(client, PASSWORD)
    new = "une autre phrase, tout aussi longue"
    wrong = client.post(reverse("account_change_password"), {"oldpassword": "x", "password1": new, "password2": new})
    person.refresh_from_db()
    assert wrong.status_code in (200, 422)
    assert person.check_password(PASSWORD)
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    person.refresh_from_db()
    assert person.check_password(new)


@pytest.mark.parametrize(
    "password", ["Ünïcode 🙂 et espaces  deux", "x" * 5 + "aBc dé 🙂" * 15, " entourée d’espaces et gardée "]
)
def test_a_password_is_taken_as_it_is(person: User, password: str) -> None:
    """With its spaces, accents, capitals and signs, up to 128 characters: nothing is cut or folded."""
    assert 12 <= len(password) <= 128
    AccountForm({"full_name": "N", "password": password}, email="n@demo.example").is_valid()
    person.set_password(password)
    person.save()
    assert person.check_password(password)
    assert not person.check_password(password.strip().lower()[:72])


def test_fields_hide_what_is_typed_and_take_what_is_pasted(person: User, client_of: Callable[[str], Client]) -> None:
    """Every field for a password masks it, is named for password managers, and hinders nobody who pastes."""
    pages = [Client().get(reverse("account_login")), client_of("member").get(reverse("account_reauthenticate"))]
    found = [field for page in pages for field in FIELD.findall(page.text) if 'type="hidden"' not in field]
    assert len(found) >= 2
    for field in found:
        assert 'type="password"' in field
        assert "autocomplete=" in field
        assert "onpaste" not in field
        assert "maxlength" not in field


def test_a_reset_opens_nothing_by_itself(world: World, person: User) -> None:
    """The link of a mail lets one choose a password, once, for an hour; the second factor is asked for as ever."""
    assert settings.PASSWORD_RESET_TIMEOUT <= 3600
    client = Client()
    client.post(reverse("account_reset_password"), {"email": person.email})
    (link,) = re.findall(r"https?://\S+/password/reset/key/\S+", mail.outbox[-1].body)
    page = client.get(link, follow=True)
    new = "une autre phrase, tout aussi longue"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    person.refresh_from_db()
    assert person.check_password(new)
    assert client.get(reverse("portal:home")).status_code == 302
    assert enter(client, new)["Location"] == reverse("mfa_authenticate")
    assert client.get(link, follow=True).context["token_fail"]


def test_signing_in_makes_another_session(person: User) -> None:
    """A key that somebody had planted before opens nothing afterwards; a new one has 32 characters of chance."""
    client = Client()
    Authenticator.objects.filter(user=person).delete()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = str(session.session_key)
    enter(client, PASSWORD)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert key != planted
    assert re.fullmatch(r"[a-z0-9]{32}", key)
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert other.get(reverse("portal:home")).status_code == 302


@pytest.fixture(autouse=True)
def quick_passwords() -> None:
    """Here a password takes as long as in earnest."""


def test_passwords_are_kept_slowly(person: User) -> None:
    """PBKDF2 with SHA-256, a salt of its own, and at least as many rounds as OWASP asks for (600,000)."""
    algorithm, rounds, salt, _digest = person.password.split("$")
    assert algorithm == "pbkdf2_sha256"
    assert int(rounds) >= 600_000
    assert len(salt) >= 16
