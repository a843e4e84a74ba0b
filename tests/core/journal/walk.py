"""Who gets what of the audit trail."""

from __future__ import annotations

from typing import Any

from core import audit
from core.access.demo import World
from core.audit.models import Event
from tests.walk import SIGNED_IN, Route, in_project

READERS = {"owner": 200, "monitor": 200, "administrator": 200}
NOT_READERS = {"member": 403, "other_site": 403, "researcher": 403}


def event(world: World) -> dict[str, Any]:
    audit.record(world.user["owner"], "audit.journal_read", world.project, project=world.project)
    return {"pk": Event.objects.filter(project_id=world.project.pk).latest("id").pk}


ROUTES = [
    Route("audit:journal", args=in_project, allowed=READERS | NOT_READERS),
    Route("audit:export", args=in_project, allowed=READERS | NOT_READERS),
    Route(
        "audit:verify",
        args=in_project,
        allowed={"owner": 303, "administrator": 303, "monitor": 403} | NOT_READERS,
        method="post",
    ),
    Route("audit:instance", allowed={"administrator": 200}),
    Route("audit:export_instance", allowed={"administrator": 200}),
    Route("audit:verify_instance", allowed={"administrator": 303}, method="post"),
    Route("api:journal:event-list", allowed=SIGNED_IN, api=True),
    Route("api:journal:event-detail", args=event, allowed=READERS, api=True),
    Route(
        "api:journal:event-verify",
        allowed={"owner": 202, "administrator": 202, "monitor": 403} | NOT_READERS | {"stranger": 422},
        method="post",
        data={"project": "etude-sepsis"},
        api=True,
    ),
]
