"""``manage.py vault status``, ``rewrap`` and ``rotate [PROJECT]``."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.access.models import Project
from core.vault import engine, keys, resealing, services
from core.vault.engine import KeyDestroyed
from core.vault.models import ProjectKey


class Command(BaseCommand):
    help = (
        "Shows which instance keys wrap the projects' keys, wraps them all under the newest one, or renews the key of "
        "a project and seals anew what the former sealed. What was stopped goes on when it is asked for again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["status", "rewrap", "rotate"])
        parser.add_argument(
            "project", nargs="?", help="Short name of the project to rotate; none: the instance's own key."
        )

    def handle(self, *_args: Any, act: str, project: str | None, **_options: Any) -> None:
        if act == "rewrap":
            count = services.rewrap()
            self.stdout.write(f"{count} keys wrapped anew under instance key {keys.wrapping_version()}.")
        elif act == "rotate":
            self.rotate(project)
        else:
            self.stdout.write(json.dumps(status()))

    def rotate(self, slug: str | None) -> None:
        try:
            project = Project.objects.get(slug=slug) if slug else None
        except Project.DoesNotExist:
            raise CommandError(f"There is no project {slug!r}.") from None
        try:
            living = services.data_keys(project).filter(destroyed_at=None).count()
            if living < 2:
                self.stdout.write(f"Version {services.renew(None, project)} of the key seals what is new.")
            rows = unopenable = 0
            for done in resealing.reseal_all(project):
                rows, unopenable = rows + done.rows - done.unopenable, unopenable + done.unopenable
                self.stdout.write(f"{rows} values sealed anew…")
        except KeyDestroyed:
            raise CommandError("The key of this project was destroyed.") from None
        if unopenable:
            raise CommandError(f"{unopenable} values can't be opened: the former key stays.")
        self.stdout.write("Done. The scheduler destroys the former key once no process uses it.")


def status() -> dict[str, Any]:
    rows = ProjectKey.objects.all()
    wrapped = Counter(engine.version_of(bytes(row.wrapped)) for row in rows if row.destroyed_at is None)
    return {
        "instance_keys": sorted({*keys.instance_keys(), keys.wrapping_version()}),
        "keys_wrapped_by": {str(version): count for version, count in sorted(wrapped.items())},
        "destroyed": sum(row.destroyed_at is not None for row in rows),
    }
