"""``manage.py client`` writes what of the Python client follows from the API."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.api.engine import python_client


class Command(BaseCommand):
    help = "Write the resources and types of the Python client in clients/python from docs/openapi.json."

    def handle(self, *args: Any, **options: Any) -> None:
        document = json.loads((settings.ROOT / "docs" / "openapi.json").read_text())
        folder = settings.ROOT / "clients" / "python" / "src" / "suite_interhop" / "api"
        python_client.write(document, folder)
        self.stdout.write(str(folder.relative_to(settings.ROOT)))
