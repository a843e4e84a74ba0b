"""`manage.py load_bdpm FOLDER`: read prescriptions with the names of the official database of medicines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prescriptions import services
from prescriptions.engine.reference.official import Unreadable


class Command(BaseCommand):
    help = "Load the names and ATC codes of the Base de données publique des médicaments from a folder of its files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="holds CIS_bdpm.txt, CIS_COMPO_bdpm.txt, CIS_MITM.txt (or .txt.gz)"
        )
        parser.add_argument("--edition", default="", help="the date that the publisher gives, for instance 2026-05-26")
        parser.add_argument(
            "--write", type=Path, help="also write the file for `python -m prescriptions.engine --reference`"
        )

    def handle(self, *args: Any, folder: Path, edition: str, write: Path | None, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        try:
            terms = load_bdpm(folder)
        except (Unreadable, OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise CommandError(f"The files can't be read: {error}") from error
        reference = services.load_reference(None, "BDPM", edition or "undated", terms)
        if write:
            rows = [[term.name, term.atc, term.kind] for term in terms]
            write.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        self.stdout.write(f"{reference}: {reference.count} names, sha256 {reference.digest}")
