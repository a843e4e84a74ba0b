"""What allauth asks of us about second factors: sealed secrets, passkeys for our own address, one that must stay."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from core.accounts.devices import system
from core.identity import factors
from core.vault.mfa import SealingAdapter


class Adapter(SealingAdapter):
    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return factors.why_kept(authenticator) is None

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002  (allauth names it)
        """Named after the machine at hand, which is where most passkeys are made."""
        machine = system(context.request.META.get("HTTP_USER_AGENT", ""))
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return f"{machine} {number}" if machine else _("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        """Passkeys are for the address that the operator gave, whatever a request says of its host."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname, "name": settings.MFA_TOTP_ISSUER}
