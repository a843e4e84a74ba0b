"""Who gets what of the audit trail."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core import audit
from core.access.demo import World
from core.audit.models import Event
from core.journal.models import Alert
from tests.walk import SIGNED_IN, Route, in_project

READERS = {"owner": 200, "monitor": 200, "administrator": 200}
NOT_READERS = {"member": 403, "other_site": 403, "researcher": 403}


def event(world: World) -> dict[str, Any]:
    audit.record(world.user["owner"], "audit.journal_read", world.project, project=world.project)
    return {"pk": Event.objects.filter(project_id=world.project.pk).latest("id").pk}


def somebody(world: World) -> dict[str, Any]:
    """A person who has done something in the project."""
    event(world)
    return in_project(world) | {"person": world.user["owner"].pk}


def something(world: World) -> dict[str, Any]:
    event(world)
    return in_project(world) | {"kind": "access.project", "key": str(world.project.pk)}


def alert(world: World) -> Alert:
    found: Alert = Alert.objects.create(
        project=world.project,
        kind="volume",
        person=world.user["member"],
        window_at=timezone.now(),
        count=300,
        threshold=200,
    )
    return found


def one_alert(world: World) -> dict[str, Any]:
    return {"pk": alert(world).pk}


def an_alert(world: World) -> dict[str, Any]:
    return in_project(world) | one_alert(world)


ROUTES = [
    Route("audit:alerts", args=in_project, allowed=READERS | NOT_READERS),
    Route("audit:alert", args=an_alert, allowed=READERS | NOT_READERS),
    Route("audit:rules", args=in_project, allowed={"owner": 200, "administrator": 403, "monitor": 403} | NOT_READERS),
    Route("api:journal:alert-list", allowed=SIGNED_IN, api=True),
    Route("api:journal:alert-detail", args=one_alert, allowed=READERS, api=True),
    Route(
        "api:journal:alert-acknowledge",
        args=one_alert,
        allowed={"owner": 200, "administrator": 403, "monitor": 403},
        method="post",
        data={"comment": "a planned review"},
        api=True,
    ),
    Route(
        "api:journal:alert-rules",
        allowed={"owner": 200, "administrator": 403, "monitor": 403} | NOT_READERS | {"stranger": 422},
        method="put",
        data={"project": "etude-sepsis", "kind": "volume", "is_on": True, "threshold": None},
        api=True,
    ),
    Route("audit:person", args=somebody, allowed=READERS | NOT_READERS),
    Route("audit:thing", args=something, allowed=READERS | NOT_READERS),
    Route("audit:mine", allowed=SIGNED_IN),
    Route(
        "audit:person_of_instance",
        args=lambda world: {"person": world.user["owner"].pk},
        allowed={"administrator": 200},
    ),
    Route("audit:anchors", args=in_project, allowed={"owner": 200, "administrator": 200, "monitor": 403} | NOT_READERS),
    Route("audit:anchors_of_instance", allowed={"administrator": 200}),
    Route("audit:retention", allowed={"administrator": 200}),
    Route("audit:archive", allowed={"administrator": 302}, method="post"),  # who he is, is asked again
    Route("api:journal:event-export", allowed=SIGNED_IN, api=True),
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
