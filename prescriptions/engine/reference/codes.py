"""Pharmaceutical forms and routes of the public list: our words for them, and the EDQM's Standard Terms."""

from __future__ import annotations

import re
from functools import lru_cache

from prescriptions.engine.text import plain

FORMS: tuple[tuple[str, str, str], ...] = (
    ("comprime", "comprimé", "10219000"),
    ("comprime pellicule", "comprimé", "10221000"),
    ("comprime enrobe", "comprimé", "10220000"),
    ("comprime gastro-resistant", "comprimé gastro-résistant", "10225000"),
    ("comprime orodispersible", "comprimé orodispersible", "10223000"),
    ("comprime dispersible", "comprimé dispersible", "10121000"),
    ("comprime effervescent", "comprimé effervescent", "10222000"),
    ("comprime a liberation prolongee", "comprimé à libération prolongée", "10226000"),
    ("comprime a liberation modifiee", "comprimé à libération prolongée", "10227000"),
    ("comprime a croquer", "comprimé à croquer", "10228000"),
    ("comprime a sucer", "comprimé à sucer", "10322000"),
    ("comprime sublingual", "comprimé sublingual", "10318000"),
    ("comprime vaginal", "comprimé", "10912000"),
    ("lyophilisat oral", "lyophilisat", "10224000"),
    ("film orodispersible", "film orodispersible", "10236100"),
    ("gelule", "gélule", "10210000"),
    ("gelule gastro-resistant", "gélule gastro-résistante", "10212000"),
    ("gelule a liberation prolongee", "gélule à libération prolongée", "10215000"),
    ("gelule a liberation modifiee", "gélule à libération prolongée", "10217000"),
    ("capsule molle", "capsule", "10211000"),
    ("poudre pour suspension buvable", "poudre pour suspension buvable", "10111000"),
    ("poudre pour solution buvable", "poudre pour solution buvable", "10110000"),
    ("granules pour solution buvable", "poudre pour solution buvable", "10112000"),
    ("granules pour suspension buvable", "poudre pour suspension buvable", "10113000"),
    ("granules", "granulés", "10204000"),
    ("granules enrobe", "granulés", "13046000"),
    ("granules a liberation prolongee", "granulés", "10207000"),
    ("granules effervescent", "granulés", "10205000"),
    ("sirop", "sirop", "10117000"),
    ("solution buvable", "solution buvable", "10105000"),
    ("solution buvable en gouttes", "solution buvable en gouttes", "10101000"),
    ("solution buvable gouttes", "solution buvable en gouttes", "10101000"),
    ("suspension buvable", "suspension buvable", "10106000"),
    ("suspension buvable en gouttes", "suspension buvable", "10102000"),
    ("emulsion buvable", "émulsion", "10107000"),
    ("suppositoire", "suppositoire", "11013000"),
    ("ovule", "ovule", "10909000"),
    ("ovule a liberation prolongee", "ovule", "13148000"),
    ("capsule vaginale", "ovule", ""),
    ("creme", "crème", "10502000"),
    ("pommade", "pommade", "10504000"),
    ("pommade ophtalmique", "pommade", "10603000"),
    ("gel", "gel", "10503000"),
    ("gel ophtalmique", "gel", "10602000"),
    ("emulsion pour application cutanee", "émulsion", "10516000"),
    ("mousse pour application cutanee", "mousse", "10507000"),
    ("shampooing", "shampooing", "10508000"),
    ("vernis a ongles medicamenteux", "solution", "10521000"),
    ("dispositif transdermique", "dispositif transdermique", "10519000"),
    ("emplatre medicamenteux", "emplâtre", "10506000"),
    ("collyre en solution", "collyre", "10604000"),
    ("collyre en suspension", "collyre", "10605000"),
    ("collyre a liberation prolongee", "collyre", "10609000"),
    ("collyre", "collyre", ""),
    ("solution pour pulverisation nasale", "solution nasale", "10808000"),
    ("suspension pour pulverisation nasale", "suspension nasale", "10809000"),
    ("solution pour instillation auriculaire", "solution auriculaire", "10704000"),
    ("solution pour bain de bouche", "solution", "10310000"),
    ("collutoire", "collutoire", ""),
    ("pastille", "pastille", "10321000"),
    ("gomme a macher medicamenteux", "gomme", "10229000"),
    ("poudre pour inhalation", "poudre pour inhalation", "11109000"),
    ("poudre pour inhalation en gelule", "poudre pour inhalation", "11110000"),
    ("poudre pour inhalation en recipient unidose", "poudre pour inhalation", "11111000"),
    ("suspension pour inhalation en flacon pressurise", "suspension pour inhalation", "11107000"),
    ("solution pour inhalation en flacon pressurise", "suspension pour inhalation", "11106000"),
    ("solution pour inhalation par nebuliseur", "solution pour inhalation par nébuliseur", "11101000"),
    ("suspension pour inhalation par nebuliseur", "solution pour inhalation par nébuliseur", "11102000"),
    ("solution injectable", "solution injectable", "11201000"),
    ("suspension injectable", "suspension injectable", "11202000"),
    ("emulsion injectable", "solution injectable", "11203000"),
    ("dispersion injectable", "suspension injectable", "50077000"),
    ("solution injectable a liberation prolongee", "solution injectable", "13076000"),
    ("suspension injectable a liberation prolongee", "suspension injectable", "11208500"),
    ("poudre pour solution injectable", "poudre pour solution injectable", "11205000"),
    ("poudre pour suspension injectable", "poudre pour solution injectable", "11206000"),
    ("poudre et solvant pour solution injectable", "poudre pour solution injectable", "11207000"),
    ("poudre et solvant pour suspension injectable", "poudre pour solution injectable", "11208000"),
    ("poudre et solvant pour suspension injectable a liberation prolongee", "suspension injectable", "50048000"),
    ("solution pour perfusion", "solution pour perfusion", "11210000"),
    ("emulsion pour perfusion", "solution pour perfusion", "11211000"),
    ("poudre pour solution pour perfusion", "solution pour perfusion", "11212000"),
    ("solution a diluer pour perfusion", "solution pour perfusion", "11213000"),
    ("poudre et solvant pour solution pour perfusion", "solution pour perfusion", "11214000"),
    ("poudre pour solution a diluer pour perfusion", "solution pour perfusion", "50043000"),
    ("poudre et solvant pour solution a diluer pour perfusion", "solution pour perfusion", "50042000"),
    ("solution injectable ou pour perfusion", "solution injectable", "50060000"),
    ("solution injectable pour perfusion", "solution injectable", "50060000"),
    ("implant", "implant", "11301000"),
    ("solution rectale", "lavement", ""),
    ("mousse rectale", "mousse", "11004000"),
    ("solution pour application", "solution", ""),
    ("solution pour application cutanee", "solution", ""),
    ("poudre pour application cutanee", "poudre", "10517000"),
    ("solution", "solution", ""),
    ("suspension", "suspension", ""),
    ("poudre", "poudre", ""),
    ("emulsion", "émulsion", ""),
    ("lotion", "lotion", ""),
    ("solution pour pulverisation", "solution", ""),
    ("suspension pour pulverisation", "suspension", ""),
    ("suspension pour inhalation", "suspension pour inhalation", ""),
    ("solution pour inhalation", "suspension pour inhalation", ""),
    ("lyophilisat", "lyophilisat", ""),
    ("mousse", "mousse", ""),
    ("gaz pour inhalation", "gaz", ""),
)
"""Form as published (plain), our word for it, and its EDQM code where the standard has one."""

ROUTES = {
    "orale": ("orale", "20053000"), "sous-cutanée": ("sous-cutanée", "20066000"),
    "intramusculaire": ("intramusculaire", "20035000"), "intraveineuse": ("intraveineuse", "20045000"),
    "sublinguale": ("sublinguale", "20067000"), "rectale": ("rectale", "20061000"),
    "vaginale": ("vaginale", "20072000"), "cutanée": ("cutanée", "20003000"),
    "transdermique": ("transdermique", "20070000"), "ophtalmique": ("ophtalmique", "20051000"),
    "auriculaire": ("auriculaire", "20001000"), "nasale": ("nasale", "20049000"), "inhalée": ("inhalée", "20020000"),
    "voie buccale autre": ("buccale", "20054000"), "buccale": ("buccale", "20054000"),
    "intradermique": ("intradermique", "20030000"), "intraarticulaire": ("intra-articulaire", "20024000"),
    "intra-articulaire": ("intra-articulaire", "20024000"), "dentaire": ("dentaire", "20004000"),
    "gingivale": ("gingivale", "20014000"), "buccogingivale": ("buccogingivale", "20002500"),
    "péridurale": ("péridurale", "20009000"), "périneurale": ("périneurale", "20058000"),
    "intrathécale": ("intrathécale", "20042000"), "intrapéritonéale": ("intrapéritonéale", "20038000"),
    "intraartérielle": ("intra-artérielle", "20023000"), "intravésicale": ("intravésicale", "20046000"),
    "intravitréenne": ("intravitréenne", "20047000"), "hémodialyse": ("hémodialyse", "20015000"),
    "intracaverneuse": ("intracaverneuse", "20027000"), "intra-utérine": ("intra-utérine", "20044000"),
    "gastro-entérale": ("gastro-entérale", "20013000"), "urétrale": ("urétrale", "20071000"),
    "endotrachéobronchique": ("endotrachéobronchique", "20008000"), "épilésionnelle": ("épilésionnelle", "20010000"),
    "intracamérulaire": ("intracamérulaire", "20025500"), "intralésionnelle": ("intralésionnelle", "20032000"),
    "voie extracorporelle autre": ("extracorporelle", "20011500"),
    "périarticulaire": ("périarticulaire", "20057000"), "sous-conjonctivale": ("sous-conjonctivale", "20065000"),
    "intracoronaire": ("intracoronaire", "20029000"), "intraosseuse": ("intraosseuse", "20036500"),
}  # fmt: skip
"""Route as published -> (our word, EDQM code)."""

OF_ROUTE = {word: code for word, code in ROUTES.values()}
BY_PLAIN = {key: (word, code) for key, word, code in FORMS}
BY_LENGTH = sorted(BY_PLAIN, key=len, reverse=True)
SCORED = re.compile(r"\((?:e|s|x|se)\)| (?:quadri)?secables?\b|^ ")
COATED = re.compile(r" (?:pellicule|enrobe|film)s?\b")


@lru_cache(maxsize=4096)
def form_of(published: str) -> tuple[str | None, str]:
    """(our word, EDQM code) of a published form; the word alone where the standard has no term for it."""
    text = " ".join(SCORED.sub("", plain(published)).split())
    for candidate in (text, COATED.sub("", text)):
        if candidate in BY_PLAIN:
            return BY_PLAIN[candidate]
    if " et " in text and not text.startswith("poudre et"):
        return None, ""  # kits and homeopathic ranges
    bare = COATED.sub("", text)
    for key in BY_LENGTH:
        if bare.startswith(key + " ") or bare.endswith(" " + key):
            return BY_PLAIN[key][0], ""
    return None, ""


@lru_cache(maxsize=1024)
def routes_of(published: str) -> tuple[str, ...]:
    """Our words for `intramusculaire;intraveineuse`; a route we have no word for stays as it is published."""
    return tuple(ROUTES.get(part, (part, ""))[0] for one in published.split(";") if (part := one.strip()))


def route_code(word: str) -> str:
    """EDQM code of a route in our words; empty where the standard has none."""
    return OF_ROUTE.get(word, "")
