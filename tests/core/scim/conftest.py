"""A directory that speaks for the hospital, and one that speaks for another organisation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from core.access.demo import World
from core.access.models import Membership, Organisation, Role
from core.scim import directories
from core.scim.engine import schemas
from core.scim.models import Directory


@dataclass
class Speaking:
    """A directory with its token."""

    directory: Directory
    token: str

    def call(self, method: str, path: str, body: Any = None, **heads: str) -> Any:
        sent: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {self.token}", **heads}
        if body is not None:
            sent |= {"data": json.dumps(body), "content_type": "application/scim+json"}
        return getattr(Client(), method)(f"/scim/v2{path}", **sent)

    def make(self, user_name: str = "anne@chu.example", **more: Any) -> Any:
        return self.call("post", "/Users", {"schemas": [schemas.USER], "userName": user_name} | more)

    def made(self, user_name: str = "anne@chu.example", **more: Any) -> str:
        answer = self.make(user_name, **more)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def group(self, name: str, *members: str) -> str:
        body = {"schemas": [schemas.GROUP], "displayName": name, "members": [{"value": pk} for pk in members]}
        answer = self.call("post", "/Groups", body)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def patch(self, path: str, *operations: dict[str, Any]) -> Any:
        return self.call("patch", path, {"schemas": [schemas.PATCH], "Operations": list(operations)})

    def found(self, condition: str, where: str = "/Users") -> list[str]:
        answer = self.call("get", where, data={"filter": condition})
        assert answer.status_code == 200, answer.content
        return [each.get("userName") or each["displayName"] for each in answer.json()["Resources"]]


def speaking(world: World, organisation: Organisation) -> Speaking:
    administrator = world.user["administrator"]
    if organisation != world.organisation:
        administrator = world.user["stranger"]
        membership = Membership.objects.create(user=administrator, organisation=organisation)
        membership.roles.set(Role.objects.filter(key="administrator", organisation=None))
    directory, token = directories.create(administrator, organisation, "Annuaire")
    return Speaking(directory, token)


@pytest.fixture
def hospital(world: World) -> Speaking:
    cache.clear()  # calls are counted there
    return speaking(world, world.organisation)


@pytest.fixture
def other(world: World) -> Speaking:
    return speaking(world, world.elsewhere.organisation)
