"""What a browser does at the suite while somebody signs in through an identity provider."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.core.identity.peer import Peer


def begin(client: Client, purpose: str = "sign_in", slug: str = "chu", **data: str) -> str:
    """The address at the provider to which the browser is led."""
    answer = client.post(reverse("identity:begin", args=[slug, purpose]), data)
    assert answer.status_code == 200, answer.status_code
    return str(answer.context["url"])


def come_back(client: Client, given: dict[str, str], slug: str = "chu") -> HttpResponse:
    return client.get(reverse("identity:callback", args=[slug]), given)


def go(client: Client, peer: Peer, purpose: str = "sign_in", **data: str) -> HttpResponse:
    return come_back(client, peer.sign_in(begin(client, purpose, **data)))
