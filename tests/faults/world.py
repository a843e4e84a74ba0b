"""Prepares an instance on request: one line of words in, one line of JSON out."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.db import close_old_connections  # noqa: E402

from core.access.demo import World, build  # noqa: E402
from core.custody.services import renew_instance_data_key  # noqa: E402
from core.desk.models import View  # noqa: E402
from core.files.models import Space, StoredFile  # noqa: E402
from tests.e2e.conftest import sign_in  # noqa: E402


def people(world: World) -> dict[str, str]:
    """The session of who uploads, and the project's short name."""
    return {"session": sign_in(world.user["owner"], "en"), "project": world.project.slug}


def views(world: World, count: str) -> int:
    """So many values under the instance's own data key."""
    owner = world.user["owner"]
    View.objects.bulk_create(View(user=owner, table="a:b", name=f"{n}", query=f"q={n}") for n in range(int(count)))
    return View.objects.count()


def renew(world: World) -> str:
    return str(renew_instance_data_key(world.user["administrator"]).pk)


def limit(world: World, size: str) -> str:
    Space.objects.filter(project=world.project).update(quota=int(size) or None)
    return size


def stored(world: World) -> list[int]:
    return [file.size for file in StoredFile.objects.filter(project=world.project)]


def queries(world: World) -> int:
    """How many of the values open to what they were."""
    return sum(view.query == f"q={view.name}" for view in View.objects.all())


ACTS = {act.__name__: act for act in (people, views, renew, limit, stored, queries)}

if __name__ == "__main__":
    world = build()
    for line in sys.stdin:
        name, *words = line.split()
        close_old_connections()
        sys.stdout.write(json.dumps(ACTS[name](world, *words)) + "\n")
        sys.stdout.flush()
