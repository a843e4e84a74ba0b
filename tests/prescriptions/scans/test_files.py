"""What files are taken, and what those that aren't are refused for."""

from __future__ import annotations

import io
import zlib

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from prescriptions.engine.scans.images import frames
from prescriptions.engine.scans.reading import page_image, read_file
from prescriptions.engine.scans.refusing import CODES, Limits, Refused
from tests.prescriptions.scans.conftest import LINES, as_file, typeset


def refusal(data: bytes, limits: Limits | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        read_file(data, limits=limits or Limits())
    return caught.value


def test_a_text_layer_is_read_as_it_stands(pdf: bytes) -> None:
    """A PDF that was typed is read without a reader of images, every sign of it."""
    scan = read_file(pdf)
    assert scan.pages[0].source == "text"
    assert [line.split(") ", 1)[1] for line in scan.text.splitlines() if line[:2] in ("1)", "2)", "3)", "4)")] == list(
        LINES
    )


def test_words_lie_where_their_ink_is(pdf: bytes) -> None:
    """Inside the box of each word is ink, and around it none."""
    scan = read_file(pdf)
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil().convert("L")
    for word in scan.pages[0].words:
        box = [word.box.left, word.box.top, word.box.right, word.box.bottom]
        corners = [round(edge * side) for edge, side in zip(box, image.size * 2, strict=True)]
        assert image.crop((corners[0], corners[1], corners[2], corners[3])).getextrema()[0] < 128
        assert image.crop((corners[2] + 1, corners[1] + 8, corners[2] + 3, corners[3] - 8)).getextrema()[0] > 60


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_its_file_turns_is_read_as_it_is_shown(pdf: bytes, turn: int) -> None:
    """Boxes are those of the page as a reader shows it, whatever /Rotate says."""
    document = pypdfium2.PdfDocument(pdf)
    document[0].set_rotation(turn)
    made = io.BytesIO()
    document.save(made)
    scan = read_file(made.getvalue())
    page = scan.pages[0]
    assert (page.width > page.height) == (turn != 180)
    assert all(
        0 <= edge <= 1 for word in page.words for edge in (word.box.left, word.box.top, word.box.right, word.box.bottom)
    )


def test_each_row_has_its_place(pdf: bytes) -> None:
    """Characters of the text lead to boxes, and those of one line lie beside each other."""
    scan = read_file(pdf)
    start = scan.text.index("DOLIPRANE")
    boxes = [box for _page, box in scan.boxes(start, start + len("DOLIPRANE 1000 mg"))]
    assert len(boxes) == 3
    assert [box.left for box in boxes] == sorted(box.left for box in boxes)
    assert max(box.top for box in boxes) - min(box.top for box in boxes) < 0.005


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "HEIF"])
def test_kinds_of_images(kind: str) -> None:
    """Each kind of image gives its pixels."""
    image = Image.new("RGB", (60, 40), "white")
    image.paste((10, 20, 30), (0, 0, 30, 40))
    [pixels] = frames(as_file(image, kind, quality=90), Limits())
    assert pixels.shape == (40, 60, 3)
    assert pixels[20, 10].max() < 60
    assert pixels[20, 50].min() > 200


def test_pages_of_a_tiff() -> None:
    """A TIFF of three pages has three, and one page too many is refused."""
    pages = [Image.new("L", (30, 30), shade) for shade in (0, 100, 200)]
    data = as_file(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert [int(one[0, 0, 0]) for one in frames(data, Limits())] == [0, 100, 200]
    assert refusal(data, Limits(pages=2)).details == {"pages": 3, "most": 2}


def test_a_photo_is_turned_as_its_camera_says() -> None:
    """EXIF orientation is followed."""
    image = Image.new("RGB", (60, 40), "white")
    exif = Image.Exif()
    exif[0x0112] = 6
    [pixels] = frames(as_file(image, "JPEG", exif=exif), Limits())
    assert pixels.shape == (60, 40, 3)


def test_transparent_paper_is_white() -> None:
    """What is transparent counts as paper."""
    [pixels] = frames(as_file(Image.new("RGBA", (8, 8), (0, 0, 0, 0))), Limits())
    assert pixels.min() == 255


def test_refusals(pdf: bytes) -> None:
    """Each refusal has a code that the interface has a sentence for."""
    whole = Image.new("L", (5000, 5000))
    found = [
        refusal(b"hello"), refusal(b""), refusal(b"%PDF-1.7 nothing"), refusal(as_file(whole)[:3000]),
        refusal(pdf, Limits(size=100)), refusal(as_file(whole), Limits(pixels=1000)),
        refusal(typeset("#pagebreak()"), Limits(pages=1)),
    ]  # fmt: skip
    assert [one.code for one in found] == [
        "unknown_kind",
        "unknown_kind",
        "damaged",
        "damaged",
        "too_large",
        "page_too_large",
        "too_many_pages",
    ]
    assert {one.code for one in found} <= set(CODES)


def test_a_bomb_is_not_unfolded() -> None:
    """A small file that unfolds to many pixels is refused before it is unfolded."""
    header = b"\x89PNG\r\n\x1a\n"
    size = (100_000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    bomb = header + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    assert refusal(bomb).code in ("page_too_large", "damaged")


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-1.4\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\x00"]),
)
def test_anything_is_read_or_refused(data: bytes, start: bytes) -> None:
    """Whatever bytes come, the answer is a refusal with a code."""
    with pytest.raises(Refused) as caught:
        read_file(start + data, limits=Limits(pixels=10_000))
    assert caught.value.code in CODES


def test_the_picture_of_a_page(pdf: bytes) -> None:
    """A page is shown as wide as is asked, and one that isn't there is refused."""
    with Image.open(io.BytesIO(page_image(pdf, 1, width=600))) as image:
        assert image.size == (600, 849)
    with pytest.raises(Refused, match="no_page"):
        page_image(pdf, 2)
