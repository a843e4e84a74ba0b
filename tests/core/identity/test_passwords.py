"""Passwords: long enough, not what anybody here would try, and every change is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.accounts.models import User
from core.identity import factors
from tests.core.identity.conftest import PASSWORD, add_passkey

NEW = "trois crêpes au sarrasin"


@pytest.mark.parametrize(
    "password",
    [
        "court",
        "passwordpassword",
        "abababababab",
        "123456789012",
        "zyxwvutsrqpon",
        "Nolwenn2026!!",
        "nolwenn.kerbrat",
        "suite-interhop-1",
        "Brocéliande2026",
        "x" * 129,
        "é" * 200,
    ],
)
def test_what_anybody_would_try_is_refused(world: World, password: str) -> None:
    """Short, common, in a row, or made of names of this place; also longer than can be kept whole."""
    with pytest.raises(ValidationError):
        validate_password(password, world.user["member"])


@pytest.mark.parametrize("password", [NEW, "correct horse battery staple", "Nolwenn aime les galettes", "0Zé~%" * 24])
def test_a_sentence_is_taken(world: World, password: str) -> None:
    """No capitals, figures or signs are asked for, and 120 characters are taken whole."""
    validate_password(password, world.user["member"])
    user = world.user["member"]
    user.set_password(password)
    assert user.check_password(password)
    assert not user.check_password(password[:-1])


def test_a_change_ends_other_sessions_and_is_told(client: Client, person: User) -> None:
    """Here one stays signed in, everywhere else it is over; a mail says so, without the password."""
    other = Client()
    other.force_login(person)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client.post(reverse("account_change_password"), data)
    assert "_auth_user_id" in client.session
    assert other.get(reverse("portal:home")).status_code == 302
    [letter] = mail.outbox
    assert letter.to == [person.email]
    assert "mot de passe" in letter.body
    assert NEW not in letter.body


def test_factors_are_told_in_the_persons_language(client: Client, person: User) -> None:
    """A passkey that comes and one that goes: each by a mail, whatever the browser speaks."""
    User.objects.filter(pk=person.pk).update(language="en")
    add_passkey(client)
    assert ["A passkey was added" in letter.body for letter in mail.outbox] == [True]
    add_passkey(client)
    factors.remove(User.objects.get(pk=person.pk), person.authenticator_set.filter(type="webauthn")[0])
    assert "A passkey was removed" in mail.outbox[-1].body


@pytest.fixture(autouse=True)
def _now(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the commit is done at once."""
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda act, **_how: act())
