"""Who reaches the pages and resources of core.reviews."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.access.demo import World
from core.reviews import services
from core.reviews.models import Campaign
from tests.walk import SIGNED_IN, Route, in_project, once

MEMBERS = ("other_site", "member", "researcher", "monitor", "administrator")
BOTH = {"administrator": 200, "owner": 200}
JUDGED = {"owner": 303, "administrator": 303}


@once
def opened(world: World) -> Campaign:
    """Over the organisation: the owner judges in it, the administrator oversees it."""
    due = timezone.localdate() + timedelta(days=30)
    return services.open_campaign(world.user["administrator"], world.organisation, "Second half", due)


def campaign(world: World) -> dict[str, Any]:
    return {"pk": opened(world).pk}


def line(world: World) -> dict[str, Any]:
    return {"pk": opened(world).lines.get(person=world.user["member"]).pk}


def as_csv(world: World) -> dict[str, Any]:
    return campaign(world) | {"form": "csv"}


def organisation(world: World) -> dict[str, Any]:
    return {"organisation": world.organisation.slug}


VERDICT = {"verdicts": [{"line": "00000000-0000-0000-0000-000000000000", "decision": "confirmed"}]}
NEW = {"organisation": "broceliande", "name": "New", "due_on": "2999-01-01"}

ROUTES = [
    Route("reviews:list", allowed=SIGNED_IN),
    Route("reviews:of_organisation", organisation, {"administrator": 200}),
    Route("reviews:of_project", in_project, {"owner": 200} | dict.fromkeys(MEMBERS, 403)),
    Route("reviews:create", allowed={"administrator": 200, "owner": 200, "stranger": 200}),
    Route("reviews:campaign", campaign, BOTH),
    Route("reviews:confirm_selected", campaign, JUDGED, method="post"),
    Route("reviews:close", campaign, {"administrator": 302, "owner": 403}, method="post"),
    Route("reviews:make_evidence", campaign, {"administrator": 302, "owner": 403}, method="post"),
    Route("reviews:evidence", as_csv, {"administrator": 200, "owner": 403}),
    Route("reviews:confirm", line, JUDGED, method="post"),
    Route("reviews:revoke", line, BOTH),
    Route("api:reviews:campaign-list", allowed=SIGNED_IN, api=True),
    Route(
        "api:reviews:campaign-list",
        allowed=dict.fromkeys(SIGNED_IN, 404) | {"administrator": 201},
        method="post",
        data=NEW,
        api=True,
    ),
    Route("api:reviews:campaign-detail", campaign, BOTH, api=True),
    Route("api:reviews:campaign-decide", campaign, dict.fromkeys(BOTH, 422), method="post", data=VERDICT, api=True),
    Route("api:reviews:campaign-close", campaign, {"administrator": 200, "owner": 403}, method="post", api=True),
    Route(
        "api:reviews:campaign-make-evidence", campaign, {"administrator": 409, "owner": 403}, method="post", api=True
    ),
    Route("api:reviews:campaign-evidence", campaign, {"administrator": 409, "owner": 403}, api=True),
    Route("api:reviews:line-list", allowed=SIGNED_IN, api=True),
    Route("api:reviews:line-detail", line, BOTH, api=True),
]
