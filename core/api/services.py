"""Make and revoke tokens."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.accounts.models import User
from core.api.models import Token
from core.errors import Fault, Invalid

LONGEST = timedelta(days=365)


@transaction.atomic
def create_token(
    actor: User, project: Project, name: str, permissions: Collection[str], expires_at: datetime
) -> tuple[Token, str]:
    """A token of one's own and the text to send with each call, which can't be shown again. Raises what `make` does."""
    token, text = make(actor, project, name, permissions, expires_at)
    audit.record(actor, "api.token_created", token, permissions=token.permissions, until=expires_at.isoformat())
    return token, text


@transaction.atomic
def give_token(
    user: User, project: Project, name: str, permissions: Collection[str], expires_at: datetime
) -> tuple[Token, str]:
    """The same, made for somebody at the machine's console: it opens no more than he may, but he isn't the actor."""
    token, text = make(user, project, name, permissions, expires_at)
    audit.record(
        None,
        "api.token_created",
        user,
        project=project,
        token=str(token.pk),
        permissions=token.permissions,
        until=expires_at.isoformat(),
    )
    return token, text


def make(
    user: User, project: Project, name: str, permissions: Collection[str], expires_at: datetime
) -> tuple[Token, str]:
    """Raises Refused, and Invalid when it asks for a permission that the user doesn't hold, or for more than a year."""
    access.require(user, "api.create_token", project)
    held = access.abilities(user, project)
    faults = [
        Fault("permissions", "not-held", _("You do not hold %(permission)s in this project.") % {"permission": code})
        for code in sorted(set(permissions) - held)
    ]
    if not permissions:
        faults.append(Fault("permissions", "required", _("Choose at least one permission.")))
    if not timezone.now() < expires_at <= timezone.now() + LONGEST:
        faults.append(Fault("expires_at", "out-of-range", _("Choose a date within a year from now.")))
    if not name.strip():
        faults.append(Fault("name", "required", _("Give the token a name.")))
    if faults:
        raise Invalid(faults)
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        project=project,
        name=name.strip(),
        key=key,
        secret_hash=fingerprint(secret),
        permissions=sorted(permissions),
        expires_at=expires_at,
    )
    return token, f"suite_{key}.{secret}"


@transaction.atomic
def revoke_token(actor: User, token: Token) -> None:
    """End one's own token at once; ended again, nothing happens."""
    if token.user_id == actor.pk and end(token):
        audit.record(actor, "api.token_revoked", token)


@transaction.atomic
def revoke_on_leaving(user: User, project: Project | None, **_signal: Any) -> None:
    """Who leaves a project leaves no key behind. It isn't he who revokes them: the journal names him as the object."""
    tokens = Token.objects.filter(user=user, revoked_at=None).select_related("project")
    if project is not None:
        tokens = tokens.filter(project=project)
    for token in tokens:
        if end(token):
            audit.record(None, "api.token_revoked", user, project=token.project, token=str(token.pk))


def end(token: Token) -> bool:
    """Revoke a token; False where it was revoked already."""
    return bool(Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()))


def find(text: str) -> Token | None:
    """The usable token that this text is, or None. Takes the same time whether the secret is nearly right or not."""
    key, _dot, secret = text.removeprefix("suite_").partition(".")
    token = Token.objects.usable().select_related("user").filter(key=key).first()
    expected = token.secret_hash if token else fingerprint("")
    return token if hmac.compare_digest(expected, fingerprint(secret)) and token and secret else None


def fingerprint(secret: str) -> str:
    return salted_hmac("core.api.token", secret, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
