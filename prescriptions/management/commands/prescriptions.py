"""`manage.py prescriptions <subcommand>`: each subcommand is a module of `prescriptions/commands`."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

SUBCOMMANDS = {
    "analyse": "Read a file into lines",
    "evaluate": "Compare readings with a set of cases",
    "generate": "Write fictitious ordonnances with their truth",
}


class Command(BaseCommand):
    help = "Read, generate and evaluate ordonnances."

    def add_arguments(self, parser: CommandParser) -> None:
        below = parser.add_subparsers(dest="subcommand", required=True)
        for name, words in SUBCOMMANDS.items():
            if find_spec(f"prescriptions.commands.{name}"):
                module = import_module(f"prescriptions.commands.{name}")
                module.arguments(below.add_parser(name, help=words))

    def handle(self, *args: Any, subcommand: str, **options: Any) -> None:
        answer = import_module(f"prescriptions.commands.{subcommand}").run(options)
        if answer:
            self.stdout.write(answer)
