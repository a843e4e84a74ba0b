"""Who asks for an erasure, and who decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.access.demo import World
from core.erasure import certificates
from core.erasure.models import Erasure
from tests.walk import EVERYONE, Route, in_project


def asked(world: World) -> dict[str, Any]:
    rows = Erasure.objects.filter(project=world.project)
    return {"pk": (rows.first() or Erasure.objects.create(project=world.project, asked_by=world.user["owner"])).pk}


def done(world: World) -> dict[str, Any]:
    """One that is done, of another project of the same people."""
    row = Erasure.objects.get(pk=asked(world)["pk"])
    now = timezone.now()
    row.confirmed_by, row.confirmed_at, row.due_at, row.done_at = world.user["administrator"], now, now, now
    what: dict[str, Any] = {"keys": [], "instance_keys": [1], "files": 0, "bytes": 0, "rows": {}}
    row.certificate = certificates.compose(row, {"name": "Étude", "id": str(world.project.pk)}, what)
    row.created_at -= timedelta(days=9)
    row.save()
    return {"pk": row.pk}


def person(world: World) -> dict[str, Any]:
    return {"pk": world.user["stranger"].pk}


OTHERS = ("member", "other_site", "researcher", "monitor", "administrator")
DECIDE = {"owner": 200, "administrator": 200}
NEW = {"project": "etude-sepsis", "reason": "Fin", "confirmation": "etude-sepsis"}

ROUTES = [
    Route("erasure:list", allowed={"administrator": 200}),
    # Asking is for those who may destroy the project's keys; who runs the instance decides, and doesn't ask.
    Route(
        "erasure:of_project",
        in_project,
        allowed={
            "owner": 200,
            **dict.fromkeys(OTHERS, 403),
        },
    ),
    Route("erasure:of_person", person, allowed={"administrator": 302}),
    Route("erasure:one", asked, allowed=DECIDE),
    Route("erasure:confirm", asked, allowed={"owner": 302, "administrator": 302}, method="post"),
    Route("erasure:withdraw", asked, allowed={"owner": 303, "administrator": 303}, method="post"),
    Route("erasure:certificate", lambda world: done(world) | {"form": "json"}, allowed=DECIDE),
    Route("api:erasure:erasure-list", api=True, allowed=dict.fromkeys(EVERYONE[1:], 200)),
    Route("api:erasure:erasure-detail", asked, api=True, allowed=DECIDE),
    Route("api:erasure:erasure-confirm", asked, api=True, method="post", allowed={"owner": 403, "administrator": 403}),
    Route("api:erasure:erasure-withdraw", asked, api=True, method="post", allowed=DECIDE),
    Route("api:erasure:erasure-certificate", done, api=True, allowed=DECIDE),
]
