"""Tell a person by mail of every change to his way of signing in: whoever it was that made it, he hears of it.

The mail says what, when and from where; never a secret, and no link that does anything by itself.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.dispatch import Signal
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from core.accounts import signals
from core.accounts.limits import USED
from core.accounts.models import User
from core.context import current

ADDRESS_CHANGED = _("The e-mail address of your account was changed.")
CHANGES: tuple[tuple[Signal, Any], ...] = (
    (account.password_set, _("A password was chosen for your account.")),
    (account.password_changed, _("The password of your account was changed.")),
    (account.password_reset, _("The password of your account was changed, through a link sent to your address.")),
    (account.email_changed, ADDRESS_CHANGED),
    (mfa.authenticator_reset, _("The recovery codes of your account were renewed.")),
    (signals.link_used, _("Somebody signed in to your account by a one-time link, made at the server.")),
    (signals.identity_linked, _("A way of signing in was linked to your account: %(provider)s.")),
    (signals.identity_unlinked, _("A way of signing in was unlinked from your account: %(provider)s.")),
)
ADDED = {
    Authenticator.Type.TOTP: _("An authenticator app was added to your account."),
    Authenticator.Type.WEBAUTHN: _("A passkey was added to your account."),
}
REMOVED = {
    Authenticator.Type.TOTP: _("The authenticator app was removed from your account."),
    Authenticator.Type.WEBAUTHN: _("A passkey was removed from your account."),
}
ENDING = (account.password_set, account.password_changed, account.password_reset)
"""After these, whatever else this person has open is over, sockets included."""


def connect() -> None:
    for signal, words in CHANGES:
        signal.connect(_told(words), weak=False)
    for signal, by_type in ((mfa.authenticator_added, ADDED), (mfa.authenticator_removed, REMOVED)):
        signal.connect(_told_by_type(by_type), weak=False)
    for signal in ENDING:
        signal.connect(end_others)


def _told(words: Any) -> Any:
    def on_signal(*, user: User, provider: str = "", from_email_address: Any = None, **_signal: Any) -> None:
        former = [from_email_address.email] if from_email_address is not None else []
        tell(user, words, {"provider": provider}, also=former)

    return on_signal


def _told_by_type(by_type: dict[Any, Any]) -> Any:
    def on_signal(*, user: User, authenticator: Authenticator, **_signal: Any) -> None:
        if authenticator.type in by_type:
            tell(user, by_type[authenticator.type], {})

    return on_signal


def tell(user: User, words: Any, details: dict[str, str], also: list[str] | None = None) -> None:
    """Send it once the change is kept, in this person's language; an address that was given up hears of it too."""
    at, address = timezone.now(), current.get().address
    receivers = {user.email, *(also or [])}

    def send() -> None:
        with translation.override(user.language):
            context = {
                "what": str(words) % details,
                "at": at,
                "address": address,
                "link": settings.PUBLIC_URL + reverse("account_reset_password"),
            }
            text = render_to_string("accounts/mail/changed.txt", context)
            for receiver in sorted(receivers):
                send_mail(_("Your account was changed"), text, None, [receiver])

    transaction.on_commit(send, robust=True)


def end_others(*, request: Any = None, user: User, **_signal: Any) -> None:
    """End every other session by its row, which is what open sockets listen to."""
    here = None
    if request is not None and request.user.is_authenticated:
        here = request.session.session_key
        request.session.pop(USED, None)  # it has another key now, under which it is listed at its next use
    for session in UserSession.objects.filter(user=user):
        if session.session_key != here:
            session.end()
