"""International names of substances out of the published ones, which name salts, hydrates and bases."""

from __future__ import annotations

import re
from functools import lru_cache

from prescriptions.engine.text import plain

SALT = (
    r"(?:(?:mono|di|tri|hemi|sesqui|bi|per)?(?:chlorhydrate|chlorydrate|bromhydrate|iodhydrate|sulfate|phosphate|nitrate"
    r"|acetate|maleate|fumarate|succinate|tartrate|citrate|mesilate|mesylate|besilate|besylate|tosilate|tosylate"
    r"|camsilate|edisilate|esilate|isetionate|napsilate|pamoate|embonate|benzoate|propionate|valerate|furoate|palmitate"
    r"|stearate|decanoate|enantate|undecanoate|caproate|bromure|chlorure|iodure|oxalate|lactate|gluconate|malate"
    r"|adipate|xinafoate|hydrogenotartrate|hydrogenosulfate|methylsulfate|trometamol|sodique|dipropionate"
    r"|hyclate|glycyrrhizate|hydrochlorure|butylbromure|orotate|pidolate|tannate|tartrate acide))"
)
BEFORE = re.compile(rf"^{SALT}(?: {SALT})? (?:de |d')")
INSIDE = re.compile(r"^([^()]+?) \(([^()]+?) (?:de|d')\)")
WATER = re.compile(
    r" (?:anhydre|base|\w*hydratee?|micronisee?|sodique|disodique|potassique|dipotassique|calcique|magnesique"
    r"|magnesien(?:ne)?|zincique|arginine|erbumine|tert-butylamine|trometamol|monosodique|dihydratee?|hyclate|lysine"
    r"|argininique|meglumine|humaine? recombinante?|solide|amorphe|\(forme \w+\))$"
)
METALS = frozenset(
    "sodium potassium calcium magnesium fer zinc lithium aluminium ammonium cuivre manganese selenium".split()
)


@lru_cache(maxsize=8192)
def inn(label: str) -> str:
    """`CHLORHYDRATE DE VÉRAPAMIL` and `DILTIAZEM (CHLORHYDRATE DE)` without their salt; empty for what names no INN.

    Salts of metals are what the name says: `SODIUM (VALPROATE DE)` is `valproate de sodium`.
    """
    name = plain(label).rstrip("* ")
    if "homeopathique" in name or len(name) > 60:
        return ""
    if match := INSIDE.match(name):
        within = match[2]
        name = f"{within} de {match[1]}" if match[1] in METALS else match[1]
    elif (match := BEFORE.match(name)) and name[match.end() :].split()[0] not in METALS:
        name = name[match.end() :]
    while shorter := WATER.search(name):
        name = name[: shorter.start()]
    name = name.split("(")[0].strip(" ,;")
    return name if 3 < len(name) <= 40 else ""
