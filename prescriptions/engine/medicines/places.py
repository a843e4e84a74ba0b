"""Codes of names that are used in several places of the body: an econazole cream has another than the ovule."""

from __future__ import annotations

from collections.abc import Iterable

SKIN = ["crème", "pommade", "gel", "lotion", "émulsion", "mousse", "shampooing", "vernis"]
PLACES = {
    **dict.fromkeys(SKIN, "skin"), "cutanée": "skin", "collyre": "eye", "ophtalmique": "eye", "auriculaire": "ear",
    "solution auriculaire": "ear", "nasale": "nose", "suspension nasale": "nose", "solution nasale": "nose",
    "ovule": "vagina", "vaginale": "vagina", "inhalée": "lungs", "bouffée": "lungs", "inhalation": "lungs",
    "nébulisation": "lungs", "comprimé": "mouth", "gélule": "mouth", "sachet": "mouth",
}  # fmt: skip
"""Form, route or unit of a dose -> where the medicine acts."""

FAMILIES = (
    {"mouth": "M01AB05", "skin": "M02AA15", "eye": "S01BC03"},  # diclofenac
    {"mouth": "M01AE03", "skin": "M02AA10"},  # ketoprofen
    {"mouth": "M01AE01", "skin": "M02AA13"},  # ibuprofen
    {"mouth": "M01AB01", "eye": "S01BC01"},  # indometacin
    {"mouth": "J05AB01", "skin": "D06BB03", "eye": "S01AD03"},  # aciclovir
    {"mouth": "J01XC01", "skin": "D06AX01", "eye": "S01AA13"},  # fusidic acid
    {"mouth": "J01XD01", "skin": "D06BX01", "vagina": "G01AF01"},  # metronidazole
    {"skin": "D01AC03", "vagina": "G01AF05"},  # econazole
    {"mouth": "J02AB02", "skin": "D01AC08"},  # ketoconazole
    {"mouth": "D01BA02", "skin": "D01AE15"},  # terbinafine
    {"mouth": "J01FA01", "skin": "D10AF02"},  # erythromycin
    {"mouth": "J01FF01", "skin": "D10AF01"},  # clindamycin
    {"mouth": "H02AB09", "skin": "D07AA02"},  # hydrocortisone
    {"mouth": "H02AB01", "skin": "D07AC01"},  # betamethasone
    {"mouth": "H02AB02", "eye": "S01BA01"},  # dexamethasone
    {"mouth": "J01MA02", "eye": "S01AE03", "ear": "S02AA15"},  # ciprofloxacin
    {"mouth": "J01MA01", "eye": "S01AE01", "ear": "S02AA16"},  # ofloxacin
    {"mouth": "J01FA10", "eye": "S01AA26"},  # azithromycin
    {"mouth": "C07AA06", "eye": "S01ED01"},  # timolol
    {"lungs": "R03BA05", "nose": "R01AD08"},  # fluticasone
    {"lungs": "R03BA02", "nose": "R01AD05", "mouth": "A07EA06"},  # budesonide
    {"lungs": "R03BA01", "nose": "R01AD01"},  # beclometasone
    {"skin": "D07AC13", "nose": "R01AD09"},  # mometasone
)
"""The codes of one substance by place, of the WHO's ATC/DDD index."""
FAMILY_OF = {code: family for family in FAMILIES for code in family.values()}


def code_for(code: str, told: Iterable[str | None]) -> str:
    """The code of the same substance at the place that form, routes or units tell; the code itself where none does."""
    family = FAMILY_OF.get(code, {})
    places = (PLACES.get(one) for one in told if one)
    return next((family[place] for place in places if place in family), code)
