"""What the acts share: reading files whole and within bounds, and saying in one line why one can't be read."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from core.errors import Invalid
from ecrf.engine import exchange


def definition_arguments(parser: ArgumentParser, name: str, metavar: str) -> None:
    """Which file holds the form, and how to read it."""
    parser.add_argument(name, metavar=metavar, help="a form in any of the formats; - for standard input")
    parser.add_argument("--from", dest="source", choices=sorted(exchange.FORMATS), help="its format, else found out")
    parser.add_argument("--language", default="en", help="language of texts that don't say theirs (en)")


def content_of(name: str, most: int = exchange.MAX_BYTES) -> bytes:
    """The bytes of a file. Raises CommandError."""
    try:
        if name == "-":
            content = sys.stdin.buffer.read(most + 1)
        else:
            with Path(name).open("rb") as opened:
                content = opened.read(most + 1)
    except (OSError, ValueError) as error:
        raise CommandError(f"{name} can't be opened: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > most:
        raise CommandError(f"{name} is larger than {most // 1024 // 1024} MB")
    return content


def json_of(name: str) -> dict[str, Any]:
    """The object that a JSON file holds. Raises CommandError."""
    try:
        found = json.loads(content_of(name).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{name} is no JSON: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(found, dict):
        raise CommandError(f"{name} holds no JSON object")
    return found


def refusal(name: str, error: Invalid) -> CommandError:
    """All that is wrong, in one line."""
    faults = [f"{fault.place}: {' '.join(str(fault.message).split())}" for fault in error.faults]
    more = f" (and {len(faults) - SAID} more: see ecrf check)" if len(faults) > SAID else ""
    return CommandError(f"{name} can't be used: {'; '.join(faults[:SAID])}{more}")


SAID = 5


def as_json(found: Iterable[Any] | dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2)
