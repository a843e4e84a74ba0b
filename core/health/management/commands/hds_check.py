"""`manage.py hds_check`: does this installation meet what a host of health data is asked for?"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.health import checks
from core.tool import Level

MARKS = {Level.GOOD: "good   ", Level.WARNING: "warning", Level.FAILED: "FAILED "}


class Command(BaseCommand):
    help = "Look at this installation as an auditor would: each control, what is missing, and what asks for it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for a program, or to be kept as evidence")

    def handle(self, *args: Any, **options: Any) -> None:
        found = checks.controls()
        if options["json"]:
            rows = [
                {"control": finding.name, "level": finding.level, "message": str(finding.message), "asked_by": source}
                for finding, source in found
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            for finding, source in found:
                self.stdout.write(f"{MARKS[finding.level]}  {finding.name:24} {finding.message or '-'}  ({source})")
        failed = [finding.name for finding, _source in found if finding.level is Level.FAILED]
        if failed:
            raise CommandError(f"{len(failed)} of {len(found)} controls failed: {', '.join(failed)}")
