"""`manage.py upgrade`: bring the database up to what this version needs, whoever else tries at the same moment."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from core.access.models import Project

LOCK = 0x5355495445
"""The number of the advisory lock: the letters SUITE."""


PATIENCE = "5s"
"""How long a migration waits for a table that somebody uses; while it waits, everybody else waits behind it."""
TRIES = 12
PAUSE = 5.0
"""Seconds in which people go on before the next try."""


def migrate() -> None:
    """Apply the migrations, each whole or not at all; one that can't have its table steps back and tries again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
    try:
        for left in reversed(range(TRIES)):
            try:
                call_command("migrate", interactive=False, verbosity=0)
            except OperationalError as error:
                if not left or not isinstance(error.__cause__, LockNotAvailable):
                    raise
                time.sleep(PAUSE)
            else:
                return
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")


class Command(BaseCommand):
    help = "Migrate the database; load the demo where DEMO is set and it isn't there yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--signin-link", action="store_true", help="print a one-time sign-in link at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                migrate()
                if settings.DEMO and not Project.objects.filter(slug="etude-sepsis").exists():
                    call_command("demo", stdout=self.stderr)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        if options["signin_link"]:
            call_command("signin-link", stdout=self.stdout)
