"""`manage.py ecrf ACT …`: one command; each act is a module of `ecrf/commands/`."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from ecrf import commands


class Command(BaseCommand):
    help = "Work with forms and their records on the command line."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, parser_class=type(parser))
        for found in pkgutil.iter_modules(commands.__path__):
            module = import_module(f"{commands.__name__}.{found.name}")
            if not hasattr(module, "run"):
                continue
            doc = module.__doc__ or ""
            act = acts.add_parser(found.name.replace("_", "-"), help=doc.splitlines()[0], description=doc)
            module.arguments(act)
            act.set_defaults(run=module.run)

    def handle(self, *args: Any, **options: Any) -> None:
        options["stdout"], options["stderr"] = self.stdout, self.stderr
        with translation.override(options.get("language") or "en"):
            options["run"](options)
