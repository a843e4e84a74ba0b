"""`manage.py load_ruim FILE`: put the UCD codes of the RUIM onto the current edition of the medicines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prescriptions import services
from prescriptions.engine.reference import ruim, ucd
from prescriptions.engine.reference.official import Unreadable
from prescriptions.reference import in_use

MONTH = re.compile(r"20\d\d-\d\d")


class Command(BaseCommand):
    help = (
        "Make an edition with the UCD codes of the Référentiel unique d'interopérabilité du médicament (ANS): "
        "the ZIP of the Serveur multi-terminologies, or the RDF/XML in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="terminologie-ref_interop_med-2026-01.zip, or its .rdf")
        parser.add_argument("--dated", default="", help="its month, where its name doesn't say it")

    def handle(self, *args: Any, file: Path, dated: str, **options: Any) -> None:
        month = MONTH.search(file.name)
        try:
            made, count = ucd.put(in_use()[1], ruim.read(file), dated or (month.group() if month else ""))
        except (Unreadable, OSError) as error:
            raise CommandError(f"The file can't be read: {error}") from error
        reference = services.keep_reference(None, made, file.name)
        self.stdout.write(f"{reference}: {count} products with UCD codes")
