"""`manage.py prescriptions generate`: write fictitious ordonnances with their truth into a folder."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from prescriptions.engine.reference.starting import starter
from prescriptions.engine.synthetic import records
from prescriptions.engine.synthetic.catalogue import Catalogue
from prescriptions.engine.synthetic.documents import Document, Generator
from prescriptions.engine.synthetic.profiles import MIX, PROFILES
from prescriptions.engine.synthetic.rendering import fonts, images, paper, setting

BATCH = 20
PACKAGES = Path(__file__).parents[2] / "node_modules" / "@fontsource"


def arguments(parser: ArgumentParser) -> None:
    """What it may be told."""
    parser.add_argument("-n", "--number", type=int, required=True, help="how many documents")
    parser.add_argument("--seed", default="1", help="the same seed gives the same bytes")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder, made where there is none")
    parser.add_argument("--profile", action="append", choices=sorted(PROFILES), help="only these; may be given again")
    parser.add_argument("--render", action="store_true", help="also a PDF, an image and the boxes of each document")
    parser.add_argument("--wear", default="clean", help="what the images went through: scan, fax, fold+photo…")


def run(options: dict[str, Any]) -> None:
    """Write the files, and say what there is. Raises CommandError for a number or folder that can't be."""
    number, output = options["number"], options["output"]
    if not 1 <= number <= 1_000_000:
        raise CommandError("The number of documents is between 1 and 1,000,000.")
    output.mkdir(parents=True, exist_ok=True)
    mix: dict[str, float] = {name: MIX[name] for name in options["profile"] or MIX}
    generator = Generator(Catalogue(starter().products), options["seed"], mix)
    faces = fonts.prepare(PACKAGES, output / "fonts") if options["render"] else ()
    lines = 0
    with (
        (output / "documents.jsonl").open("w", encoding="utf-8") as documents,
        (output / "lines.jsonl").open("w", encoding="utf-8") as alone,
        (output / "ledger.jsonl").open("w", encoding="utf-8") as ledger,
    ):
        for start in range(0, number, BATCH):
            batch = list(generator.documents(start, min(start + BATCH, number)))
            for document in batch:
                cases = records.line_cases(document)
                lines += len(cases)
                documents.write(dumped(records.case(document)))
                alone.writelines(dumped(case) for case in cases)
                ledger.write(dumped(records.ledger(document)))
                annotated(document, output / "brat")
            if options["render"]:
                rendered(batch, faces, output, options["wear"])
    options["stdout"].write(f"{number} documents, {lines} lines in {output}")


def dumped(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def annotated(document: Document, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{document.id}.txt").write_text(document.text, encoding="utf-8")
    (folder / f"{document.id}.ann").write_text(records.brat(document), encoding="utf-8")


def rendered(batch: list[Document], faces: tuple[fonts.Face, ...], output: Path, wear: str) -> None:
    """PDF, images and the box of every character, in fractions of the page."""
    folder = output / "pages"
    folder.mkdir(exist_ok=True)
    made = setting.pdfs([paper.paper(document, faces) for document in batch], output / "fonts")
    for document, pdf in zip(batch, made, strict=True):
        (folder / f"{document.id}.pdf").write_bytes(pdf)
        boxes = []
        for page in images.shown(document.text, pdf, unprinted="|" if document.body == "table" else ""):
            worn = page if wear == "clean" else images.weathered(page, wear, document.seed, document.index)
            (folder / f"{document.id}-{page.number}.png").write_bytes(images.png(worn.image))
            boxes += [
                [one.offset, one.page, *(round(side, 5) for side in images.sides(one.box))] for one in worn.placed
            ]
        (folder / f"{document.id}.boxes.json").write_text(json.dumps(boxes), encoding="utf-8")
