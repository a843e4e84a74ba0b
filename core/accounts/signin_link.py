"""One-time sign-in links: made at the machine's console for somebody who has no password yet or has lost his phone.

Whoever runs commands on the machine is trusted with it, so the link stands for both factors. It is signed, works once,
for ten minutes, and only the digest of its secret is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.accounts import signals
from core.accounts.models import SigninLink, User
from core.errors import Fault, Invalid

LIFETIME = timedelta(minutes=10)
signer = Signer(salt="accounts.signin_link")


@transaction.atomic
def make(user: User) -> str:
    """The address that signs this person in once. Raises Invalid where he may not sign in at all."""
    if not user.is_active:
        raise Invalid([Fault("user", "inactive", _("This account is closed."))])
    secret = secrets.token_urlsafe(32)
    SigninLink.objects.create(user=user, digest=digest(secret), expires_at=timezone.now() + LIFETIME)
    signals.link_made.send(SigninLink, user=user)
    return f"{settings.PUBLIC_URL}{reverse('accounts:signin_link', args=[signer.sign(secret)])}"


def find(token: str) -> SigninLink:
    """The link that this token opens now. Raises Invalid where it is forged, used or too old."""
    try:
        secret = signer.unsign(token)
    except BadSignature:
        secret = ""
    usable = SigninLink.objects.filter(used_at=None, expires_at__gt=timezone.now(), user__is_active=True)
    link = usable.select_related("user").filter(digest=digest(secret)).first()
    if link is None:
        raise unusable()
    return link


@transaction.atomic
def use(token: str) -> User:
    """Spend the link and say whom it signs in; of two who use it at once, one is refused. Raises Invalid."""
    link = find(token)
    if not SigninLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()):
        raise unusable()
    signals.link_used.send(SigninLink, user=link.user)
    return link.user


def unusable() -> Invalid:
    return Invalid([Fault("token", "unusable", _("This link has been used or is too old. Ask for another."))])


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
