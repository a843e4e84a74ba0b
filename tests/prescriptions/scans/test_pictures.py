"""Pages as pictures, read by both voices in a closed box."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from PIL import Image

from core.files.sandbox import Rejected
from prescriptions.engine.scans.page import Box
from prescriptions.engine.scans.preparing import prepared
from prescriptions.engine.scans.reading import read_file
from prescriptions.engine.scans.refusing import CODES
from prescriptions.engine.synthetic.wear import CONDITIONS, worn
from prescriptions.reading import WORDS, image_in_box, read_in_box
from tests.prescriptions.scans.conftest import LINES, as_file

pytestmark = pytest.mark.slow


def medicines(text: str) -> list[str]:
    return [row.split(") ", 1)[1] for row in text.splitlines() if row[1:2] == ")"]


def test_a_scan_is_read_word_by_word(page: Image.Image) -> None:
    """A crooked, faded page gives the lines that stand on it, µg and all, and boxes where the ink is."""
    made = worn(page, "scan", random.Random(3))
    scan = read_file(as_file(made.image))
    assert medicines(scan.text) == list(LINES)
    grey = np.asarray(made.image.convert("L"))
    for word in scan.pages[0].words:
        top, bottom = (int(edge * grey.shape[0]) for edge in (word.box.top, word.box.bottom))
        left, right = (int(edge * grey.shape[1]) for edge in (word.box.left, word.box.right))
        assert grey[top : bottom + 1, left : right + 1].min() < 150


def test_a_fax_is_read_by_two_voices_in_the_box(fax: bytes) -> None:
    """In the sandbox, without network or other programs, both voices read a fax."""
    scan = read_in_box(io.BytesIO(fax))
    assert scan.pages[0].source == "both"
    assert [row.replace(" ", "") for row in medicines(scan.text)] == [line.replace(" ", "") for line in LINES]


def test_a_page_on_its_head(page: Image.Image) -> None:
    """A page that was put in the wrong way round is read, its boxes those of the page as it was given."""
    small = page.crop((0, 0, page.width, page.height // 2))
    scan = read_file(as_file(small.rotate(180)))
    assert scan.pages[0].turned == 180
    assert "LEVOTHYROX 75 µg" in scan.text
    [box] = [box for _page, box in scan.boxes(*span(scan.text, "LEVOTHYROX"))]
    assert box.left > 0.5


def span(text: str, word: str) -> tuple[int, int]:
    return text.index(word), text.index(word) + len(word)


@pytest.mark.parametrize("condition", [*CONDITIONS, "fold+stain+photo"])
def test_boxes_follow_the_page(condition: str) -> None:
    """Whatever a page went through, the box of a mark on it still holds it; the same chance wears it the same."""
    page = Image.new("RGB", (1240, 1754), "white")
    page.paste((0, 0, 0), (400, 600, 480, 640))
    made = worn(page, condition, random.Random(5))
    again = worn(page, condition, random.Random(5))
    assert made.image.tobytes() == again.image.tobytes()
    box = made.transform.box(Box(400 / 1240, 600 / 1754, 480 / 1240, 640 / 1754))
    grey = np.asarray(made.image.convert("L"))
    top, bottom = (round(edge * grey.shape[0]) for edge in (box.top, box.bottom))
    left, right = (round(edge * grey.shape[1]) for edge in (box.left, box.right))
    assert grey[top:bottom, left:right].mean() < 110


def test_no_such_condition() -> None:
    """A condition that there isn't is said by its name."""
    with pytest.raises(ValueError, match="burnt"):
        worn(Image.new("RGB", (10, 10)), "burnt", random.Random(1))


def test_shadows_are_taken_away(page: Image.Image) -> None:
    """Under a shadow the paper becomes white again."""
    light = np.linspace(0.45, 1, page.width)[None, :, None]
    dark = (np.asarray(page.convert("RGB")) * light).astype(np.uint8)
    ready = prepared(dark)
    assert np.percentile(ready.pixels, 20) > 235


def test_every_refusal_has_its_words() -> None:
    """Each code is a sentence, and a hostile file ends in one."""
    assert set(WORDS) == set(CODES)
    with pytest.raises(Rejected) as caught:
        image_in_box(io.BytesIO(b"%PDF-1.4 nothing"), 1)
    assert caught.value.code == "damaged"
