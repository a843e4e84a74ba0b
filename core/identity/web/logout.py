"""A provider says that somebody has signed out there: his sessions here end (OIDC Back-Channel Logout 1.0)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.identity import identities, peer
from core.identity.engine.tokens import Untrusted
from core.identity.models import IdentityProvider
from core.web.views import writes


@csrf_exempt
@login_not_required
@never_cache
@writes
def logout(request: HttpRequest, slug: str) -> HttpResponse:
    """The token itself proves who sends it. 400 for one that isn't what it says, or was sent before."""
    provider = get_object_or_404(IdentityProvider, slug=slug, is_enabled=True)
    try:
        claims = peer.verified_logout(provider, request.POST.get("logout_token", ""))
    except (Untrusted, peer.Unreachable) as error:
        peer.log.warning("identity provider %s, logout: %s", provider.slug, error)
        return HttpResponse(status=400)
    identities.signed_out_there(provider, claims["iss"], claims["sub"])
    return HttpResponse(status=204)
