"""Whether the identity providers could be relied on when somebody last came by them."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.identity.models import IdentityProvider
from core.tool import Finding, Level

KEPT = 24 * 3600
"""Seconds for which a fault is told, unless somebody gets through before."""
UNTRUSTED = (
    gettext_noop("it is no token"),
    gettext_noop("it was made for somebody else"),
    gettext_noop("it names nobody"),
    gettext_noop("it asks for what we don't know"),
    gettext_noop("it is signed in a way we don't take"),
    gettext_noop("its key is not one of the provider's"),
    gettext_noop("it answers another question"),
    gettext_noop("the answer is another provider's (RFC 9207)"),
    gettext_noop("it did not ask again"),
    gettext_noop("userinfo is about somebody else"),
)
"""What an answer that can't be relied on has said; whatever else was wrong with it is for the operator's log."""
OTHERWISE = gettext_noop("what it has signed can’t be verified")


def note(provider: IdentityProvider, text: str, address: str = "") -> None:
    """What was wrong at the last sign-in through a provider, in the words of the code; nothing where all went well."""
    if text:
        cache.set(_key(provider), (text, address), KEPT)
    else:
        cache.delete(_key(provider))


def of_untrusted(text: str) -> str:
    """The words for an answer that can't be relied on."""
    return text if text in UNTRUSTED else OTHERWISE


def said(text: str, address: str = "") -> str:
    """A fault in the language of who reads it."""
    return _(text) % {"address": address} if text else ""


def providers() -> Finding:
    """People can sign in through every provider that is in use."""
    kept = {each.name: cache.get(_key(each)) for each in IdentityProvider.objects.filter(is_enabled=True)}
    told = "; ".join(f"{name}: {said(*fault)}" for name, fault in sorted(kept.items()) if fault)
    asks = _("People can sign in through every identity provider that is in use.")
    if not told:
        return Finding("identity.providers", Level.GOOD, asks=asks)
    message = _("Nobody got through at the last try. %(faults)s. Repair it there, then try it on its page.")
    return Finding("identity.providers", Level.FAILED, message % {"faults": told}, asks)


def _key(provider: IdentityProvider) -> str:
    return f"identity:what-is-wrong:{provider.pk}"
