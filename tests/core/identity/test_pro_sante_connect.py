"""Pro Santé Connect, by its preset: professionals come in with what is known of them, nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.models import User
from core.identity import providers
from core.identity.models import IdentityProvider, LinkedIdentity, Profile
from tests.core.identity.browser import begin, come_back, go
from tests.core.identity.peer import Peer

PSC = {
    "sub": "f:550dc1c8:899700218896",
    "SubjectNameID": "810000000009",
    "acr": "eidas1",
    "given_name": "Nolwenn",
    "family_name": "Kerbrat",
    "SubjectRefPro": {
        "exercices": [
            {
                "codeProfession": "60",
                "activities": [{"numeroFinessSite": "350000741", "raisonSocialeSite": "CHU de Brocéliande"}, {}],
            }
        ]
    },
}


@pytest.fixture
def psc(provider: IdentityProvider) -> IdentityProvider:
    preset = {key: value for key, value in providers.PRESETS["psc"].items() if not key.endswith(("_url", "issuer"))}
    IdentityProvider.objects.filter(pk=provider.pk).update(kind="psc", **{**preset, "name": "CHU"})
    return provider


def test_pro_sante_connect_fills_the_profile(psc: IdentityProvider, peer: Peer, client: Client, person: User) -> None:
    """Level, number, profession and structures come from there; the person can't change them."""
    peer.claims = dict(PSC)
    url = begin(client, "link")
    assert "acr_values=eidas1" in url
    assert "scope=openid+scope_all" in url
    come_back(client, peer.sign_in(url))
    profile = Profile.objects.get(user=person)
    assert (profile.rpps, profile.profession, profile.source) == ("10000000009", "60", "psc")
    assert [practice.finess for practice in profile.practices.all()] == ["350000741"]
    assert "CHU de Brocéliande" in client.get(reverse("identity:profile")).text
    assert client.post(reverse("identity:profile"), {"profession": "10", "rpps": ""}).status_code == 422
    assert Profile.objects.get(user=person).profession == "60"


@pytest.mark.parametrize(
    "change", [{"acr": "eidas0"}, {"acr": None}, {"SubjectRefPro": None}, {"SubjectRefPro": {"exercices": []}}]
)
def test_who_is_no_professional_is_refused(
    psc: IdentityProvider, peer: Peer, client: Client, change: dict[str, Any]
) -> None:
    """Pro Santé Connect knows others too, and by weaker means: neither comes in."""
    peer.claims = {**PSC, **change}
    assert go(client, peer, "link").status_code == 403
    assert not LinkedIdentity.objects.exists()
