"""Names of medicines: exact, misspelt, misread, unknown; and the official files."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from prescriptions import engine
from prescriptions.engine.__main__ import main
from prescriptions.engine.medicines.bdpm import Unreadable, brand, load_bdpm

ACTIVE = "Autorisation active\tProcédure nationale\tCommercialisée\t01/01/2000\t\t\tLABO\tNon"
CIS = [
    f"60000001\tFICTIVOL 500 mg, comprimé\tcomprimé\torale\t{ACTIVE}",
    f"60000002\tRAMIPRIL BIOGARAN 5 mg, comprimé\tcomprimé\torale\t{ACTIVE}",
    f"60000003\tRAMIPRIL TEVA 5 mg, gélule\tgélule\torale\t{ACTIVE}",
    f"60000004\tGRANULE FICTIF\tgranules\torale\t{ACTIVE.replace('Procédure nationale', 'Enreg homéo (Proc. Nat.)')}",
]
COMPO = [
    "60000001\tcomprimé\t1\tÉTÉROL\t500 mg\tun comprimé\tSA\t1\t",
    "60000002\tcomprimé\t2\tRAMIPRIL\t5 mg\tun comprimé\tSA\t1\t",
    "60000003\tgélule\t2\tRAMIPRIL\t5 mg\tune gélule\tSA\t1\t",
]
MITM = [
    "60000001\tN02BE99\tFICTIVOL 500 mg, comprimé\thttp://example",
    "60000002\tC09AA05\tRAMIPRIL BIOGARAN\thttp://example",
]


@pytest.fixture
def bdpm(tmp_path: Path) -> Path:
    """A folder as the publisher gives it: cp1252, mixed line ends."""
    for name, rows in (("CIS_bdpm", CIS), ("CIS_COMPO_bdpm", COMPO), ("CIS_MITM", MITM)):
        (tmp_path / f"{name}.txt").write_bytes("\r\n".join(rows).encode("cp1252") + b"\n")
    return tmp_path


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


def test_starter_list() -> None:
    """Every name of our own list is found whole in a line, with a code of the ATC's shape."""
    import re

    terms = engine.starter().terms
    assert len(terms) > 900
    for term in terms:
        assert re.fullmatch(r"[A-Z]\d\d[A-Z]{1,2}(\d\d)?", term.atc), term
        assert engine.read_line(f"{term.name} : 1 cp le matin").medication.name == term.name


def test_official_files(bdpm: Path) -> None:
    """Names of products without laboratory and strength, substances, the code of the products; no homeopathy."""
    found = {term.name: term for term in load_bdpm(bdpm) if term.source == "bdpm"}
    assert found["FICTIVOL"].atc == "N02BE99"
    assert found["RAMIPRIL"].atc == "C09AA05"
    assert found["ETEROL"].kind == "inn"
    assert "GRANULE FICTIF" not in found
    lexicon = engine.Formulary(load_bdpm(bdpm))
    assert engine.read_line("fictivol 500 mg 1 cp", lexicon).medication.name == "FICTIVOL"
    assert engine.read_line("DOLIPRANE 1 g 1 cp", lexicon).medication.name == "DOLIPRANE"


def test_damaged_files_are_refused(bdpm: Path) -> None:
    """A missing file, or a line that isn't one, is named."""
    (bdpm / "CIS_bdpm.txt").write_text("<html>not found</html>\n")
    with pytest.raises(Unreadable, match=r"CIS_bdpm\.txt, line 1"):
        load_bdpm(bdpm)
    (bdpm / "CIS_bdpm.txt").unlink()
    with pytest.raises(Unreadable, match=r"CIS_bdpm\.txt is not in"):
        load_bdpm(bdpm)


def test_brands() -> None:
    """What a product is called on a prescription."""
    assert brand("DOLIPRANE 1000 mg, comprimé") == "doliprane"
    assert brand("RAMIPRIL BIOGARAN 5 mg, comprimé sécable") == "ramipril"
    assert brand("SPASFON LYOC 80 mg, lyophilisat oral") == "spasfon lyoc"


def test_whole_official_list() -> None:
    """The real files, where they are at hand; our small ones above hold the same rules."""
    folder = Path(os.environ.get("SUITE_TRIAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")) / "bdpm"
    terms = load_bdpm(folder) if folder.is_dir() else engine.starter().terms
    lexicon = engine.Formulary(terms)
    for name, atc in (
        ("KARDEGIC", "B01AC06"),
        ("PREVISCAN", "B01AA12"),
        ("AUGMENTIN", "J01CR02"),
        ("ELIQUIS", "B01AF02"),
    ):
        assert engine.read_line(f"{name} : 1 cp le matin", lexicon).medication.atc == atc


def test_json_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The engine alone answers JSON lines in order; a broken one is answered with its error, and the rest goes on."""
    asked = ['{"id": "a", "type": "line", "text": "DOLIPRANE 1 g 1 cp x3/j"}', "not json", '{"id": "c"}',
             ('{"id": "d", "type": "prescription", "text": '
        '"Le 02/01/2026\\nFICTIVOL 10 mg : 1 cp le soir\\nArrêt : Ramipril"}')]  # fmt: skip
    reference = tmp_path / "reference.json"
    reference.write_text(json.dumps([["FICTIVOL", "N02BE99", "brand"], ["RAMIPRIL", "C09AA05", "inn"]]))
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(asked)))
    assert main(["--reference", str(reference)]) == 1
    first, second, third, fourth = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["id"] == "a"
    assert first["dosage"][0]["timing"] == {"frequency": 3, "period": 1, "periodUnit": "d"}
    assert "error" in second
    assert third["id"] == "c"
    assert "text" in third["error"]
    assert fourth["medications"][0]["atc"] == "N02BE99"
    assert fourth["stopped"] == ["RAMIPRIL"]
    assert fourth["document"] == {"date": "2026-01-02"}
