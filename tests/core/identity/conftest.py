from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.accounts.models import User
from core.identity import providers
from core.identity.models import IdentityProvider
from tests.core.identity.browser import go
from tests.core.identity.peer import Peer, running
from tests.passkey import Passkey

PASSWORD = "une longue phrase, facile à retenir"


@pytest.fixture(autouse=True)
def fresh_limits(settings: Any) -> None:
    """Limits are kept in the shared cache: each test begins with none reached. Hashes are cheap here."""
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(world: World) -> User:
    """A clinician with a password and no second factor yet."""
    user = world.user["member"]
    user.set_password(PASSWORD)
    user.save()
    Authenticator.objects.filter(user=user).delete()
    return user


@pytest.fixture
def client(person: User) -> Client:
    """Her browser, in which she has just said who she is."""
    client = Client()
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def add_passkey(client: Client, **how: bool) -> Passkey:
    """What the page «Add a passkey» does."""
    key, address = Passkey(), reverse("mfa_add_webauthn")
    options = client.get(address).context["js_data"]["creation_options"]
    client.post(address, {"name": "Mon téléphone", "credential": key.create(options, **how)})
    return key


@pytest.fixture
def passkey(client: Client) -> Passkey:
    return add_passkey(client)


@pytest.fixture
def peer(settings: Any) -> Iterator[Peer]:
    """The provider, honest until a test says otherwise."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    with running() as peer:
        yield peer


@pytest.fixture
def provider(peer: Peer, world: World) -> IdentityProvider:
    return providers.save(
        world.user["administrator"],
        None,
        {
            "name": "CHU",
            "kind": "oidc",
            "discovery_url": f"{peer.issuer}/.well-known/openid-configuration",
            "client_id": peer.client_id,
            "secret": peer.secret,
        },
    )


@pytest.fixture
def linked(client: Client, provider: IdentityProvider, peer: Peer, person: User) -> User:
    """The clinician has linked her identity on her account page."""
    assert go(client, peer, "link")["Location"] == reverse("identity:connections")
    return person
