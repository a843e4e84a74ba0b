"""Names of medicines: exact, misspelt, misread, unknown; and the official files."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from prescriptions import engine
from prescriptions.engine.__main__ import main
from prescriptions.engine.medicines.lexicon import own_terms
from prescriptions.engine.reference import building, storing
from tests.prescriptions.reference.conftest import files


@pytest.mark.parametrize(
    ("written", "name", "sure"),
    [
        ("DOLIPRANE 1000 mg 1 cp", "DOLIPRANE", True), ("LASILIX FAIBLE 20 mg 2 cp", "LASILIX FAIBLE", True),
        ("Lasilix 40 mg 1 cp", "LASILIX", True), ("LEVOTHYR0X 75 µg 1 cp", "LEVOTHYROX", True),
        ("kargdegic 75 mg 1 sachet", "KARDEGIC", True),
        ("metformie 1000 mg 1 cp", "METFORMINE", True), ("ibuprofen 400 mg 1 cp", "IBUPROFENE", True),
        ("Kardégic 75 mg", "KARDEGIC", True),
        ("ZYXOVALIN 10 mg 1 cp", "ZYXOVALIN", False), ("1 cp matin et soir", None, True), ("matin et soir", None, True),
    ],
)  # fmt: skip
def test_names(written: str, name: str | None, sure: bool) -> None:
    """The name meant is found; what no list knows is kept as it is written, and doubted."""
    line = engine.read_line(written)
    assert line.medication.name == name
    if name:
        assert (next(item for item in line.evidence if item.path == "name").confidence >= 0.75) is sure
        assert bool(line.medication.atc) is sure


@pytest.mark.parametrize(
    "word", ["prochaine consultation", "termine le traitement", "douleur", "semaine prochaine", "Docteur Martin"]
)
def test_common_words_are_no_medicines(word: str) -> None:
    """A word that is merely like a name is not taken for it."""
    assert engine.read_ordonnance(word).lines == ()


@pytest.mark.parametrize(("written", "code"), [
    ("ECONAZOLE 1 % crème : 1 application matin et soir", "D01AC03"), ("ECONAZOLE ovule : 1 ovule le soir", "G01AF05"),
    ("VOLTARENE gel : 1 application 3 fois par jour", "M02AA15"), ("VOLTARENE 50 mg : 1 cp le soir", "M01AB05"),
    ("CILOXAN 3 mg/mL : 4 gouttes oreille gauche", "S01AE03"), ("ACICLOVIR 5 % crème : 1 application", "D06BB03"),
    ("EXFORGE HCT 10 mg/160 mg/25 mg : 1 cp/j", "C09DX01"),
])  # fmt: skip
def test_the_code_of_its_place(written: str, code: str) -> None:
    """A substance that is used in several places of the body has the code of the place that its line tells."""
    assert engine.read_line(written).medication.atc == code


def test_starter_list() -> None:
    """Every name of our own list has a code of the ATC's shape, and is found whole in a line; so is every product's."""
    import re

    assert len(own_terms()) > 900
    for term in own_terms():
        assert re.fullmatch(r"[A-Z]\d\d[A-Z]{1,2}(\d\d)?", term.atc), term
    for term in engine.starter().terms:
        assert engine.read_line(f"{term.name} : 1 cp le matin").medication.name == term.name


def test_json_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The engine alone answers JSON lines in order; a broken one is answered with its error, and the rest goes on."""
    asked = ['{"id": "a", "type": "line", "text": "DOLIPRANE 1 g 1 cp x3/j"}', "not json", '{"id": "c"}',
             ('{"id": "d", "type": "prescription", "text": '
        '"Le 02/01/2026\\nFICTIVOL 500 mg : 1 cp le soir\\nArrêt : Ramipril"}')]  # fmt: skip
    reference = tmp_path / "reference"
    reference.write_bytes(storing.dump(building.build(files(), name="BDPM", edition="2026-05-26")))
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(asked)))
    assert main(["--reference", str(reference)]) == 1
    first, second, third, fourth = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["id"] == "a"
    assert first["dosage"][0]["timing"] == {"frequency": 3, "period": 1, "periodUnit": "d"}
    assert "error" in second
    assert third["id"] == "c"
    assert "text" in third["error"]
    assert fourth["medications"][0]["atc"] == "N02BE99"
    assert fourth["medications"][0]["cis"] == "60000001"
    assert fourth["medications"][0]["products"][0]["why"] == ["name", "strength", "form"]
    assert fourth["stopped"] == ["RAMIPRIL"]
    assert fourth["document"] == {"date": "2026-01-02"}
    assert "cis" not in first
    reference.write_bytes(b"something else")
    assert main(["--reference", str(reference)]) == 2
    assert "no reference file" in capsys.readouterr().err
