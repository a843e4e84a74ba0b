"""Ways to sign in through an identity provider: ``{% load identity %}``."""

from __future__ import annotations

from typing import Any

from django import template

from core.identity.models import IdentityProvider
from core.identity.profiles import PROFESSIONS

register = template.Library()


@register.inclusion_tag("identity/buttons.html", takes_context=True)
def provider_buttons(context: template.Context, purpose: str, invitation: str = "") -> dict[str, Any]:
    """One button for each provider in use."""
    return {
        "providers": IdentityProvider.objects.filter(is_enabled=True),
        "purpose": purpose,
        "invitation": invitation,
        "next": context.get("redirect_field_value") or "",
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def profession_word(code: str) -> str:
    """A profession in words; the code itself where the nomenclature has a new one."""
    return str(PROFESSIONS.get(code, code))
