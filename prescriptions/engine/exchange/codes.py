"""The code systems of the French ePrescription guide, and what our words are called in them."""

from __future__ import annotations

from functools import lru_cache

UCUM = "http://unitsofmeasure.org"
EDQM = "http://standardterms.edqm.eu"
SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
ANSM = "http://data.esante.gouv.fr/ansm/medicament"
SPECIALITE = f"{ANSM}/SpecialitePharmaceutique"
UCD = f"{ANSM}/UCD"
PRESENTATION = f"{ANSM}/Presentation"
MEDICINES = frozenset({SPECIALITE, UCD, PRESENTATION, f"{ANSM}/codeSMS", f"{ANSM}/substance"})
"""What the guide takes for the code of a medicine (value set fr-medication-code)."""

GUIDE = "https://interop.esante.gouv.fr/ig/fhir/eprescription/StructureDefinition"
REQUEST = f"{GUIDE}/fr-medicationrequest"
PATIENT = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient"
PRACTITIONER = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-practitioner"
RENDERED = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationRequest.renderedDosageInstruction"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

MEASURES = {"mg": "mg", "g": "g", "µg": "ug", "ng": "ng", "mL": "mL", "L": "L", "mmol": "mmol", "mEq": "meq",
            "kg": "kg", "%": "%", "h": "h", "min": "min", "j": "d"}  # fmt: skip
"""Our unit of measure -> UCUM. International units have none without brackets: they are said in words only."""
TIMES = {"s": "seconde", "min": "minute", "h": "heure", "d": "jour", "wk": "semaine", "mo": "mois", "a": "an"}
"""UCUM codes of time, which are ours too, and their French words."""
PRESENTATIONS = {
    "comprimé": "15054000", "gélule": "15012000", "capsule": "15012000", "sachet": "15045000", "ampoule": "15002000",
    "goutte": "15022000", "bouffée": "15001000", "patch": "15036000", "seringue": "15052000",
    "suppositoire": "15051000", "ovule": "15039000", "cuillère-mesure": "15047000", "emplâtre": "15042000",
    "stylo": "15037000", "pastille": "15029000", "granule": "15040000", "lyophilisat": "15030000", "poche": "15005000",
    "film": "15023000", "compresse": "15021000", "flacon": "15060000", "tube": "15058000", "cartouche": "15013000",
    "pot": "15028000",
}  # fmt: skip
"""Our unit of administration or packing -> EDQM. Whatever is in neither table is said in words only."""

ROUTES = {
    "orale": ("20053000", "26643006"), "sous-cutanée": ("20066000", "34206005"),
    "intramusculaire": ("20035000", "78421000"), "intraveineuse": ("20045000", "47625008"),
    "sublinguale": ("20067000", "37839007"), "rectale": ("20061000", "37161004"),
    "vaginale": ("20072000", "16857009"), "cutanée": ("20003000", "448598008"),
    "transdermique": ("20070000", "45890007"), "ophtalmique": ("20051000", "54485002"),
    "auriculaire": ("20001000", "10547007"), "nasale": ("20049000", "46713006"),
    "inhalée": ("20020000", "447694001"), "buccale": ("20054000", "54471007"), "intradermique": ("20030000", ""),
    "intra-articulaire": ("20024000", "12130007"),
}  # fmt: skip
"""Our route -> (EDQM, SNOMED CT)."""
NEEDS = {"douleur": "22253000", "douleurs": "22253000", "agitation": "24199005"}
"""What a medicine is needed for -> SNOMED CT, where the guide's examples code it."""

WHEN = frozenset(
    {"MORN", "MORN.early", "MORN.late", "NOON", "AFT", "AFT.early", "AFT.late", "EVE", "EVE.early", "EVE.late",
     "NIGHT", "PHS", "HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV"}
)  # fmt: skip
AT_MEALS = frozenset({"C", "CM", "CD", "CV"})
"""Moments that nothing is before or after."""
DAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
REASONS = {
    "MTE": "marge thérapeutique étroite",
    "EFG": "enfant de moins de six ans, forme galénique",
    "CIF": "contre-indication formelle et démontrée",
}
"""Why a medicine may not be exchanged (arrêté of 12 November 2019)."""


@lru_cache(maxsize=256)
def coded(unit: str) -> tuple[str, str] | None:
    """(system, code) of a unit: EDQM, UCUM, also of `mg/kg`; None where there is no such code."""
    if unit in PRESENTATIONS:
        return EDQM, PRESENTATIONS[unit]
    parts = [MEASURES.get(part) for part in unit.split("/")]
    return (UCUM, "/".join(part for part in parts if part)) if all(parts) else None


@lru_cache(maxsize=256)
def named(system: str, code: str) -> str | None:
    """Our word for a unit's code, if it is one of ours."""
    if system == EDQM:
        return next((word for word, known in PRESENTATIONS.items() if known == code), None)
    words = {known: word for word, known in MEASURES.items()}
    parts = [words.get(part) for part in code.split("/")]
    return "/".join(part for part in parts if part) if all(parts) else None


def route_of(code: str) -> str | None:
    """Our route for an EDQM or SNOMED CT code."""
    return next((word for word, known in ROUTES.items() if code and code in known), None)
