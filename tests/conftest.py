"""The people of every test: an owner, a member of one site, a member of the other, a stranger, and nobody at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.access.demo import World, build


@pytest.fixture
def world(db: None) -> World:
    """One study at two sites, a person in each role, and a stranger with a study of his own."""
    return build()


@pytest.fixture
def client_of(world: World) -> Callable[[str], Client]:
    """A browser in which this person has signed in; «anonymous» has not."""

    def client_of(who: str) -> Client:
        return _signed_in(Client(), world, who)

    return client_of


@pytest.fixture
def api_of(world: World) -> Callable[[str], APIClient]:
    """An API client that speaks JSON, in this person's session."""

    def api_of(who: str) -> APIClient:
        return _signed_in(APIClient(), world, who)

    return api_of


def _signed_in(client: Client, world: World, who: str) -> Client:
    if who != "anonymous":
        client.force_login(world.user[who])
    return client
