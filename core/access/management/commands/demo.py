"""`manage.py demo`: load the demo of every app, the same on each machine; done again it finds what it made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.module_loading import import_string

from core import tool
from core.access import demo


class Command(BaseCommand):
    help = "Load the demo: two hospitals, one study, a person in each role, forty subjects."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This isn't a demo instance. Start it with DEMO=1, on data that you can lose.")
        world = demo.build()
        for room in tool.rooms():
            if room.demo:
                self.stdout.write(f"{room.label}: loading the demo")
                import_string(room.demo)(world)
