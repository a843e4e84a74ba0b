"""Pages of our own: an ordonnance as a PDF with a text layer, and what becomes of it on paper."""

from __future__ import annotations

import io
import random

import pypdfium2
import pytest
import typst
from PIL import Image

from prescriptions.engine.synthetic.wear import worn

LINES = (
    "LEVOTHYROX 75 µg : 1 cp le matin à jeun",
    "DOLIPRANE 1000 mg : 1 cp x3/j si douleur, max 3 g/j",
    "AMOXICILLINE 500 mg gél : 2 gél matin et soir pdt 7 j",
    "NOVORAPID 10-8-12 UI en SC avant les repas, QSP 1 mois",
)


def typeset(body: str, **page: str) -> bytes:
    """A PDF of this text, A4."""
    options = "".join(f", {name}: {value}" for name, value in page.items())
    return typst.compile(
        f'#set page(paper: "a4", margin: 2cm{options})\n#set text(size: 11pt, lang: "fr")\n{body}'.encode()
    )


@pytest.fixture(scope="session")
def pdf() -> bytes:
    body = "Dr Aurore FICTIF #h(1fr) Paris, le 3 mars 2026\n\nM. Durand, 82 kg\n\n"
    return typeset(body + "\n\n".join(f"{number}) {line}" for number, line in enumerate(LINES, 1)))


@pytest.fixture(scope="session")
def page(pdf: bytes) -> Image.Image:
    return pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil()


def as_file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


@pytest.fixture(scope="session")
def fax(page: Image.Image) -> bytes:
    return as_file(worn(page, "fax", random.Random(3)).image)
