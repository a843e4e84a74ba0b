"""``manage.py files status`` and ``move disk|s3``."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Sum

from core.errors import Away, Invalid
from core.files import moving, storage
from core.files.engine import Damaged
from core.files.models import StoredFile


class Command(BaseCommand):
    help = (
        "Shows where the files are, or moves them all to the disk or to the object store, while people work. Each is "
        "compared with its copy. What was stopped goes on when it is asked for again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["status", "move"])
        parser.add_argument("where", nargs="?", choices=[str(place.where) for place in storage.places()])

    def handle(self, *_args: Any, act: str, where: str | None, **_options: Any) -> None:
        if act == "status":
            self.stdout.write(json.dumps(status()))
        elif where is None:
            raise CommandError("Say where: disk or s3.")
        else:
            self.move(where)

    def move(self, where: str) -> None:
        moved = damaged = 0
        try:
            for pk in moving.elsewhere(where).values_list("pk", flat=True).iterator():
                try:
                    moved += moving.move(pk, where)
                except Damaged as error:
                    damaged += 1
                    self.stderr.write(str(error))
        except (Away, Invalid) as error:
            raise CommandError(f"{error} Stopped after {moved} files; the next call goes on.") from None
        finally:
            if moved or damaged:
                moving.tell(None, where, moved, damaged)
        if damaged:
            raise CommandError(f"{moved} files moved; {damaged} are damaged and stay where they were.")
        self.stdout.write(f"{moved} files moved. Their former copies go with the daily sweep.")


def status() -> dict[str, Any]:
    """By place: how many files, and their bytes."""
    rows = StoredFile.objects.filter(erased_at=None).values_list("place").annotate(files=Count("pk"), bytes=Sum("size"))
    return {place: {"files": files, "bytes": size} for place, files, size in rows}
