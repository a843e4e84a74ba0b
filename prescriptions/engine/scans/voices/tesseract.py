"""Tesseract with its French words, as the second voice on bad pages; `fra.traineddata` comes with the system.

One thread: on two cores its OpenMP threads make it five to fifteen times slower.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from prescriptions.engine.scans.geometry import Pixels
from prescriptions.engine.scans.voices.heard import Said, said

LANGUAGE = "fra"
FOLDERS = "/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata"
DPI = "200"


@lru_cache(maxsize=1)
def folder() -> str | None:
    """Where its French words are; None on a machine that has none: the first voice then reads alone."""
    told = os.environ.get("TESSDATA_PREFIX")
    places = [Path(told)] if told else [place for one in FOLDERS for place in sorted(Path("/").glob(one[1:]))]
    return next((str(place) for place in places if (place / f"{LANGUAGE}.traineddata").is_file()), None)


@lru_cache(maxsize=1)
def reader() -> Any:
    """The program, started once in a process."""
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    import tesserocr

    program = tesserocr.PyTessBaseAPI(path=folder(), lang=LANGUAGE, psm=tesserocr.PSM.SINGLE_BLOCK)
    program.SetVariable("user_defined_dpi", DPI)
    return program


def hear(pixels: Pixels) -> list[Said]:
    """The words of a page."""
    if folder() is None:
        return []
    program = reader()
    program.SetImage(Image.fromarray(pixels).convert("L"))
    try:
        return list(_words(program))
    finally:
        program.Clear()


def _words(program: Any) -> Iterator[Said]:
    from tesserocr import RIL, iterate_level

    if not program.Recognize():
        return
    for word in iterate_level(program.GetIterator(), RIL.WORD):
        try:
            text = word.GetUTF8Text(RIL.WORD)
        except RuntimeError:  # nothing at this place
            continue
        if (box := word.BoundingBox(RIL.WORD)) and (one := said(text, box, max(0.0, word.Confidence(RIL.WORD) / 100))):
            yield one
