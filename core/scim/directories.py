"""Tokens of directories: made and revoked by who looks after the organisation, told apart by their key."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core import audit
from core.access import offices
from core.errors import Fault, Invalid
from core.scim.models import Directory

if TYPE_CHECKING:
    from core.access.models import Organisation
    from core.accounts.models import User

PREFIX = "scim_"
NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create(actor: User, organisation: Organisation, name: str) -> tuple[Directory, str]:
    """A token and its text, which can't be shown again. Raises Refused, and Invalid without a name."""
    offices.require(actor, offices.MANAGE, organisation)
    if not name.strip():
        raise Invalid([Fault("name", "required", _("Say which directory uses it."))])
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    directory = Directory.objects.create(
        organisation=organisation, name=name.strip(), key=key, secret_hash=fingerprint(secret), made_by=actor
    )
    audit.record(actor, "scim.token_created", directory, directory=directory.name, organisation=organisation.slug)
    return directory, f"{PREFIX}{key}.{secret}"


@transaction.atomic
def revoke(actor: User, directory: Directory) -> None:
    """It opens nothing from now on. What it made stays: another token of the organisation goes on with it."""
    offices.require(actor, offices.MANAGE, directory.organisation)
    if Directory.objects.filter(pk=directory.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit.record(
            actor,
            "scim.token_revoked",
            directory,
            directory=directory.name,
            organisation=directory.organisation.slug,
        )


def find(text: str) -> Directory | None:
    """The usable token that this text is, or None. Takes the same time whether the secret is nearly right or not."""
    if not text.startswith(PREFIX) or len(text) > 200:
        return None
    key, _dot, secret = text.removeprefix(PREFIX).partition(".")
    found = Directory.objects.usable().select_related("organisation").filter(key=key).first()
    expected = found.secret_hash if found else fingerprint("")
    return found if hmac.compare_digest(expected, fingerprint(secret)) and found and secret else None


def note_use(directory: Directory) -> None:
    """Remember when it was last used, to the minute."""
    now = timezone.now()
    if directory.last_used_at is None or now - directory.last_used_at > NOTED_EVERY:
        Directory.objects.filter(pk=directory.pk).update(last_used_at=now)


def fingerprint(secret: str) -> str:
    return salted_hmac("core.scim.token", secret, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
