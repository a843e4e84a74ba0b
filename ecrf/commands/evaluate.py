"""Evaluate values in a form, and say as JSON what is shown, computed, missing or wrong.

The context may say `now` (2026-11-23T14:05), the number of the `subject`, and what else evaluations know.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from core.errors import Invalid
from ecrf.commands.files import as_json, content_of, definition_arguments, json_of, refusal
from ecrf.services import definitions


def arguments(parser: ArgumentParser) -> None:
    definition_arguments(parser, "file", "DEFINITION")
    parser.add_argument("values", metavar="VALUES", help="a JSON file: an object of items and their values")
    parser.add_argument("--context", metavar="CONTEXT", help="a JSON file: an object")


def run(options: Mapping[str, Any]) -> None:
    """Raises CommandError, in one line, for a file that can't be read."""
    name = options["file"]
    content = content_of(name)
    values = json_of(options["values"])
    context = json_of(options["context"]) if options["context"] else {}
    try:
        state = definitions.evaluate(
            content, values, context, source=options["source"], filename=name, language=options["language"]
        )
    except Invalid as error:
        raise refusal(name, error) from None
    options["stdout"].write(as_json(state))
