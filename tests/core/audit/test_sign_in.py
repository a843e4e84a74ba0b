"""Signing in and out, failing to, and what one does to one's account are in the journal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.dispatch import Signal
from django.test import Client, RequestFactory
from django.urls import reverse

from core.access.demo import World
from core.audit.models import Event


def told(world: World, who: str = "member") -> list[tuple[str, str]]:
    events = Event.objects.filter(action__startswith="accounts.", actor_id=world.user[who].pk).order_by("id")
    return list(events.values_list("action", "outcome"))


def test_signing_in_and_out(client_of: Callable[[str], Client], world: World) -> None:
    """Both ends of a session are told, as belonging to no project."""
    client_of("member").post(reverse("account_logout"))
    assert told(world) == [("accounts.signed_in", "done"), ("accounts.signed_out", "done")]
    assert not Event.objects.exclude(project_id=None).exists()


def test_failing_to_sign_in_names_the_account_and_not_what_was_typed(world: World) -> None:
    """A known address is told as its account; an unknown one is not kept, for it may be a password."""
    request = RequestFactory().post("/")
    for email in (world.user["member"].email, "hunter2-my-password"):
        assert authenticate(request, email=email, password="wrong") is None
    assert told(world) == [("accounts.sign_in_failed", "failed")]
    unknown = Event.objects.get(actor_id=None)
    assert "hunter2" not in f"{unknown.details} {unknown.reason} {unknown.object_id}"


@pytest.mark.parametrize(
    ("signal", "action"),
    [
        (account.password_changed, "accounts.password_changed"),
        (account.password_set, "accounts.password_set"),
        (account.password_reset, "accounts.password_reset"),
        (mfa.authenticator_added, "accounts.second_factor_added"),
        (mfa.authenticator_removed, "accounts.second_factor_removed"),
        (mfa.authenticator_reset, "accounts.recovery_codes_renewed"),
    ],
)
def test_what_one_does_to_ones_account(
    client_of: Callable[[str], Client], world: World, signal: Signal, action: str
) -> None:
    """Passwords and second factors that are set, changed and removed are told, without their values."""
    user = world.user["member"]
    device = Authenticator(type=Authenticator.Type.TOTP, user=user, data={"secret": "s3cret"})
    request = RequestFactory().get("/")
    request.user, request.session = user, client_of("member").session
    signal.send(sender=type(user), request=request, user=user, authenticator=device)
    assert told(world)[1:] == [(action, "done")]
    assert "s3cret" not in str(Event.objects.get(action=action).details)


def test_a_wrong_code_and_a_spent_recovery_code(world: World) -> None:
    """A wrong code of the second factor is a failure; a recovery code tells of a lost device."""
    user = world.user["member"]
    codes = Authenticator(type=Authenticator.Type.RECOVERY_CODES, user=user)
    mfa.authentication_failed.send(sender=type(user), request=None, user=user, authenticator=codes)
    mfa.authenticator_used.send(sender=type(user), request=None, user=user, authenticator=codes)
    assert told(world) == [("accounts.code_refused", "failed"), ("accounts.recovery_code_used", "done")]
