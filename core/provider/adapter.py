"""What allauth asks of us as an identity provider."""

from __future__ import annotations

import secrets

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.conf import settings


class Adapter(DefaultOIDCAdapter):
    def generate_client_secret(self) -> str:
        return secrets.token_urlsafe(32)

    def get_issuer(self) -> str:
        """The configured address, whatever host a request names."""
        return str(settings.PUBLIC_URL)
