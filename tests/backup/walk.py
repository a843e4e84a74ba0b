"""Who reaches the pages and resources of the backups."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import override_settings

from backup.engine.format import cipher
from backup.models import Agent
from backup.services import agents, alerting, fetching, plans, runs
from backup.services.options import Orders
from core.access.demo import World
from tests.backup import portal
from tests.backup.sends import kit
from tests.walk import EMPTY, EVERYONE, PUBLIC, SIGNED_IN, Route, in_project, once

SEE = dict.fromkeys(("owner", "monitor", "administrator"), 200)
MANAGE = {"owner": 200, "monitor": 403, "administrator": 403}
CREATE = MANAGE
AGENTS_ONLY = dict.fromkeys(EVERYONE, 401)


@once
def kept(world: World) -> portal.Kept:
    """A repository and a plan, in a folder of their own."""
    folder = Path(tempfile.mkdtemp(dir=settings.DATA_DIR))
    with override_settings(BACKUP_FOLDERS=[folder]):  # what comes after this walk is not to see it
        return portal.keep(world, folder)


def of(what: Callable[[portal.Kept], Any], page: bool = True) -> Callable[[World], dict[str, Any]]:
    """The arguments that lead to one thing of the repository."""

    def arguments(world: World) -> dict[str, Any]:
        return (in_project(world) if page else {}) | {"pk": what(kept(world)).pk}

    return arguments


def repository(made: portal.Kept) -> Any:
    return made.repository


def plan(made: portal.Kept) -> Any:
    return made.plan


def snapshot(made: portal.Kept) -> Any:
    return made.save()


def opening(made: portal.Kept) -> Any:
    return made.open(made.save())


@once
def machine(world: World) -> Agent:
    """An agent that was enrolled."""
    made = agents.make_agent(
        world.user["owner"], world.project, name="Ward 3", duty="save", repository=kept(world).repository
    )
    seal_to = cipher.public_half(bytes(31) + b"\x40").hex()
    enrolled = agents.enrol(made.code, host="ward-3", program="x", seal_to=seal_to).agent
    Agent.objects.filter(pk=enrolled.pk).update(key_id="ab" * 16)
    enrolled.refresh_from_db()
    return enrolled


def agent(made: portal.Kept) -> Any:
    return machine(made.world)


def expected(made: portal.Kept) -> Any:
    """One that wasn't enrolled yet."""
    owner, project = made.world.user["owner"], made.world.project
    return agents.make_agent(
        owner, project, name=f"Ward {uuid4().hex[:8]}", duty="save", repository=made.repository
    ).agent


def run(made: portal.Kept) -> Any:
    """A run that goes on."""
    found = machine(made.world)
    planned = plans.create_plan(
        made.world.user["owner"],
        made.world.project,
        name=f"Ward data {uuid4().hex[:8]}",
        repository=made.repository,
        every="daily 02:30",
        agent=found,
        orders=Orders(source="ward", paths=["/srv"]),
    )
    return runs.begin(found, plan_id=planned.pk, run_id=uuid4())


def alert(made: portal.Kept) -> Any:
    """Something wrong that is still to be looked at."""
    alerting.settle(made.repository, [alerting.Found("partial", source="ward", details={"count": 1})])
    return made.repository.alerts.get(kind="partial", resolved_at=None)


def of_organisation(world: World) -> dict[str, Any]:
    return {"organisation": world.organisation.slug}


def of_slug(world: World) -> dict[str, Any]:
    return {"slug": world.organisation.slug}


def config(world: World) -> dict[str, Any]:
    return {"pk": kept(world).repository.pk, "name": "config/00000001"}


def of_pack(world: World) -> dict[str, Any]:
    return {"pk": kept(world).repository.pk, "name": f"packs/00/{'0' * 64}"}


@once
def sent(world: World) -> Any:
    """A sealed file of one piece, ready to be fetched."""
    return kit.send(world, kit.sealed())


@once
def asked(world: World) -> Any:
    return kit.ask(world)


def of_sent(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": sent(world).pk}


def of_asked(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": asked(world).row.pk}


def by_id(world: World) -> dict[str, Any]:
    return {"pk": sent(world).pk}


def by_link(world: World) -> dict[str, Any]:
    return {"link": sent(world).link}


def by_ticket(world: World) -> dict[str, Any]:
    _fetch, ticket = fetching.begin(sent(world).link)
    return by_link(world) | {"ticket": ticket, "number": 0}


def by_request(world: World) -> dict[str, Any]:
    return {"link": asked(world).row.link}


def by_token(world: World) -> dict[str, Any]:
    _send, token = kit.drop(asked(world), kit.sealed())
    return by_request(world) | {"token": token}


def pages(**statuses: int) -> dict[str, int]:
    """What the owner gets, and what those who may look but not act get."""
    return {"monitor": 403, "administrator": 403} | statuses


ROUTES = [
    Route("backup:home", in_project, SEE),
    Route("backup:alerts", in_project, SEE),
    Route("backup:alert", of(alert), SEE),
    Route("backup:calendar", in_project, SEE),
    Route("backup:day", lambda world: in_project(world) | {"day": "2026-11-01"}, SEE),
    Route("backup:sources", in_project, SEE),
    Route("backup:snapshots", in_project, SEE),
    Route("backup:plans", in_project, SEE),
    Route("backup:repositories", in_project, SEE),
    Route("backup:growth", of(repository), SEE),
    Route("backup_allowances:list", allowed={"administrator": 200}),
    Route("backup_allowances:of_organisation", of_organisation, {"administrator": 200}),
    Route("backup:alert-quiet", of(alert), pages(owner=303), method="post"),
    Route("backup:repository-create", in_project, CREATE),
    Route("backup:repository", of(repository), SEE),
    Route("backup:repository-change", of(repository), MANAGE),
    Route("backup:repository-defaults", of(repository), MANAGE),
    Route("backup:repository-key", of(repository), pages(owner=200)),
    Route(
        "backup:repository-confirm",
        of(repository),
        pages(owner=303),
        method="post",
        data={"code": "0000-0000"},
    ),
    Route("backup:repository-discard", of(repository), pages(owner=303), method="post"),
    Route("backup:plan-create", in_project, MANAGE),
    Route("backup:plan", of(plan), SEE),
    Route("backup:plan-change", of(plan), MANAGE),
    Route("backup:plan-run", of(plan), {"owner": 303, "administrator": 303, "monitor": 403}, method="post"),
    Route("backup:plan-end", of(plan), pages(owner=303), method="post"),
    Route("backup:snapshot", of(snapshot), SEE),
    Route("backup:snapshot-files", of(snapshot), pages(owner=200)),
    Route("backup:agents", in_project, SEE),
    Route("backup:agent-create", in_project, MANAGE),
    Route("backup:agent", of(agent), SEE),
    Route("backup:agent-renew", of(expected), pages(owner=200), method="post"),
    Route("backup:agent-key", of(agent), pages(owner=303), method="post"),
    Route("backup:agent-plan", of(agent), MANAGE),
    Route("backup:agent-remove", of(agent), pages(owner=303), method="post"),
    Route("backup:runs", in_project, SEE),
    Route("backup:run", of(run), SEE),
    Route("backup:run-progress", of(run), SEE),
    Route("backup:run-stop", of(run), {"owner": 303, "administrator": 303, "monitor": 403}, method="post"),
    Route("api:backup:repository-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:repository-list", allowed=dict.fromkeys(SIGNED_IN, 422), method="post", api=True),
    Route("api:backup:repository-detail", of(repository, page=False), SEE, api=True),
    Route("api:backup:repository-places", allowed=pages(owner=200), data={"project": "etude-sepsis"}, api=True),
    Route("api:backup:repository-detail", of(repository, page=False), pages(owner=200), method="patch", api=True),
    Route("api:backup:repository-defaults", of(repository, page=False), pages(owner=200), method="put", api=True),
    Route(
        "api:backup:repository-confirm",
        of(repository, page=False),
        pages(owner=200),
        method="post",
        data={"code": "0000-0000"},
        api=True,
    ),
    Route("api:backup:plan-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:plan-detail", of(plan, page=False), SEE, api=True),
    Route("api:backup:plan-detail", of(plan, page=False), pages(owner=204), method="delete", api=True),
    Route(
        "api:backup:plan-run",
        of(plan, page=False),
        {"owner": 202, "administrator": 202, "monitor": 403},
        method="post",
        api=True,
    ),
    Route("api:backup:agent-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:agent-list", allowed=EMPTY, method="post", api=True),
    Route("api:backup:agent-detail", of(agent, page=False), SEE, api=True),
    Route("api:backup:agent-detail", of(agent, page=False), pages(owner=204), method="delete", api=True),
    Route("api:backup:agent-code", of(expected, page=False), pages(owner=200), method="post", api=True),
    Route("api:backup:agent-key", of(agent, page=False), EMPTY, method="post", api=True),
    Route("api:backup:run-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:run-detail", of(run, page=False), SEE, api=True),
    Route("api:backup:run-lines", of(run, page=False), SEE, api=True),
    Route(
        "api:backup:run-stop",
        of(run, page=False),
        {"owner": 200, "administrator": 200, "monitor": 403},
        method="post",
        api=True,
    ),
    Route("api:backup:machine-enrol", allowed=dict.fromkeys(EVERYONE, 422), method="post", api=True),
    Route("api:backup:machine-state", allowed=AGENTS_ONLY, api=True),
    Route("api:backup:machine-key", allowed=AGENTS_ONLY, method="post", api=True),
    Route("api:backup:machine-runs", allowed=AGENTS_ONLY, method="post", api=True),
    Route("api:backup:machine-progress", of(run, page=False), AGENTS_ONLY, method="post", api=True),
    Route("api:backup:machine-end", of(run, page=False), AGENTS_ONLY, method="post", api=True),
    Route("api:backup:machine-leave", allowed=AGENTS_ONLY, method="post", api=True),
    Route("api:backup:objects", of(repository, page=False), pages(owner=200), data={"folder": "config"}, api=True),
    Route("api:backup:object", config, pages(owner=200), api=True),
    Route("api:backup:object", config, pages(owner=403), method="delete", api=True),
    Route("api:backup:object", of_pack, pages(owner=404), api=True),
    Route("api:backup:object", of_pack, pages(owner=403), method="put", api=True),
    Route("api:backup:snapshot-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:snapshot-detail", of(snapshot, page=False), SEE, api=True),
    Route("api:backup:opening-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:opening-list", allowed=dict.fromkeys(SIGNED_IN, 422), method="post", api=True),
    Route("api:backup:opening-detail", of(opening, page=False), {"owner": 200}, api=True),
    Route(
        "api:backup:opening-took",
        of(opening, page=False),
        {"owner": 200},
        method="post",
        data={"files": 1, "bytes": 2},
        api=True,
    ),
    Route("api:backup:opening-close", of(opening, page=False), {"owner": 200}, method="post", api=True),
    Route("api:backup:source-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:alert-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:alert-detail", of(alert, page=False), SEE, api=True),
    Route("api:backup:alert-quiet", of(alert, page=False), pages(owner=200), method="post", api=True),
    Route("api:backup:allowance-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:allowance-detail", of_slug, {"administrator": 200}, api=True),
    Route(
        "api:backup:allowance-detail",
        of_slug,
        {"administrator": 200},
        method="put",
        data={"bytes": 1 << 40},
        api=True,
    ),
    Route("backup:sends", in_project, {"owner": 200}),
    Route("backup:send-create", in_project, {"owner": 200}),
    Route("backup:send", of_sent, {"owner": 200}),
    Route("backup:send-prolong", of_sent, {"owner": 303}, method="post", data={"days": "30"}),
    Route("backup:send-revoke", of_sent, {"owner": 303}, method="post"),
    Route("backup:request-create", in_project, {"owner": 200}),
    Route("backup:request", of_asked, {"owner": 200}),
    Route("backup:request-revoke", of_asked, {"owner": 303}, method="post"),
    Route("sealed:receive", by_link, PUBLIC),
    Route("sealed:drop", by_request, PUBLIC),
    Route("api:backup:send-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:send-list", allowed=dict.fromkeys(SIGNED_IN, 422), method="post", api=True),
    Route("api:backup:send-detail", by_id, {"owner": 200}, api=True),
    Route("api:backup:send-detail", by_id, {"owner": 204}, method="delete", api=True),
    Route("api:backup:send-pieces", by_id, {"owner": 200}, api=True),
    Route("api:backup:send-finish", by_id, {"owner": 200}, method="post", api=True),
    Route("api:backup:send-prolong", by_id, {"owner": 200}, method="post", data={"days": 30}, api=True),
    Route(
        "api:backup:send-piece", lambda world: by_id(world) | {"number": "0"}, {"owner": 415}, method="put", api=True
    ),
    Route("api:backup:file-request-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:file-request-list", allowed=dict.fromkeys(SIGNED_IN, 422), method="post", api=True),
    Route("api:backup:file-request-detail", lambda world: {"pk": asked(world).row.pk}, {"owner": 200}, api=True),
    Route(
        "api:backup:file-request-detail",
        lambda world: {"pk": asked(world).row.pk},
        {"owner": 204},
        method="delete",
        api=True,
    ),
    Route("api:backup:sealed", by_link, PUBLIC, api=True),
    Route("api:backup:sealed", by_link, dict.fromkeys(EVERYONE, 201), method="post", api=True),
    Route("api:backup:sealed-piece", by_ticket, PUBLIC, api=True),
    Route("api:backup:drop", by_request, PUBLIC, api=True),
    Route("api:backup:drop", by_request, dict.fromkeys(EVERYONE, 422), method="post", api=True),
    Route("api:backup:drop-pieces", by_token, PUBLIC, api=True),
    Route("api:backup:drop-finish", by_token, dict.fromkeys(EVERYONE, 422), method="post", api=True),
    Route(
        "api:backup:drop-piece",
        lambda world: by_token(world) | {"number": 0},
        dict.fromkeys(EVERYONE, 415),
        method="put",
        api=True,
    ),
]
