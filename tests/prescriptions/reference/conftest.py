"""Small official files of our own, with the quirks of the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from prescriptions.engine.reference import archives, building
from prescriptions.engine.reference.catalogue import Reference

ACTIVE = "Autorisation active"


def speciality(
    cis: str, label: str, form: str, routes: str = "orale", procedure: str = "Nationale", sold: str = "Commercialisée"
) -> str:
    return f"{cis}\t{label}\t{form}\t{routes}\t{ACTIVE}\t{procedure}\t{sold}\t01/01/2000\t\t\t LABO\tNon"


CIS = [
    speciality("60000001", "FICTIVOL 500 mg, comprimé", "comprimé"),
    speciality("60000002", "RAMIPRIL BIOGARAN 5 mg, comprimé sécable", "comprimé sécable"),
    speciality("60000003", "RAMIPRIL TEVA 5 mg, gélule", "gélule"),
    speciality("60000004", "GRANULE FICTIF", "granules", procedure="Enreg homéo (Proc. Nat.)"),
    speciality("60000005", "METAFIC 1000 mg, comprimé pelliculé", "comprimé pelliculé"),
    speciality("60000006", "THYROFIC 75 microgrammes, comprimé sécable", "comprimé sécable"),
    speciality("60000007", "THYROFIC 25 microgrammes, comprimé sécable", "comprimé sécable"),
    speciality("60000008", "AMOFIC/ACIDE CLAVUFIC ARROW 1 g/125 mg ADULTES, poudre pour suspension buvable en sachet",
               "poudre pour suspension buvable"),
    speciality("60000009", "FICTIVOL 2,5 %, gel", "gel", "cutanée"),
    speciality("60000010", "FICTIVOL L.P. 100 mg, comprimé à libération prolongée", "comprimé à libération prolongée",
               sold="Non commercialisée"),
    speciality("60000011", "SIROFIC 20 mg/ml, solution buvable", "solution buvable"),
    speciality("60000012", "HEPAFIC 4 000 UI anti-Xa/0,4 ml, solution injectable en seringue préremplie",
               "solution injectable", "intraveineuse;sous-cutanée"),
    speciality("60000013", "ŒSTROFIC TURBOFIC 200 microgrammes/6 microgrammes par dose, poudre pour inhalation",
               "poudre pour inhalation", "inhalée"),
]  # fmt: skip
COMPO = [
    "60000001\tcomprimé\t00001\tÉTÉROL\t500 mg\tun comprimé\tSA\t1\t",
    "60000002\tcomprimé\t00002\tRAMIPRIL\t5,00 mg\tun comprimé\tSA\t1",
    "60000003\tgélule\t00002\tRAMIPRIL\t5 mg\tune gélule\tSA\t1",
    "60000005\tcomprimé\t00003\tCHLORHYDRATE DE METAFICINE\t1 000 mg\tun comprimé\tSA\t1",
    "60000005\tcomprimé\t00004\tMETAFICINE\t780 mg\tun comprimé\tFT\t1",
    "60000006\tcomprimé\t00005\tTHYROFICINE SODIQUE ANHYDRE\t75 microgrammes\tun comprimé\tSA\t1",
    "60000007\tcomprimé\t00005\tTHYROFICINE SODIQUE ANHYDRE\t25 microgrammes\tun comprimé\tSA\t1",
    "60000008\tpoudre\t00006\tAMOFICILLINE ANHYDRE\t1,000 g\tun sachet-dose\tFT\t1",
    "60000008\tpoudre\t00007\tAMOFICILLINE TRIHYDRATÉE\t\t\tSA\t1",
    "60000008\tpoudre\t00008\tACIDE CLAVUFICANIQUE\t125 mg\tun sachet-dose\tFT\t2",
    "60000009\tgel\t00001\tÉTÉROL\t2,5 g\t100 g de gel\tSA\t1",
    "60000010\tcomprimé\t00001\tÉTÉROL\t100 mg\tun comprimé\tSA\t1",
    "60000011\tsolution\t00009\tSODIUM (SIROFICATE DE)\t2,00 g\t100 ml\tSA\t1",
    "60000012\tsolution\t00010\tHEPAFICINE SODIQUE\t4000 UI anti-Xa\t0,4 ml\tSA\t1",
    "60000013\tpoudre\t00011\tFICTESONIDE\t200 microgrammes\tune dose délivrée\tSA\t1",
    "60000013\tpoudre\t00012\tFICTOTEROL\t6 microgrammes\tune dose délivrée\tSA\t2",
]
SOLD = "Présentation active\tDéclaration de commercialisation\t01/01/2001"
CIP = [
    f"60000001\t1234567\tplaquette(s) PVC aluminium de 16 comprimé(s)\t{SOLD}\t3400900000011\toui\t65%\t1,16\t2\t1\t",
    f"60000001\t1234568\t3 plaquette(s) PVC de 30 comprimé(s)\t{SOLD}\t3400900000028\toui\t65 %\t1,234,56\t1\t1\tx",
    f"60000011\t1234569\t2 flacon(s) en verre de 150 ml\t{SOLD}\t3400900000035",
    f"60000012\t1234570\t6 seringue(s) préremplie(s) en verre de 0,4 ml\t{SOLD}\t3400900000042\tnon\t\t\t\t\t",
]
GENER = ["12\tRAMIFIC 5 mg\t60000002\t0\t1", "12\tRAMIFIC 5 mg\t60000003\t1\t2"]
MITM = [
    "60000001\tN02BE99\tFICTIVOL 500 mg, comprimé\thttp://example",
    "60000002\tC09AA05\tRAMIPRIL BIOGARAN\thttp://example",
    "60000006\tH03AA01\tTHYROFIC\thttp://example",
]
CPD = ["60000012\tliste I", "\r", "60000012\tprescription hospitalière"]
DISPO = [
    "60000006\t\t1\tRupture de stock\t14/04/2026\t18/05/2026\t\thttps://example",
    "60000002\t\t4\tRemise à disposition\t01/01/2026\t18/05/2026\t18/05/2026\thttps://example",
]
SMR = [
    "60000001\tCT-1\tRenouvellement\t20120101\tModéré\tancien",
    "60000001\tCT-2\tRenouvellement\t20240301\tImportant\tnouveau",
]
ASMR = [
    "60000001\tCT-1\tInscription (CT)\t20120101\tIV\tmineure dans la prise en charge",
    "60000001\tCT-2\tRenouvellement\t20240301\tV\tpas d'amélioration",
]
TABLES = {"CIS_bdpm": CIS, "CIS_COMPO_bdpm": COMPO, "CIS_CIP_bdpm": CIP, "CIS_GENER_bdpm": GENER, "CIS_MITM": MITM,
          "CIS_CPD_bdpm": CPD, "CIS_CIP_Dispo_Spec": DISPO, "CIS_HAS_SMR_bdpm": SMR,
          "CIS_HAS_ASMR_bdpm": ASMR}  # fmt: skip


def encoded(stem: str, rows: list[str]) -> bytes:
    """CIS_CIP is UTF-8 with line feeds; the others are cp1252, with carriage returns, and a line feed at the end."""
    if stem == "CIS_CIP_bdpm":
        return "\n".join(rows).encode() + b"\n"
    return "\r\n".join(rows).replace("Œ", "\x8c").encode("latin-1").replace(b"\xc2\x8c", b"\x8c") + b"\n"


def files() -> dict[str, bytes]:
    return {stem: encoded(stem, rows) for stem, rows in TABLES.items()}


@pytest.fixture
def bdpm(tmp_path: Path) -> Path:
    """A folder as the publisher gives it."""
    folder = tmp_path / "bdpm"
    folder.mkdir()
    for stem, content in files().items():
        (folder / f"{stem}.txt").write_bytes(content)
    return folder


@pytest.fixture
def small(bdpm: Path) -> Reference:
    return building.build(archives.read_files(bdpm), name="BDPM", edition="2026-05-26")
