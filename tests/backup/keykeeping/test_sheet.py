"""Recovery sheets: what is printed gives the key back, by the code, by the lines, by nothing else."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
import segno
import zxingcpp
from PIL import Image

from backup.engine.errors import BadKeyfile
from backup.engine.format import keyfile, keys, layout
from backup.engine.format.keys import Key, Role
from backup.engine.keykeeping import lines, paper, sheet
from backup.engine.keykeeping.lines import Mistyped
from backup.engine.keykeeping.paper import Paper
from tests.e2e.conftest import chromium  # noqa: F401

TODAY = date(2026, 11, 29)
PAGE = re.compile(rb"/Type */Page\b(?!s)")


def drawn(key: Key, passphrase: str = "") -> tuple[str, Paper]:
    text = keyfile.dump(key, passphrase)
    return text, sheet.draw(text, location="sftp://backup@example.org/srv/étude <1>", today=TODAY)


def scanned(code: str) -> str:
    """What another library reads from the picture of a code."""
    picture = io.BytesIO()
    segno.make_qr(code, error="m").save(picture, kind="png", scale=4, border=4)
    return seen(Image.open(picture))


def seen(picture: Image.Image) -> str:
    [found] = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return found.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("passphrase", ["", "un château de cartes"])
def test_round_trip(master: Key, role: Role, passphrase: str) -> None:
    """A keyfile comes back from its sheet byte by byte, from the lines and from the code, protected or not."""
    key = master if role is Role.MASTER else keys.derive(master, role, label="label", created=1)
    text, drawing = drawn(key, passphrase)
    for typed in (drawing.lines, [drawing.code], [scanned(drawing.code)], ["\n".join(drawing.lines).lower()]):
        back = sheet.from_lines(typed)
        assert keyfile.to_binary(back) == keyfile.to_binary(text)
        assert keyfile.load(back, passphrase) == key


@pytest.mark.parametrize("suite", layout.SUITES)
def test_a_master_takes_three_lines(suite: int) -> None:
    """A master key is no more than its seed, its repository and its suite, and is typed in three lines."""
    key = keys.master(bytes(range(32)), bytes(16), suite=suite)
    _, drawing = drawn(key)
    assert len(drawing.lines) == 3
    content = lines.read(drawing.lines)
    assert content == bytes([0, suite]) + bytes(16) + bytes(range(32))
    assert keyfile.load(sheet.from_lines(drawing.lines)) == key


def test_a_mistyped_sheet_names_its_line(reader: Key) -> None:
    """A typing error is told with the number of its line."""
    _, drawing = drawn(reader)
    typed = list(drawing.lines)
    typed[4] = f"{typed[4][:8]}{'7' if typed[4][8] != '7' else '8'}{typed[4][9:]}"
    with pytest.raises(Mistyped) as refused:
        sheet.from_lines(typed)
    assert list(refused.value.faults) == [5]


@pytest.mark.parametrize(
    "content", [b"", b"\2hello", b"\0\1short", b"\0\3" + bytes(48), b"\1", b"\1not a keyfile at all..."]
)
def test_a_sheet_of_another_making(content: bytes) -> None:
    """Lines that are whole but hold no key are refused."""
    with pytest.raises(BadKeyfile):
        keyfile.load(sheet.from_lines(lines.write(content)))


def test_what_stands_on_it(master: Key) -> None:
    """Repository, location, control code, date, what the key is and what to do are there in French and in English."""
    text, drawing = drawn(master)
    plain = paper.plain(drawing)
    control = keyfile.control_code(keyfile.to_binary(text))
    for due in ("Fiche de secours / Recovery sheet", "clé maîtresse", "master key", control, master.repository.hex()):
        assert due in plain
    assert "Imprimé le / Printed on: 2026-11-29" in plain
    assert "sftp://backup@example.org/srv/étude <1>" in plain
    assert set(drawing.lines) <= set(plain.splitlines())
    _, protected = drawn(master, "word")
    assert "passphrase" in paper.plain(protected)


@pytest.mark.parametrize("dark", [False, True])
def test_the_code_of_a_terminal(reader: Key, dark: bool) -> None:
    """The blocks of the plain text are the code, ink on paper or the other way round on a dark terminal."""
    _, drawing = drawn(reader)
    rows = [line for line in paper.plain(drawing, dark=dark).splitlines() if line and set(line) <= set(" ▀▄█")]
    upper, lower = ("█▀", "█▄") if not dark else (" ▄", " ▀")
    ink = [[sign in half for sign in row] for row in rows for half in (upper, lower)]
    picture = Image.new("L", (len(ink[0]), len(ink)), 255)
    picture.putdata([0 if dot else 255 for row in ink for dot in row])
    assert seen(picture.resize((4 * picture.width, 4 * picture.height), Image.Resampling.NEAREST)) == drawing.code


def test_the_page_runs_nothing(master: Key) -> None:
    """The page has no script, no inline style and no address to load, and its policy forbids what isn't there."""
    _, drawing = drawn(master)
    page = paper.page([drawing])
    assert "default-src 'none'; style-src 'sha256-" in page
    assert not re.search(r"<script|\sstyle=|\son\w+=|https?:|url\(", page)
    assert "étude &lt;1&gt;" in page
    assert " style=" not in drawing.svg
    assert drawing.svg.startswith("<svg")


@pytest.mark.e2e
@pytest.mark.parametrize(("role", "passphrase"), [(Role.MASTER, ""), (Role.READER, ""), (Role.VERIFIER, "word")])
def test_one_page_of_a4(master: Key, role: Role, passphrase: str, request: pytest.FixtureRequest) -> None:
    """Each sheet is one side of A4 as a browser prints it, its style let in by its own policy, and its code scans."""
    browser = request.getfixturevalue("chromium")
    key = master if role is Role.MASTER else keys.derive(master, role, label="une étiquette assez longue", created=1)
    _, drawing = drawn(key, passphrase)
    page = browser.new_page()
    try:
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.set_content(paper.page([drawing, drawing]))
        assert len(PAGE.findall(page.pdf(format="A4", prefer_css_page_size=True))) == 2
        assert seen(Image.open(io.BytesIO(page.locator("svg").first.screenshot()))) == drawing.code
        assert page.locator("h1").first.evaluate("node => getComputedStyle(node).fontSize") == "21.3333px"
        assert refused == []
    finally:
        page.close()
