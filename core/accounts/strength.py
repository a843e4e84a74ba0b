"""Whether this session was begun by somebody else's word that counts as two factors."""

from __future__ import annotations

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

PROVIDER = "identity_provider"
"""Method of an authentication record: an identity provider has said who it is."""


def is_strong(request: HttpRequest, user: AbstractBaseUser) -> bool:
    """Whether an identity provider that counts as a second factor has said who it is, in this session."""
    records = get_authentication_records(request, user)
    return any(said["method"] == PROVIDER and said.get("strong") for said in records)


class SecondFactorStage(AuthenticateStage):
    """After signing in through such a provider no second factor is asked for."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        return not (user is not None and is_strong(request, user)) and super()._should_handle(request)
