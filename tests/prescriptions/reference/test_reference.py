"""An edition: products, names, codes and their sources; its file; the search; the starter formulary."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescriptions import engine
from prescriptions.engine.reference import archives, atc, building, codes, open_medic, storing
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.official import Box, Unreadable
from prescriptions.engine.reference.product import Product
from prescriptions.engine.reference.starting import parsed, starter, table
from prescriptions.engine.reference.substances import inn

TRIAL = Path(os.environ.get("SUITE_TRIAL_DATA", Path(__file__).resolve().parents[4] / "shared" / "data")) / "bdpm"


def one(reference: Reference, cis: str) -> Product:
    found = reference.product(cis)
    assert found is not None
    return found


def test_products(small: Reference) -> None:
    """Form and routes in our words with the EDQM's codes, boxes with their prices, shortages, conditions, opinions."""
    product = one(small, "60000001")
    assert (product.brand, product.form, product.form_code, product.routes) == (
        "fictivol",
        "comprimé",
        "10219000",
        ("orale",),
    )
    assert [box.price for box in product.presentations] == [1.16, 1234.56]
    assert [box.units for box in product.presentations] == [16, 90]
    assert (product.benefit, product.improvement) == ("Important (2024)", "V (2024)")
    assert one(small, "60000006").shortage == "Rupture de stock (14/04/2026)"
    assert one(small, "60000002").shortage == ""
    assert one(small, "60000012").conditions == ("liste I", "prescription hospitalière")
    assert one(small, "60000012").routes == ("intraveineuse", "sous-cutanée")
    assert not one(small, "60000010").marketed
    assert small.product("60000004") is None
    assert one(small, "3400900000035").brand == "sirofic"


def test_strengths_of_salts(small: Reference) -> None:
    """The therapeutic fraction wins over its salt, unless the name says the salt's amount."""
    [metafic] = one(small, "60000005").substances
    assert (metafic.name, metafic.strength.value if metafic.strength else 0) == ("METAFICINE", 1000)
    first, second = one(small, "60000008").substances
    assert (first.name, second.name) == ("AMOFICILLINE ANHYDRE", "ACIDE CLAVUFICANIQUE")
    assert first.strength is not None
    assert (first.strength.value, first.strength.unit) == (1, "g")


def test_codes_and_their_sources(small: Reference) -> None:
    """Official, from the generic group, from the same substances and route; never across routes."""
    found = {product.cis: (product.atc, product.atc_source) for product in small.products}
    assert found["60000002"] == ("C09AA05", atc.OFFICIAL)
    assert found["60000003"] == ("C09AA05", atc.GENERIC)
    assert found["60000007"] == ("H03AA01", atc.SAME)
    assert found["60000010"] == ("N02BE99", atc.SAME)
    assert found["60000009"] == ("", "")


def test_last_resorts() -> None:
    """Our own names give a code of the right kind only; a third party's table is a suggestion, and says so."""
    gel = atc.Known("1", routes=("cutanée",), names=("diclofenac",))
    tablet = atc.Known("2", routes=("orale",), names=("diclofenac",))
    found = atc.derive([gel, tablet], {"diclofenac": "M01AB05"}, {"1": "M02AA15", "2": "X"})
    assert found == {"1": ("M02AA15", atc.SUGGESTED), "2": ("M01AB05", atc.OWN)}


@pytest.mark.parametrize(
    ("published", "name"),
    [("CHLORHYDRATE DE VÉRAPAMIL", "verapamil"), ("DILTIAZEM (CHLORHYDRATE DE)", "diltiazem"),
     ("SODIUM (PICOSULFATE DE)", "picosulfate de sodium"), ("CHLORURE DE SODIUM", "chlorure de sodium"),
     ("LÉVOTHYROXINE SODIQUE ANHYDRE", "levothyroxine"), ("PAROXÉTINE BASE", "paroxetine"),
     ("ACIDE ACÉTYLSALICYLIQUE", "acide acetylsalicylique"), ("CLAVULANIQUE (ACIDE)", "acide clavulanique"),
     ("APIS POUR PRÉPARATIONS HOMÉOPATHIQUES", "")],
)  # fmt: skip
def test_international_names(published: str, name: str) -> None:
    """The name that is prescribed, without its salt or its water."""
    assert inn(published) == name


@pytest.mark.parametrize(
    ("published", "word", "code"),
    [("comprimé pelliculé sécable", "comprimé", "10221000"), ("gélule gastro-résistant(e)", "gélule gastro-résistante",
      "10212000"), ("comprimé pelliculé sécable à libération prolongée", "comprimé à libération prolongée", "10226000"),
     ("poudre et  solvant pour solution injectable", "poudre pour solution injectable", "11207000"),
     ("comprimé et solution(s) et granules et poudre et pommade", None, ""), ("", None, "")],
)  # fmt: skip
def test_forms(published: str, word: str | None, code: str) -> None:
    """Published forms in our words, with the standard term's code."""
    assert codes.form_of(published) == (word, code)


def test_names_are_read(small: Reference) -> None:
    """Brand, substance, substances with any sign between them, and the first word of a brand with its device."""
    for written, name in (
        ("fictivol 500 mg 1 cp", "FICTIVOL"), ("éterol 500 mg : 1 cp", "ETEROL"),
        ("thyroficine 75 µg 1 cp", "THYROFICINE"),
        ("amoficilline + acide clavuficanique 1 g : 1 sachet", "AMOFICILLINE/ACIDE CLAVUFICANIQUE"),
        ("amoficilline acide clavuficanique 1 g : 1 sachet", "AMOFICILLINE/ACIDE CLAVUFICANIQUE"),
        ("acide clavuficanique/amoficilline : 1 sachet", "ACIDE CLAVUFICANIQUE/AMOFICILLINE"),
        ("oestrofic 200/6 µg : 2 bouffées", "OESTROFIC"), ("DOLIPRANE 1 g 1 cp", "DOLIPRANE"),
    ):  # fmt: skip
        assert engine.read_line(written, small.lexicon).medication.name == name
    assert {product.cis for product in small.products_of("Étérol")} == {"60000001", "60000009", "60000010"}
    assert small.products_of("doliprane") == ()


def test_search(small: Reference) -> None:
    """Beginnings of words, substances, codes and strengths; what is misspelt too; sold ones first."""

    def found(words: str) -> list[str]:
        return [product.cis for product in small.search(words)]

    assert found("ficti")[:2] == ["60000009", "60000001"] or found("ficti")[:2] == ["60000001", "60000009"]
    assert found("ficti")[-1] == "60000010"
    assert found("fictivol 500 mg") == found("fictivol 0,5 g") == ["60000001"]
    assert found("amof clavu") == ["60000008"]
    assert found("60000012") == found("3400900000042") == ["60000012"]
    assert set(found("thyrofci")) == {"60000006", "60000007"}
    assert found("") == found("a") == found("xqzw") == []
    assert len(small.search("fictivol", limit=1)) == 1


def test_the_file(small: Reference, tmp_path: Path) -> None:
    """What is written is read back equal, is the same each time, and anything else is refused in words."""
    data = storing.dump(small)
    assert data == storing.dump(small)
    again = storing.load(data)
    assert list(again.products) == list(small.products)
    assert again.products[1:3] == list(small.products[1:3])
    assert str(again) == "BDPM 2026-05-26"
    assert again.about == small.about
    assert again.search("ficti") == small.search("ficti")
    assert again.lexicon.longest(["fictivol"]) is not None
    for damaged in (b"", b"no file", data[:-20], data[: len(data) // 2], storing.zstandard.compress(b"{}\n[]")):
        with pytest.raises(Unreadable):
            storing.load(damaged)
    with pytest.raises(Unreadable, match="No such file"):
        storing.read(tmp_path / "nowhere")


@given(st.binary(max_size=300))
def test_any_file_is_opened_or_refused(data: bytes) -> None:
    """Garbage in place of a reference file is Unreadable, packed or not."""
    for content in (data, storing.zstandard.compress(data)):
        with pytest.raises(Unreadable):
            storing.load(content)


def test_use_of_products() -> None:
    """Boxes a year: as they are given, or from euros, price and rate; a table without the columns is refused."""
    rows = [Box("60000001", "1", "", "", "", "", "3400900000011", "oui", "65 %", "2,00")]
    assert open_medic.boxes_by_cis(b"CIP13;L;BOITES\n3400900000011;X;400\n9;Y;5\n", rows, 2) == {"60000001": 200}
    assert open_medic.boxes_by_cis(b"cip13,rem\n3400900000011,130\n", rows, 1) == {"60000001": 100}
    with pytest.raises(Unreadable, match="line 1"):
        open_medic.boxes_by_cis(b"a,b\n", rows, 1)
    with pytest.raises(Unreadable, match="line 2"):
        open_medic.boxes_by_cis(b"cip13,rem\n1,x\n", rows, 1)


def test_starter() -> None:
    """It comes with its date, source and licence; its table is read back as it was written; names need no product."""
    reference = starter()
    assert len(reference) >= 1000
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", reference.about.edition)
    assert "ANSM" in reference.about.source
    assert "Licence Ouverte" in reference.about.licence
    products = list(reference.products[:50])
    edition, again = parsed(table(products, {product.cis: "comprimé" for product in products}, "2026-05-26"))
    assert edition == "2026-05-26"
    assert {product.cis: product.strengths for product in again} == {one.cis: one.strengths for one in products}
    assert all(product.form is None or product.form_code is not None for product in reference.products)
    assert {code for product in reference.products if (code := product.atc_source)} <= set(atc.SOURCES)
    assert reference.lexicon.longest(["dexeryl"]) is not None


def test_whole_official_list() -> None:
    """The real files, where they are at hand: coverage of codes, forms and strengths; the small ones hold the rules."""
    if not TRIAL.is_dir():
        pytest.skip("the official files aren't at hand")
    made = building.build(archives.read_files(TRIAL), name="BDPM", edition="2026-05-26")
    sold = [product for product in made.products if product.marketed]
    sure = [product for product in sold if product.atc_source in atc.SOURCES[:3]]
    assert len(made) > 14_000
    assert len(sure) / len(sold) > 0.75
    assert sum(bool(product.form) for product in sold) / len(sold) > 0.95
    for name, code in (
        ("KARDEGIC", "B01AC06"),
        ("PREVISCAN", "B01AA12"),
        ("AUGMENTIN", "J01CR02"),
        ("ELIQUIS", "B01AF02"),
    ):
        assert engine.read_line(f"{name} : 1 cp le matin", made.lexicon).medication.atc == code
