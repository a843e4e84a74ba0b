"""`manage.py maintenance on|off|status`: shut the suite from the console, and open it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.announcements import services
from core.announcements.models import Maintenance


class Command(BaseCommand):
    help = "Shut the suite for everybody but its administrators, open it again, or say how it is."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        on = acts.add_parser("on", help="shut it; long work that is under way goes on to its end")
        on.add_argument("--reads", action="store_true", help="reading stays allowed")
        on.add_argument("--minutes", type=int, help="how long it will take, as far as one knows")
        acts.add_parser("off", help="open it")
        acts.add_parser("status", help="say how it is")

    def handle(self, *args: Any, act: str, reads: bool = False, minutes: int | None = None, **options: Any) -> None:
        if act != "status":
            mode = Maintenance.Mode.OFF if act == "off" else Maintenance.Mode.READS if reads else Maintenance.Mode.SHUT
            services.set_maintenance(None, mode, timezone.now() + timedelta(minutes=minutes) if minutes else None)
        now = Maintenance.objects.first() or Maintenance()
        end = f", expected until {timezone.localtime(now.until):%Y-%m-%d %H:%M}" if now.until else ""
        words = {"off": "The suite is open", "reads": "The suite can only be read", "shut": "The suite is shut"}
        self.stdout.write(f"{words[now.mode]}{end}.")
