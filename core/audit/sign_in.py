"""Tell the journal who signs in and out, who fails to, and what he does to his password and his second factor."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal

from core.accounts import signals
from core.audit.journal import record
from core.audit.models import Event

BY_SIGNAL: tuple[tuple[Signal, str], ...] = (
    (user_logged_in, "accounts.signed_in"),
    (user_logged_out, "accounts.signed_out"),
    (signals.link_used, "accounts.signin_link_used"),
    (signals.session_crowded_out, "accounts.session_crowded_out"),
    (signals.sessions_ended, "accounts.sessions_ended"),
    (signals.session_expired, "accounts.session_expired"),
    (account.password_set, "accounts.password_set"),
    (account.password_changed, "accounts.password_changed"),
    (account.password_reset, "accounts.password_reset"),
    (account.email_changed, "accounts.email_changed"),
    (mfa.authenticator_added, "accounts.second_factor_added"),
    (mfa.authenticator_removed, "accounts.second_factor_removed"),
    (mfa.authenticator_reset, "accounts.recovery_codes_renewed"),
)
"""Signals that simply say what somebody has done to his own account."""


def connect() -> None:
    for signal, action in BY_SIGNAL:
        signal.connect(_recorder(action), weak=False, dispatch_uid=action)
    signals.link_made.connect(on_link_made, dispatch_uid="accounts.signin_link_made")
    user_login_failed.connect(on_sign_in_failed, dispatch_uid="accounts.sign_in_failed")
    mfa.authentication_failed.connect(on_code_refused, dispatch_uid="accounts.code_refused")
    mfa.authenticator_used.connect(on_second_factor_used, dispatch_uid="accounts.recovery_code_used")


def _recorder(action: str) -> Any:
    def on_signal(*, user: Any = None, authenticator: Authenticator | None = None, **_signal: Any) -> None:
        if user is None:  # somebody signed out who had not signed in
            return
        details = {"kind": authenticator.type} if authenticator is not None else {}
        record(user, action, user, **details)

    return on_signal


def on_link_made(*, user: Any, **_signal: Any) -> None:
    """Links are made at the machine's console: nobody of ours is the actor."""
    record(None, "accounts.signin_link_made", user)


def on_sign_in_failed(*, credentials: dict[str, Any], **_signal: Any) -> None:
    """The account is named where there is one; what was typed is not kept, for it may be a password."""
    email = credentials.get("email") or credentials.get("username") or ""
    user = get_user_model().objects.filter(email__iexact=str(email)).first()
    record(user, "accounts.sign_in_failed", user, outcome=Event.Outcome.FAILED)


def on_code_refused(*, user: Any, authenticator: Authenticator | None = None, **_signal: Any) -> None:
    details = {"kind": authenticator.type if authenticator is not None else Authenticator.Type.WEBAUTHN}
    record(user, "accounts.code_refused", user, outcome=Event.Outcome.FAILED, **details)


def on_second_factor_used(*, user: Any, authenticator: Authenticator, **_signal: Any) -> None:
    """A recovery code is spent for good, and tells of a lost device."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record(user, "accounts.recovery_code_used", user)
