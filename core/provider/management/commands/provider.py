"""``manage.py provider rotate-keys``: have the next key sign; ``provider keys`` lists them."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand
from django.core.management.base import CommandParser

from core.provider import keys
from core.provider.models import SigningKey


class Command(BaseCommand):
    help = "The keys that sign what services are told when somebody signs in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["keys", "rotate-keys"])

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "rotate-keys":
            keys.rotate()
        for key in SigningKey.objects.defer("private"):
            self.stdout.write(f"{key.kid}  {key.state:7}  since {key.since:%Y-%m-%d %H:%M}")
