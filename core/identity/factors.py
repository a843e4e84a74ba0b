"""Take a second factor away: never the last one where one is asked for, nor the last way into the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa import signals
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.access import second_factor
from core.accounts.models import User
from core.errors import Conflict
from core.identity.models import LinkedIdentity

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What stands by itself; recovery codes only help out."""


@transaction.atomic
def remove(actor: User, authenticator: Authenticator) -> None:
    """Of two who remove the last two at once, one is refused. Raises Conflict that says why it stays."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    found = Authenticator.objects.filter(pk=authenticator.pk, user=actor, type__in=STRONG).first()
    if found is None:
        return
    if reason := why_kept(found):
        raise Conflict(reason, "last-factor")
    found.delete()
    for gone in (found, delete_dangling_recovery_codes(actor)):
        if gone:
            signals.authenticator_removed.send(Authenticator, request=None, user=actor, authenticator=gone)


def why_kept(authenticator: Authenticator) -> _StrPromise | None:
    """Why this factor can't be taken away now, or None."""
    user = authenticator.user
    others = Authenticator.objects.filter(user=user, type__in=STRONG).exclude(pk=authenticator.pk)
    if not others.exists() and second_factor.required(user):
        return _("Your organisation asks for a second factor, and this is your last one. Add another one first.")
    is_passkey = authenticator.type == Authenticator.Type.WEBAUTHN
    if is_passkey and not ways_in(user, without=authenticator):
        return _("You sign in with this passkey alone. Choose a password or add another passkey first.")
    return None


def ways_in(user: User, without: Authenticator | None = None, without_identity: LinkedIdentity | None = None) -> int:
    """By how many ways this person can sign in: his password, each passkey, each linked identity."""
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    identities = LinkedIdentity.objects.filter(user=user).select_related("provider")
    if without is not None:
        passkeys = passkeys.exclude(pk=without.pk)
    if without_identity is not None:
        identities = identities.exclude(pk=without_identity.pk)
    return sum((int(user.has_usable_password()), int(passkeys.count()), sum(each.counts for each in identities)))
