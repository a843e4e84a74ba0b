"""Visits and follow-up."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf import services
from ecrf.models import (
    Form,
    Visit,
)
from tests.ecrf import visits
from tests.ecrf.walks.places import (
    API,
    EVERY_SITE,
    LISTS,
    NO_RECORDS,
    READERS,
    SEEN_NOT_DONE,
    key_of,
    subject,
)
from tests.walk import Route, in_project


def visit(world: World) -> Any:
    """A visit of a subject at site A, in a form with events."""
    form = Form.objects.filter(project=world.project, key="visites").first()
    form = form or visits.publish(world, {**visits.TRIAL, "title": {"fr": "Visites"}}, key="visites")
    who = services.include_subject(world.user["member"], world.site_a)
    return Visit.objects.get(subject=who, form=form, event="month_1")


def settled(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": visit(world).pk}


VISITS = [
    Route("ecrf:bulk_lock", in_project, {"owner": 303, "member": 403, "monitor": 403, "other_site": 403} | NO_RECORDS),
    Route("ecrf:add_visit", subject, {"owner": 404, "member": 404, "monitor": 404}, method="post"),
    Route("ecrf:settle_visit", settled, {"owner": 302, "member": 302, "monitor": 403}, method="post"),
    Route("ecrf:timeline", subject, READERS),
    Route("ecrf:visits", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:visits_calendar", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:reports", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:report_settings", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:report_table", lambda world: in_project(world) | {"name": "sites"}, EVERY_SITE | NO_RECORDS),
    Route("ecrf:pending", in_project, EVERY_SITE | NO_RECORDS),
    Route(f"{API}visit-list", allowed=LISTS, api=True),
    Route(f"{API}visit-detail", key_of(visit), READERS, api=True),
    Route(f"{API}visit-settle", key_of(visit), dict.fromkeys(READERS, 422), method="post", api=True),
    Route(f"{API}target-list", allowed=LISTS, api=True),
    Route(
        f"{API}report",
        lambda world: {"project": world.project.slug, "name": "sites"},
        EVERY_SITE | NO_RECORDS,
        api=True,
    ),
]
