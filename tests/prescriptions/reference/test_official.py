"""The official files: encodings, line ends, numbers, archives; what is hostile or damaged is refused with its place."""

from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescriptions.engine.reference import archives, building, labels, official
from prescriptions.engine.reference.figures import number
from prescriptions.engine.reference.official import Unreadable
from tests.prescriptions.reference.conftest import CIS, encoded, files


def test_rows_of_both_encodings() -> None:
    """UTF-8 and cp1252, CRLF and LF, blank lines and rows that end early are all read."""
    found = files()
    assert [row.label for row in official.read(found, official.Speciality)][-1].startswith("ŒSTROFIC")
    boxes = list(official.read(found, official.Box))
    assert boxes[0].label == "plaquette(s) PVC aluminium de 16 comprimé(s)"
    assert boxes[2].price == ""
    assert len(list(official.read(found, official.Condition))) == 2
    assert list(official.read({}, official.Generic)) == []


def test_an_archive_is_as_good_as_a_folder(bdpm: Path, tmp_path: Path) -> None:
    """ZIP with folders inside, and files gzipped one by one, give the same bytes."""
    plain = archives.read_files(bdpm)
    packed = tmp_path / "bdpm.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for stem, content in plain.items():
            archive.writestr(f"fichiers/{stem}.txt", content)
        archive.writestr("fichiers/LISEZMOI.txt", b"no table")
    assert archives.read_files(packed) == plain
    for path in bdpm.iterdir():
        path.with_suffix(".txt.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert archives.read_files(bdpm) == plain


@pytest.mark.parametrize(
    ("stem", "content", "words"),
    [
        ("CIS_bdpm", b"<html>not found</html>\n", r"CIS_bdpm\.txt, line 1: 12 columns"),
        ("CIS_bdpm", encoded("CIS_bdpm", CIS[:2]) + b"6000000X" + b"\tx" * 11, r"CIS_bdpm\.txt, line 3: 12 columns"),
        ("CIS_COMPO_bdpm", b"60000001\tx\r\n", r"CIS_COMPO_bdpm\.txt, line 1: 8 columns"),
        ("CIS_MITM", b"ok\n60000001\t\x81\n", r"CIS_MITM\.txt, line 2: neither UTF-8 nor cp1252"),
        ("CIS_CPD_bdpm", b"60000001\t" + b"x" * 20_001, r"CIS_CPD_bdpm\.txt, line 1: a cell"),
    ],
)
def test_damage_is_named(stem: str, content: bytes, words: str) -> None:
    """A wrong line is refused with its file and number."""
    with pytest.raises(Unreadable, match=words):
        building.build(files() | {stem: content}, name="BDPM", edition="x")


def test_what_is_needed(bdpm: Path) -> None:
    """Without products or substances there is no edition; a folder that isn't there is none."""
    (bdpm / "CIS_COMPO_bdpm.txt").unlink()
    with pytest.raises(Unreadable, match=r"CIS_COMPO_bdpm\.txt is missing"):
        building.build(archives.read_files(bdpm), name="BDPM", edition="x")


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unfolds beyond the bounds is refused before it is read whole; so is a broken archive."""
    monkeypatch.setattr(archives, "LARGEST", 1000)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("CIS_bdpm.txt", b"0" * 100_000)
    with pytest.raises(Unreadable, match="larger than"):
        archives.archived(held.getvalue())
    (tmp_path / "CIS_bdpm.txt.gz").write_bytes(gzip.compress(b"0" * 100_000))
    with pytest.raises(Unreadable, match="unfolds to more"):
        archives.read_files(tmp_path)
    with pytest.raises(Unreadable, match="no ZIP archive"):
        archives.archived(held.getvalue()[:60])


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,00", 1.0), ("1 000", 1000.0), ("1.234,56", 1234.56), ("1,234,56", 1234.56), ("24,34", 24.34), ("7.5", 7.5),
     ("40,000", 40.0), ("1.000.000", 1e6), ("10.000", 10_000.0), ("0.031", 0.031), ("", None), ("qs", None)],
)  # fmt: skip
def test_numbers(text: str, value: float | None) -> None:
    """Decimal commas, thousands marked by spaces, points or commas."""
    assert number(text) == value


@pytest.mark.parametrize(
    ("said", "per", "value", "unit", "held"),
    [("800 microgrammes", "2 ml de suspension", 800, "µg", 2), ("1,00 mg", "un comprimé", 1, "mg", None),
     ("2,00 g", "100 ml", 2, "g", 100), ("1 000 000 U.I.", "un flacon", 1e6, "UI", None),
     ("1,5 M UI", "un comprimé", 1.5, "MUI", None), ("4000 UI anti-Xa", "0,4 ml", 4000, "UI", 0.4),
     ("5 g", "1000,00 ml", 5, "g", 1000)],
)  # fmt: skip
def test_amounts(said: str, per: str, value: float, unit: str, held: float | None) -> None:
    """An amount of substance in a unit of the product or in a volume."""
    strength = labels.amount(said, per)
    assert strength is not None
    assert (strength.value, strength.unit) == (value, unit)
    assert (strength.per.value if strength.per else None) == held


@pytest.mark.parametrize("said", ["", "qs", "2CH à 30CH et 4DH à 60DH", "8 DH", "supérieur ou égal à 20 UI"])
def test_what_is_no_amount(said: str) -> None:
    """A dilution or a quantity that isn't said is no strength."""
    assert labels.amount(said) is None


@pytest.mark.parametrize(
    ("label", "name"),
    [("DOLIPRANE 1000 mg, comprimé", "doliprane"), ("RAMIPRIL BIOGARAN 5 mg, comprimé sécable", "ramipril"),
     ("SPASFON LYOC 80 mg, lyophilisat oral", "spasfon lyoc"), ("TRAMADOL EG L.P. 200 mg, comprimé", "tramadol"),
     ("VITAMINE C ARROW 1 g, comprimé", "vitamine c"), ("DEXERYL, crème", "dexeryl"),
     ("BORAX / ACIDE BORIQUE EG 12 mg/18 mg/ml, solution", "borax/acide borique")],
)  # fmt: skip
def test_brands(label: str, name: str) -> None:
    """What a product is called on a prescription: neither laboratory, nor strength, nor release."""
    assert labels.brand(label) == name


@pytest.mark.parametrize(
    ("box", "units"),
    [("plaquette(s) PVC PVDC aluminium de 30 comprimé(s)", 30), ("3 plaquette(s) PVC de 21 comprimé(s)", 63),
     ("2 flacon(s) en verre de 150 ml", 300), ("6 seringue(s) préremplie(s) en verre de 0,4 ml", 6),
     ("20 récipient(s) unidose(s) polyéthylène de 2 ml suremballée(s) par plaquette de 5 récipients unidoses", 20),
     ("1 tube(s) aluminium verni de 30 g", 30)],
)  # fmt: skip
def test_boxes(box: str, units: float) -> None:
    """How many tablets, syringes or millilitres a box holds."""
    assert labels.units_of(box) == units


@given(st.dictionaries(st.sampled_from(sorted(official.STEMS.values())), st.binary(max_size=400)))
def test_garbage_never_crashes(damage: dict[str, bytes]) -> None:
    """Whatever bytes stand in the files, they are an edition or Unreadable."""
    with contextlib.suppress(Unreadable):
        building.build(files() | damage, name="BDPM", edition="x")


CELLS = st.lists(st.text("0123456789,. %/()mgµéUICOMPRIMÉS-;\x00x", max_size=12), min_size=1, max_size=14)


@given(st.sampled_from(sorted(official.STEMS.values())), st.lists(CELLS, max_size=4))
def test_strange_cells_never_crash(stem: str, rows: list[list[str]]) -> None:
    """Nor do cells that look almost right."""
    text = "\n".join("\t".join(("60000001", *cells)) for cells in rows)
    with contextlib.suppress(Unreadable):
        building.build(files() | {stem: text.encode()}, name="BDPM", edition="x")


@given(st.text(max_size=60))
def test_any_label_is_read(text: str) -> None:
    """Labels, amounts and boxes of any text give something or nothing, and never fail."""
    labels.brand(text)
    labels.named_strengths(text)
    labels.amount(text, text)
    labels.units_of(text)
    number(text)
