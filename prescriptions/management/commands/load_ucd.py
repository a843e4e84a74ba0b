"""`manage.py load_ucd FILE --dated DATE`: put the UCD codes of hospitals onto the current edition of the medicines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prescriptions import services
from prescriptions.engine.reference import ucd
from prescriptions.engine.reference.official import Unreadable
from prescriptions.reference import in_use


class Command(BaseCommand):
    help = "Make an edition with UCD codes: a table of CIS or CIP13 and UCD, as exported from the RUIM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with a header: cis or cip13, and ucd")
        parser.add_argument("--dated", default="", help="date of the table, for instance 2026-01")

    def handle(self, *args: Any, file: Path, dated: str, **options: Any) -> None:
        try:
            made, count = ucd.put(in_use()[1], ucd.read(file.read_bytes()), dated)
        except (Unreadable, OSError) as error:
            raise CommandError(f"The file can't be read: {error}") from error
        reference = services.keep_reference(None, made, file.name)
        self.stdout.write(f"{reference}: {count} products with UCD codes")
