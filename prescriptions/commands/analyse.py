"""Read a file, or a text from standard input (`-`), and write its lines as JSON, FHIR R4 or CSV.

Nothing is kept, and neither project nor account is needed: whoever stands at the console may read the file anyway.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.core.management.base import CommandError

from core.errors import Invalid
from prescriptions import engine, reference
from prescriptions.engine import linking
from prescriptions.engine.exchange import fhir, table
from prescriptions.engine.scans.page import Scan
from prescriptions.services.reading import legible, scanned


def as_json(name: str, group: str, found: engine.Ordonnance) -> str:
    """What was read, with the place and the confidence of each value, and the products of each line."""
    edition = reference.named(name)
    lines = [linking.with_products(line, edition) for line in found.lines]
    said = {"reference": name, **engine.encode(found), "lines": lines}
    return json.dumps(said, ensure_ascii=False, indent=2)


def as_fhir(name: str, group: str, found: engine.Ordonnance) -> str:
    """A Bundle of drafts: nobody has reviewed them."""
    return json.dumps(fhir.write(found, group, reviewed=False), ensure_ascii=False, indent=2)


def as_csv(name: str, group: str, found: engine.Ordonnance) -> str:
    lines = {number: line.medication for number, line in enumerate(found.lines, 1)}
    return table.text([fhir.Sent(group, lines, found.document, reviewed=False)])


FORMATS: dict[str, Callable[[str, str, engine.Ordonnance], str]] = {"json": as_json, "fhir": as_fhir, "csv": as_csv}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="PDF, PNG, JPEG, TIFF, HEIC or text; - for standard input")
    parser.add_argument("--format", choices=sorted(FORMATS), default="json")


def run(options: Mapping[str, Any]) -> None:
    """Write the reading to standard output. Raises CommandError, in words, for what can't be read."""
    scan, written = read(options["file"])
    name, found = reference.read(written, scan=scan)
    group = f"urn:uuid:{uuid5(NAMESPACE_URL, written)}"  # the same text has the same identifiers
    options["stdout"].write(FORMATS[options["format"]](name, group, found))


def read(file: str) -> tuple[Scan, str]:
    """The words of a file with their places, and its text."""
    if file == "-":
        written = sys.stdin.read()
        return Scan(written, ()), written
    path = Path(file)
    try:
        with path.open("rb") as opened:
            scan = scanned(opened, path.name)
        return scan, legible(scan)
    except OSError as error:
        raise CommandError(f"{path} can't be opened: {error.strerror}") from error
    except Invalid as error:
        raise CommandError(str(error.message)) from error
