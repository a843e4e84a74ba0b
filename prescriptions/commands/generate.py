"""`manage.py prescriptions generate`: write fictitious ordonnances with their truth into a folder."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import get_language

from prescriptions import making
from prescriptions.engine.synthetic import coco, output
from prescriptions.engine.synthetic.privacy import words
from prescriptions.engine.synthetic.privacy.audit import Audit
from prescriptions.engine.synthetic.profiles import MIX, PROFILES
from prescriptions.engine.synthetic.wear import CONDITIONS

BATCH = 500


def arguments(parser: ArgumentParser) -> None:
    """What it may be told."""
    parser.add_argument("-n", "--number", type=int, required=True, help="how many documents")
    parser.add_argument("--seed", default="1", help="the same seed gives the same bytes")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder, made where there is none")
    parser.add_argument("--profile", action="append", choices=sorted(PROFILES), help="only these; may be given again")
    parser.add_argument("--render", action="store_true", help="also a PDF, an image and the boxes of each document")
    parser.add_argument("--wear", default="clean", help="what the images went through: scan, fax, fold+photo…, mixed")


def run(options: dict[str, Any]) -> None:
    """Write the files, and say what there is. Raises CommandError for a number, wear or folder that can't be."""
    number, folder, wear = options["number"], options["output"], options["wear"]
    if not 1 <= number <= 1_000_000:
        raise CommandError("The number of documents is between 1 and 1,000,000.")
    if wear != output.MIXED and not set(wear.split("+")) <= set(CONDITIONS):
        raise CommandError(f"A wear is one of {', '.join(CONDITIONS)}, several joined by +, or {output.MIXED}.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in output.STREAMS:
        (folder / name).unlink(missing_ok=True)
    generator = making.generator(options["seed"], options["profile"] or tuple(MIX))
    forms = ("brat", "fhir", "pages") if options["render"] else ("brat", "fhir")
    press = making.printer(folder / "fonts", wear) if options["render"] else None
    for start in range(0, number, BATCH):
        keep(folder, output.members(generator.documents(start, min(start + BATCH, number)), forms, press))
    if press:
        with (folder / "coco.json").open("w", encoding="utf-8") as written:
            written.writelines(coco.file(objects(folder / output.BOXES)))
        (folder / output.BOXES).unlink()
    audit = Audit(making.seeds(), making.catalogue())
    for case, entry in zip(objects(folder / output.DOCUMENTS), objects(folder / output.LEDGER), strict=True):
        audit.see(case, entry)
    report = audit.report()
    (folder / "privacy.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    (folder / "privacy.md").write_text(words.markdown(report, language), encoding="utf-8")
    with (folder / output.LINES).open("rb") as written_lines:
        lines = sum(1 for _line in written_lines)
    options["stdout"].write(f"{number} documents, {lines} lines in {folder}")
    if not report["passed"]:
        raise CommandError(f"The privacy report failed: see {folder / 'privacy.md'}.")


def keep(folder: Path, members: Iterator[output.Member]) -> None:
    """Add to the streams, write the rest as files of their own."""
    streams = {name: (folder / name).open("ab") for name in output.STREAMS}
    try:
        for name, content in members:
            if name in streams:
                streams[name].write(content)
            else:
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)
    finally:
        for name, stream in streams.items():
            stream.close()
            if not (folder / name).stat().st_size:
                (folder / name).unlink()


def objects(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    with file.open("rb") as lines:
        yield from map(json.loads, lines)
