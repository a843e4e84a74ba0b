"""``manage.py sweep``: remove what crashes and forgotten uploads left. Harmless at any time; meant for once a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core import files
from core.datasets.services import uploads


class Command(BaseCommand):
    help = "Erases uploads that nobody accepted within a week, and removes files that no row knows."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{uploads.expire()} uploads expired, {files.sweep()} leftover files removed.")
