"""`manage.py make_starter FOLDER --weights FILE --edition DATE`: choose anew what comes with the project."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prescriptions.engine.medicines.lexicon import own_terms
from prescriptions.engine.reference import archives, building, choosing, official, open_medic, starting
from prescriptions.engine.text import plain


class Command(BaseCommand):
    help = "Write prescriptions/engine/reference/starter.tsv from the official files and a table of Open Medic."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="folder or ZIP of the official files")
        parser.add_argument("--weights", type=Path, required=True, help="CSV: cip13 and boites, or cip13 and rem")
        parser.add_argument("--years", type=int, default=1, help="how many years the table of weights adds up")
        parser.add_argument("--edition", required=True, help="date of the official files, for instance 2026-05-26")
        parser.add_argument("-n", "--products", type=int, default=3500)

    def handle(
        self, *args: Any, path: Path, weights: Path, years: int, edition: str, products: int, **options: Any
    ) -> None:
        try:
            files = archives.read_files(path)
            rows = official.read(files, official.Box)
            used = open_medic.boxes_by_cis(open_medic.table_in(weights), rows, years)
            made = building.build(files, name=starting.NAME, edition=edition, weights=used)
        except official.Unreadable as error:
            raise CommandError(f"The files can't be read: {error}") from error
        chosen = choosing.most_used(made.products, products, {plain(term.name) for term in own_terms()})
        forms = {row.cis: row.form for row in official.read(files, official.Speciality)}
        target = Path(str(resources.files("prescriptions.engine.reference").joinpath(starting.FILE)))
        target.write_text(starting.table(chosen, forms, edition), encoding="utf-8")
        self.stdout.write(f"{target.name}: {len(chosen)} products")
