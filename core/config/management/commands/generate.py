"""``manage.py generate`` writes the pages that are made from the code."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.config.artefacts import all_artefacts


class Command(BaseCommand):
    help = "Write the generated pages: permissions, settings, OpenAPI."

    def handle(self, *args: Any, **options: Any) -> None:
        for artefact in all_artefacts():
            artefact.path.parent.mkdir(exist_ok=True)
            artefact.path.write_text(artefact.render())
            self.stdout.write(str(artefact.path.relative_to(artefact.path.parents[1])))
