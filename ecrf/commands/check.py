"""Say as JSON what is wrong or doubtful in a form, each with its place. Faults end with exit code 1."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from ecrf.commands.files import as_json, content_of, definition_arguments
from ecrf.services import definitions


def arguments(parser: ArgumentParser) -> None:
    definition_arguments(parser, "file", "DEFINITION")


def run(options: Mapping[str, Any]) -> None:
    name = options["file"]
    found = definitions.check(content_of(name), source=options["source"], filename=name, language=options["language"])
    options["stdout"].write(as_json(found))
    if not found["valid"]:
        sys.exit(1)
