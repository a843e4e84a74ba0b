"""``manage.py vault status`` and ``manage.py vault rewrap``."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.vault import engine, keys, services
from core.vault.models import ProjectKey


class Command(BaseCommand):
    help = "Shows which instance keys wrap the projects' keys, or wraps them all under the newest one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["status", "rewrap"])

    def handle(self, *_args: Any, act: str, **_options: Any) -> None:
        if act == "rewrap":
            count = services.rewrap()
            self.stdout.write(f"{count} keys wrapped anew under instance key {max(keys.instance_keys())}.")
            return
        rows = ProjectKey.objects.all()
        wrapped = Counter(engine.version_of(bytes(row.wrapped)) for row in rows if row.destroyed_at is None)
        status = {
            "instance_keys": sorted(keys.instance_keys()),
            "keys_wrapped_by": {str(version): count for version, count in sorted(wrapped.items())},
            "destroyed": sum(row.destroyed_at is not None for row in rows),
        }
        self.stdout.write(json.dumps(status))
