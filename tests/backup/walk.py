"""Who reaches the pages and resources of the backups."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from core.access.demo import World
from tests.backup import portal
from tests.walk import SIGNED_IN, Route, in_project, once

SEE = dict.fromkeys(("owner", "monitor", "administrator"), 200)
MANAGE = {"owner": 200, "monitor": 403, "administrator": 403}
CREATE = MANAGE
RESTORE = {"owner": 200, "monitor": 403, "administrator": 403}


@once
def kept(world: World) -> portal.Kept:
    """A repository and a plan, in a folder of their own."""
    folder = Path(tempfile.mkdtemp(dir=settings.DATA_DIR))
    settings.BACKUP_FOLDERS = [folder]
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


def restore(made: portal.Kept) -> Any:
    return made.restore(made.save())


def pages(**statuses: int) -> dict[str, int]:
    """What the owner gets, and what those who may look but not act get."""
    return {"monitor": 403, "administrator": 403} | statuses


ROUTES = [
    Route("backup:home", in_project, SEE),
    Route("backup:repository-create", in_project, CREATE),
    Route("backup:repository", of(repository), SEE),
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
    Route("backup:restore-ask", of(snapshot), RESTORE),
    Route("backup:restore", of(restore), {"owner": 200}),
    Route("backup:restore-download", of(restore), {"owner": 200}),
    Route("backup:restore-erase", of(restore), {"owner": 303}, method="post"),
    Route("api:backup:repository-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:repository-list", allowed=dict.fromkeys(SIGNED_IN, 422), method="post", api=True),
    Route("api:backup:repository-detail", of(repository, page=False), SEE, api=True),
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
    Route("api:backup:snapshot-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:snapshot-detail", of(snapshot, page=False), SEE, api=True),
    Route(
        "api:backup:snapshot-restore",
        of(snapshot, page=False),
        pages(owner=422),
        method="post",
        data={"keyfile": "x", "reason": "x"},
        api=True,
    ),
    Route("api:backup:restore-list", allowed=SIGNED_IN, api=True),
    Route("api:backup:restore-detail", of(restore, page=False), {"owner": 200}, api=True),
    Route("api:backup:restore-download", of(restore, page=False), {"owner": 200}, api=True),
    Route("api:backup:restore-download", of(restore, page=False), {"owner": 200}, method="post", api=True),
]
