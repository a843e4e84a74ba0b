"""What allauth asks of us about accounts, where identity providers have a say."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.adapter import AccountAdapter
from core.identity.models import LinkedIdentity


class Adapter(AccountAdapter):
    def own_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Who has neither a password nor a factor here says who he is where he signs in."""
        if found := super().own_reauthentication_methods(user):
            return found
        identities = LinkedIdentity.objects.filter(user=user.pk).select_related("provider")
        if not any(each.counts for each in identities):
            return []
        return [{"id": "provider", "description": _("As you sign in"), "url": reverse("identity:confirm")}]
