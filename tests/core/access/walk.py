"""Who reaches the pages and resources of core.access."""

from __future__ import annotations

from typing import Any

from core.access import services
from core.access.demo import World
from core.access.models import Membership, Role
from tests.walk import SIGNED_IN, Route, in_project

MEMBERS = dict.fromkeys(("other_site", "member", "researcher", "monitor", "owner", "administrator"), 200)
MANAGERS = {"owner": 200, "administrator": 200}
SEEN_NOT_DONE = dict.fromkeys(("other_site", "member", "researcher", "monitor"), 403)


def membership(world: World) -> dict[str, Any]:
    return {"pk": Membership.objects.get(user=world.user["researcher"]).pk}


def invitation(world: World) -> dict[str, Any]:
    clinician = Role.objects.get(organisation=None, key="clinician")
    return {"pk": services.invite(world.user["owner"], world.project, "x@chu.example", [clinician]).pk}


def slug(world: World) -> dict[str, Any]:
    return {"slug": world.project.slug}


ROUTES = [
    Route("access:create_project", allowed={"administrator": 200}),
    Route("access:project", in_project, MEMBERS),
    Route("access:members", in_project, MEMBERS),
    Route("access:invite", in_project, MANAGERS | SEEN_NOT_DONE),
    Route(
        "access:remove",
        lambda world: in_project(world) | membership(world),
        {"owner": 302, "administrator": 302} | SEEN_NOT_DONE,
        method="post",
    ),
    Route(
        "access:revoke",
        lambda world: in_project(world) | invitation(world),
        {"owner": 302, "administrator": 302},
        method="post",
    ),
    Route("access:accept", lambda world: {"secret": "unknown"}, dict.fromkeys(("anonymous", *SIGNED_IN), 410)),
    Route("api:access:me", allowed=SIGNED_IN, api=True),
    Route("api:access:project-list", allowed=SIGNED_IN, api=True),
    Route("api:access:project-detail", slug, MEMBERS, api=True),
    Route("api:access:member-list", allowed=SIGNED_IN, api=True),
    Route("api:access:member-detail", membership, MEMBERS, api=True),
    Route(
        "api:access:member-detail",
        membership,
        {"owner": 204, "administrator": 204} | SEEN_NOT_DONE,
        method="delete",
        api=True,
    ),
    Route("api:access:invitation-list", allowed=SIGNED_IN, api=True),
    Route("api:access:invitation-detail", invitation, MANAGERS, api=True),
    Route("api:access:invitation-detail", invitation, {"owner": 204, "administrator": 204}, method="delete", api=True),
]
