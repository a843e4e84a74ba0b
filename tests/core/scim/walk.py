"""Who reaches the protocol and the pages of core.scim."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.scim import directories, groups
from core.scim.models import Group
from tests.walk import EVERYONE, Route, once

TO_RUN = {"administrator": 302}
"""Asked first who it is."""


def organisation(world: World) -> dict[str, Any]:
    return {"organisation": world.organisation.slug}


@once
def token(world: World) -> dict[str, Any]:
    made = directories.create(world.user["administrator"], world.organisation, "Annuaire")[0]
    return organisation(world) | {"pk": made.pk}


@once
def rule(world: World) -> dict[str, Any]:
    group = Group.objects.create(organisation=world.organisation, name="Cardiologie")
    from core.access.models import Role

    role = Role.objects.get(key="monitor", organisation=None)
    made = groups.add_mapping(world.user["administrator"], group, world.project, [role])
    return organisation(world) | {"pk": made.pk}


def one(world: World) -> dict[str, Any]:
    return {"pk": "unknown"}


UNKNOWN = dict.fromkeys(EVERYONE, 401)
"""A person's session counts for nothing here."""

ROUTES = [
    *(Route(f"scim:{name}", allowed=UNKNOWN) for name in ("config", "schemas", "resource_types", "users", "groups")),
    *(Route(f"scim:{name}", one, UNKNOWN) for name in ("schema", "resource_type", "user", "group")),
    *(Route(f"scim:{name}", allowed=UNKNOWN, method="post") for name in ("search", "search_users", "search_groups")),
    Route("scim:nothing", lambda world: {"rest": "Nothing"}, UNKNOWN),
    Route("scim:overview", organisation, {"administrator": 200}),
    Route("scim:create_token", organisation, TO_RUN),
    Route("scim:revoke_token", token, TO_RUN, method="post"),
    Route("scim:add_rule", organisation, TO_RUN),
    Route("scim:remove_rule", rule, TO_RUN, method="post"),
]
