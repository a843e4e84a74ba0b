"""What an administrator of the instance does with identity providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import audit
from core.access.people import require_administrator
from core.accounts.models import User
from core.errors import Fault, Invalid
from core.identity import health, peer
from core.identity.models import IdentityProvider

PERMISSION = "identity.manage_providers"
PSC = "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet"
PRESETS: dict[str, dict[str, Any]] = {
    IdentityProvider.Kind.OIDC: {},
    IdentityProvider.Kind.PSC: {
        "name": "Pro Santé Connect",
        "issuer": PSC,
        "authorize_url": "https://wallet.esw.esante.gouv.fr/auth",
        "token_url": f"{PSC}/protocol/openid-connect/token",
        "userinfo_url": f"{PSC}/protocol/openid-connect/userinfo",
        "jwks_url": f"{PSC}/protocol/openid-connect/certs",
        "logout_url": f"{PSC}/protocol/openid-connect/logout",
        "scopes": "openid scope_all",
        "acr_asked": "eidas1",
        "acr_required": ["eidas1"],
        "is_strong": True,
    },
}
"""What is filled in for each kind. Pro Santé Connect sends people to one host and answers at another."""


@transaction.atomic
def save(actor: User, provider: IdentityProvider | None, values: Mapping[str, Any]) -> IdentityProvider:
    """Add a provider, or change one; without a `secret` it keeps the one it has. Raises Invalid."""
    require_administrator(actor, PERMISSION)
    if "discovery_url" in values:
        values = {**values, "discovery_url": configuration_of(values["discovery_url"])}
    is_new = provider is None
    if provider is None:
        provider = IdentityProvider(slug=slugify(values["name"])[:60])
    else:
        provider = IdentityProvider.objects.select_for_update().get(pk=provider.pk)
    changed = sorted(name for name, value in values.items() if name != "secret" and getattr(provider, name) != value)
    for name, value in values.items():
        if name != "secret" or value:
            setattr(provider, name, value)
    if values.get("secret"):
        changed.append("secret")
    if "openid" not in provider.scopes.split():
        raise Invalid([Fault("scopes", "openid", _("The scopes must hold “openid”."))])
    try:
        provider.full_clean(exclude=["secret"])
    except ValidationError as error:
        raise Invalid(
            Fault("" if place in ("__all__", "slug") else place, "invalid", message)
            for place, messages in error.message_dict.items()
            for message in messages
        ) from None
    provider.save()
    if changed or is_new:
        action = "identity.provider_added" if is_new else "identity.provider_changed"
        audit.record(actor, action, provider, name=provider.name, fields=changed)
    return provider


def configuration_of(address: str) -> str:
    """Where a provider says how it works; a realm's own address is what people copy."""
    if not address or "/.well-known/" in address:
        return address
    return f"{address.rstrip('/')}/.well-known/openid-configuration"


@transaction.atomic
def enable(actor: User, provider: IdentityProvider, enabled: bool) -> None:
    """Let people sign in through it, or no longer; who is linked stays linked."""
    require_administrator(actor, PERMISSION)
    if IdentityProvider.objects.filter(pk=provider.pk, is_enabled=not enabled).update(is_enabled=enabled):
        action = "identity.provider_enabled" if enabled else "identity.provider_disabled"
        audit.record(actor, action, provider, name=provider.name)


def check(actor: User, provider: IdentityProvider) -> str:
    """Ask the provider what a sign-in would ask; the fault in words, or nothing where all is well."""
    require_administrator(actor, PERMISSION)
    try:
        found = peer.metadata(provider)
        held = peer.keys(provider, found, anew=True)
        fault = ("" if held.get("keys") else gettext_noop("it publishes no keys"), "")
    except peer.Unreachable as error:
        fault = (error.text, error.address)
    health.note(provider, *fault)
    return health.said(*fault)
