"""Write a form in another format, and say as JSON what got lost on the way.

With -o the losses go to standard output; without, the form goes there and the losses to standard error.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from core.errors import Invalid
from ecrf.commands.files import as_json, content_of, definition_arguments, refusal
from ecrf.engine import exchange
from ecrf.services import definitions


def arguments(parser: ArgumentParser) -> None:
    definition_arguments(parser, "file", "IN")
    parser.add_argument("--to", required=True, choices=sorted(exchange.FORMATS))
    parser.add_argument("-o", dest="out", metavar="OUT", help="the file to write; standard output without")


def run(options: Mapping[str, Any]) -> None:
    """Raises CommandError, in one line, for a file that can't be read or written."""
    name = options["file"]
    content = content_of(name)
    try:
        done = definitions.convert(
            content, options["to"], source=options["source"], filename=name, language=options["language"]
        )
    except Invalid as error:
        raise refusal(name, error) from None
    losses = as_json([definitions.told(loss, "loss") for loss in done.losses])
    if options["out"]:
        try:
            Path(options["out"]).write_bytes(done.content)
        except (OSError, ValueError) as error:
            strerror = getattr(error, "strerror", None) or error
            raise CommandError(f"{options['out']} can't be written: {strerror}") from None
        options["stdout"].write(losses)
        return
    give(options["stdout"], done.content)
    options["stderr"].write(losses, lambda text: text)


def give(stdout: Any, content: bytes) -> None:
    """The form itself, byte by byte where standard output takes bytes."""
    if stdout.isatty() and b"\0" in content:
        raise CommandError("this format is no text: name a file with -o")
    inner = getattr(stdout, "_out", stdout)
    if inner is sys.stdout and hasattr(inner, "buffer"):
        inner.flush()
        inner.buffer.write(content)
        inner.buffer.flush()
        return
    try:
        stdout.write(content.decode(), ending="")
    except UnicodeDecodeError:
        raise CommandError("this format is no text: name a file with -o") from None
