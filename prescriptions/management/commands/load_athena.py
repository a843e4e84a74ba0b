"""`manage.py load_athena FOLDER --dated DATE`: OMOP concepts for exports, from a vocabulary downloaded at Athena."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prescriptions import services
from prescriptions.engine.reference import athena
from prescriptions.engine.reference.official import Unreadable


class Command(BaseCommand):
    help = "Load CONCEPT.csv and CONCEPT_RELATIONSHIP.csv: the concepts that BDPM, RxNorm, ATC and routes map to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--dated", default="undated", help="version of the vocabulary, for instance 2026-02-27")

    def handle(self, *args: Any, folder: Path, dated: str, **options: Any) -> None:
        try:
            concepts = athena.read(folder, dated)
        except Unreadable as error:
            raise CommandError(f"The files can't be read: {error}") from error
        reference = services.keep_concepts(None, concepts, folder.name)
        self.stdout.write(f"{reference}: {reference.count} codes with a concept, sha256 {reference.digest}")
