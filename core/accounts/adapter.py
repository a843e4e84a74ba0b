"""What allauth asks of us."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.fresh import is_fresh


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by himself: an invitation makes the account."""
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Our rule in place of allauth's, which lets everybody pass who has neither a password nor a factor."""
        if not is_fresh(self.request):
            raise ReauthenticationRequired
        return False

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.mfa.stages.AuthenticateStage": "core.accounts.strength.SecondFactorStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """What this person has; who came by a one-time link and has nothing signs in again."""
        again = {"id": "again", "description": _("Sign out and in again"), "url": reverse("account_logout")}
        return self.own_reauthentication_methods(user) or [again]

    def own_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Password, code of the app, passkey, in our words."""
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code of your app"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        return [
            {**method, "description": words.get(method["id"], method["description"])}
            for method in super().get_reauthentication_methods(user)
        ]
