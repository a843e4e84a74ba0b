"""Links: the right product first, each strength checked across units, powers of ten told as such."""

from __future__ import annotations

import pytest

from prescriptions import engine
from prescriptions.engine import linking
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.starting import starter


def links(written: str, reference: Reference) -> tuple[linking.Link, ...]:
    return linking.link_line(engine.read_line(written, reference.lexicon), reference)


@pytest.mark.parametrize(
    ("written", "cis"),
    [("FICTIVOL 500 mg : 1 cp", "60000001"), ("fictivol 0,5 g 1 cp", "60000001"), ("eterol 500 mg 1 cp", "60000001"),
     ("FICTIVOL 500 : 1 cp le soir", "60000001"), ("FICTIVOL gel 2,5 % : 1 application", "60000009"),
     ("FICTIVOL LP 100 mg 1 cp", "60000010"), ("RAMIPRIL 5 mg, 1 gélule le matin", "60000003"),
     ("RAMIPRIL 5 mg, 1 cp le matin", "60000002"), ("THYROFIC 75 µg 1 cp", "60000006"),
     ("THYROFIC 0,025 mg 1 cp", "60000007"), ("METAFIC 1 g : 1 cp", "60000005"),
     ("METAFICINE 1000 mg 1 cp", "60000005"),
     ("amoficilline/acide clavuficanique 1 g/125 mg : 1 sachet x 2/j", "60000008"),
     ("SIROFIC 100 mg/5 mL : 5 mL le soir", "60000011"), ("SIROFIC 2 % : 5 mL le soir", "60000011"),
     ("HEPAFIC 4000 UI/0,4 mL : 1 seringue/j SC", "60000012"), ("OESTROFIC 200/6 µg : 2 bouffées", "60000013")],
)  # fmt: skip
def test_the_right_product_is_first(small: Reference, written: str, cis: str) -> None:
    """By brand or substance, strength in any unit, form and route; its strength is the product's."""
    best = links(written, small)[0]
    assert best.product.cis == cis
    assert best.strength_ok is True
    assert 0.5 < best.score <= 1


@pytest.mark.parametrize(
    ("written", "cis", "factor"),
    [("THYROFIC 75 mg 1 cp", "60000006", 1000.0), ("THYROFIC 25 mg 1 cp", "60000007", 1000.0),
     ("RAMIPRIL 50 mg 1 cp", "60000002", 10.0), ("FICTIVOL 50 mg, 1 cp", "60000001", 0.1),
     ("SIROFIC 200 mg/mL : 5 mL", "60000011", 10.0)],
)  # fmt: skip
def test_powers_of_ten_are_told(small: Reference, written: str, cis: str, factor: float) -> None:
    """A lost comma or a misread unit: the right product, and by how much the strength is off."""
    best = links(written, small)[0]
    assert (best.product.cis, best.strength_ok, best.factor) == (cis, False, factor)
    assert f"strength times {factor:g}" in best.reasons
    assert best.score < 0.8


def test_other_strengths(small: Reference) -> None:
    """One that no product has is told; none said, or a unit that can't be compared, is neither right nor wrong."""
    assert links("THYROFIC 60 µg 1 cp", small)[0].strength_ok is False
    assert links("THYROFIC 60 µg 1 cp", small)[0].factor is None
    assert links("THYROFIC : 1 cp le matin", small)[0].strength_ok is None
    assert links("FICTIVOL 3 CH : 1 cp", small)[0].strength_ok is None
    assert links("INCONNOL 10 mg : 1 cp", small) == ()


def test_each_strength_is_its_own(small: Reference) -> None:
    """Two equal strengths are not satisfied by one of them."""
    best = links("amoficilline/acide clavuficanique 125 mg/125 mg : 1 sachet", small)[0]
    assert best.strength_ok is False
    assert links("amoficilline/acide clavuficanique 1 g : 1 sachet", small)[0].reasons[1] == "part of the strengths"


def test_five_at_most_and_the_same_again() -> None:
    """The likeliest five, in order; asked again, the very same."""
    reference = starter()
    found = links("PARACETAMOL : 1 cp si douleur", reference)
    assert len(found) == linking.MOST
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert links("PARACETAMOL : 1 cp si douleur", reference) is found


def test_codes_of_lines(small: Reference) -> None:
    """A line takes the code of its product where its name has none, or has several and the form says which."""
    line = engine.read_line("FICTIVOL 500 mg : 1 cp", small.lexicon)
    assert linking.coded(line, small).medication.atc == "N02BE99"
    assert linking.coded(line, small).medication.name == "FICTIVOL"
    unknown = engine.read_line("INCONNOL 10 mg : 1 cp", small.lexicon)
    assert linking.coded(unknown, small) == unknown


@pytest.mark.parametrize(
    ("written", "product"),
    [("LEVOTHYROX 75 µg 1 cp", "LEVOTHYROX 75"), ("DOLIPRANE 1 g 1 cp x3/j", "DOLIPRANE 1000 mg, comprimé"),
     ("KARDEGIC 75 mg 1 sachet", "KARDEGIC 75"), ("HCTZ 25 mg 1 cp", "HYDROCHLOROTHIAZIDE"),
     ("SERESTA 50 : 1/2 cp", "SERESTA 50"), ("AUGMENTIN 1 g/125 mg 1 sachet", "AUGMENTIN 1 g/125 mg"),
     ("amoxicilline + acide clavulanique 1 g/125 mg 1 sachet", "AMOXICILLINE/ACIDE CLAVULANIQUE")],
)  # fmt: skip
def test_the_starter_links(written: str, product: str) -> None:
    """What comes with the project knows the products that are used most."""
    best = links(written, starter())[0]
    assert best.product.name.startswith(product)
    assert best.strength_ok is True


def test_products_as_json(small: Reference) -> None:
    """What is told of a product: its codes where the edition has them, how well it fits, and why."""
    line = engine.read_line("FICTIVOL 500 mg : 1 cp", small.lexicon)
    first, *_others = linking.told(linking.link_line(line, small))
    assert (first["cis"], first["atc"], first["why"]) == ("60000001", "N02BE99", ["name", "strength", "form"])
    assert first["cip"] == ["3400900000011", "3400900000028"]
    assert "ucd" not in first
    slipped = linking.told(linking.link_line(engine.read_line("THYROFIC 75 mg 1 cp", small.lexicon), small))[0]
    assert (slipped["factor"], slipped["why"][1]) == (1000.0, "strength times 1000")
    assert linking.told(linking.link_line(engine.read_line("INCONNOL 10 mg : 1 cp", small.lexicon), small)) == []
