"""Every route of a person's desk: each has his own, and what is shared in his projects."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.desk.models import View
from tests.walk import SIGNED_IN, Route

KEY = "access:members members"
DATA = {"table": KEY, "name": "À relancer", "query": "state=active", "path": "/"}


def of_member(shared: bool = False) -> Any:
    """The argument that leads to a view of the clinician."""

    def args(world: World) -> dict[str, Any]:
        view = View(user=world.user["member"], project=world.project, table=KEY, query="q=a", shared=shared)
        view.name = f"Vue {View.objects.count()}"
        view.save()
        return {"pk": view.pk}

    return args


DONE = dict.fromkeys(SIGNED_IN, 303)
SETTINGS = {"language": "fr", "theme": "dark", "density": "compact", "start": "jobs:list", "shortcuts": "on"}
INSIDE = ("other_site", "member", "researcher", "monitor", "owner", "administrator")
SEEN = dict.fromkeys(INSIDE, 200)
OWN = {**dict.fromkeys(INSIDE, 403), "member": 303, "owner": 303, "administrator": 303}
ROUTES = [
    Route("desk:start", allowed=dict.fromkeys(SIGNED_IN, 302)),
    Route("desk:settings", allowed=SIGNED_IN),
    Route("desk:settings", allowed=DONE, method="post", data=SETTINGS),
    Route("desk:theme", allowed=dict.fromkeys(SIGNED_IN, 204), method="post", data={"theme": "dark"}),
    Route("desk:density", allowed=DONE, method="post", data={"density": "compact"}),
    Route("desk:save", allowed=DONE, method="post", data=DATA),
    Route("desk:change", args=of_member(), allowed={"member": 303}, method="post", data={"name": "B"}),
    Route("desk:delete", args=of_member(), allowed={"member": 303}, method="post"),
    Route("desk:delete", args=of_member(shared=True), allowed=OWN, method="post"),
    Route("api:desk:settings", allowed=SIGNED_IN, api=True),
    Route("api:desk:settings", allowed=SIGNED_IN, method="patch", data={"theme": "dark"}, api=True),
    Route("api:desk:view-list", allowed=SIGNED_IN, api=True),
    Route(
        "api:desk:view-list",
        allowed=dict.fromkeys(SIGNED_IN, 201),
        method="post",
        data={"table": KEY, "name": "À relancer", "query": "state=active"},
        api=True,
    ),
    Route("api:desk:view-detail", args=of_member(), allowed={"member": 200}, api=True),
    Route("api:desk:view-detail", args=of_member(shared=True), allowed=SEEN, api=True),
    Route(
        "api:desk:view-detail", args=of_member(), allowed={"member": 200}, method="patch", data={"name": "C"}, api=True
    ),
    Route("api:desk:view-detail", args=of_member(), allowed={"member": 204}, method="delete", api=True),
]
