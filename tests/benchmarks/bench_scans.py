"""Reading pages: exactness and time against each voice alone, on the same pages, in the same run.

    PAGES=60 python -m pytest tests/benchmarks/bench_scans.py -o python_files='bench_*.py' --capture=no

Four ordonnances of our own, three typefaces, five conditions. CER: wrong characters of a page, spaces counted once.
"""

from __future__ import annotations

import io
import os
import random
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pypdfium2
import typst
from PIL import Image
from rapidfuzz.distance import Levenshtein

from prescriptions import engine
from prescriptions.engine.scans.boxed import is_known
from prescriptions.engine.scans.layout import Placed, written
from prescriptions.engine.scans.letters import normalised
from prescriptions.engine.scans.page import Box
from prescriptions.engine.scans.reading import read_file
from prescriptions.engine.scans.voices import rapid, tesseract
from prescriptions.engine.scans.voices.heard import Said
from prescriptions.engine.synthetic.wear import worn

FONTS = ("Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern")
CONDITIONS = ("clean", "scan", "fax", "photo", "fold+stain+scan")
HEAD = (
    "Docteur Aurore FICTIF",
    "Médecine générale",
    "12 rue des Exemples, 75000 PARIS",
    "Paris, le 3 mars 2026",
    "Mme Odile ESSAI",
)
ORDONNANCES = (
    ("LEVOTHYROX 75 µg : 1 cp le matin à jeun", "DOLIPRANE 1000 mg : 1 cp x3/j si douleur, max 3 g/j",
     "KARDEGIC 75 mg : 1 sachet à midi", "ATORVASTATINE 40 mg : 1 cp le soir, QSP 3 mois"),
    ("AMOXICILLINE 500 mg gél : 2 gél matin et soir pdt 7 j", "PREDNISOLONE 20 mg : 2 cp le matin pendant 5 jours",
     "VENTOLINE 100 µg : 2 bouffées si gêne, max 8/j", "SERETIDE 250 µg/25 µg : 2 bouffées matin et soir"),
    ("NOVORAPID 10-8-12 UI en SC avant les repas", "LANTUS 24 UI le soir à 22h",
     "METFORMINE 850 mg : 1-1-1 au milieu des repas", "RAMIPRIL 2,5 mg : 1/2 cp le matin, AR 5 fois"),
    ("OXYCONTIN LP 10 mg : 1 cp toutes les 12 heures", "OXYNORM 5 mg : 1 gél si douleur, 4 h entre deux prises",
     "MOVICOL : 1 à 2 sachets par jour", "DUROGESIC 25 µg/h : 1 patch toutes les 72 heures"),
)  # fmt: skip


class Made(NamedTuple):
    """A page, what stands on it, and the lines of medicines among that."""

    image: Image.Image
    condition: str
    text: str
    medicines: tuple[str, ...]


def pages() -> list[Made]:
    chance = random.Random(2026)
    found = []
    for lines in ORDONNANCES:
        for font in FONTS:
            text = "\n".join((*HEAD, *lines))
            body = "\n\n".join(row.replace("*", "\\*") for row in (*HEAD, *lines))
            page = typst.compile(
                f'#set page(paper: "a4")\n#set text(font: "{font}", size: 11pt, lang: "fr")\n{body}'.encode()
            )
            image = pypdfium2.PdfDocument(page)[0].render(scale=200 / 72).to_pil()
            found += [Made(worn(image, one, chance).image, one, text, lines) for one in CONDITIONS]
    count = int(os.environ.get("PAGES", len(found)))
    return chance.sample(found, min(count, len(found)))


def rows(pieces: Iterable[Sequence[Said]], size: tuple[int, int]) -> str:
    width, height = size
    placed = [
        [Placed(w.text, Box(w.left / width, w.top / height, w.right / width, w.bottom / height)) for w in piece]
        for piece in pieces
    ]
    return written(placed, (float(width), float(height)))[0]


def alone(pixels: np.ndarray) -> str:
    return rows([line.words for line in rapid.hear(pixels)], (pixels.shape[1], pixels.shape[0]))


def second(pixels: np.ndarray) -> str:
    return rows([(word,) for word in tesseract.hear(pixels)], (pixels.shape[1], pixels.shape[0]))


def squeezed(text: str) -> str:
    return " ".join(normalised(text).split())


def digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def test_reading() -> None:
    """CER, lines of medicines exact (also but for spaces), their digits, µg kept, structure exact, seconds a page."""
    known = partial(is_known, lexicon=engine.starter())
    ways: dict[str, Callable[[Made], str]] = {
        "suite": lambda made: read_file(as_png(made.image), known=known).text,
        "rapidocr": lambda made: alone(np.asarray(made.image.convert("RGB"))),
        "tesseract": lambda made: second(np.asarray(made.image.convert("RGB"))),
    }
    measured: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    for made in pages():
        for name, read in ways.items():
            started = time.perf_counter()
            text = read(made)
            spent = time.perf_counter() - started
            measured[made.condition, name].append(scores(made, text) | {"s": spent})
    for (condition, name), found in sorted(measured.items()):
        figures = {key: statistics.fmean(one[key] for one in found) for key in found[0] if key != "s"}
        said = "  ".join(f"{key} {value:.3f}" for key, value in figures.items())
        seconds = statistics.median(one["s"] for one in found)
        print(f"\n{condition:16} {name:10} {len(found):3} pages  {said}  {seconds:.2f} s/page", end="")
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def scores(made: Made, text: str) -> dict[str, float]:
    lines = [squeezed(row) for row in text.splitlines()]
    near = [min(lines or [""], key=partial(Levenshtein.distance, line)) for line in made.medicines]
    pairs = list(zip(made.medicines, near, strict=True))
    truth = engine.read_ordonnance(made.text)
    got = [line.medication for line in engine.read_ordonnance(text).lines]
    micro = [line.count("µg") == read.count("µg") for line, read in pairs if "µg" in line]
    return {
        "CER": Levenshtein.distance(squeezed(made.text), squeezed(text)) / len(squeezed(made.text)),
        "exact": statistics.fmean(line == read for line, read in pairs),
        "but spaces": statistics.fmean(line.replace(" ", "") == read.replace(" ", "") for line, read in pairs),
        "digits": statistics.fmean(digits(line) == digits(read) for line, read in pairs),
        "µg": statistics.fmean(micro) if micro else 1.0,
        "structure": statistics.fmean(line.medication in got for line in truth.lines),
    }


def as_png(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()
