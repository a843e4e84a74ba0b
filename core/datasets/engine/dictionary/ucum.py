"""Whether a unit is written as UCUM wants it, and how it would be (the Unified Code for Units of Measure, ucum.org)."""

from __future__ import annotations

import re

PREFIXES = ("", "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u", "n", "p", "f", "a")
METRIC = frozenset(
    """
    A B Bd Bq By C Cel F Gy H Hz J K L N Ohm Pa S Sv T U V W Wb [IU] [iU] bar bit cal cd eV eq g kat l
    lm lx m m[H2O] m[Hg] mol osm pc rad s sr t u
    """.split()  # noqa: SIM905
)
"""Atoms that take a prefix."""
PLAIN = frozenset(
    """
    % ' '' 10* 10^ [CFU] [Cal] [Ch] [HPF] [LPF] [MET] [PFU] [arb'U] [degF] [diop] [drp] [ft_i] [gr]
    [hnsf'U] [in_i] [lb_av] [m/s2/Hz^0.5] [oz_av] [pH] [ppb] [ppm] [ppth] [score] a a_g a_j att bit_s
    cal_th d deg gon h min mo mo_g mo_j wk
    """.split()  # noqa: SIM905
)
"""Atoms that don't."""
SUGGESTED = {
    "mmhg": "mm[Hg]", "cmh2o": "cm[H2O]", "°c": "Cel", "c°": "Cel", "celsius": "Cel", "bpm": "/min", "batt/min": "/min",
    "cpm": "/min", "cycles/min": "/min", "ui": "[IU]", "ui/l": "[IU]/L", "ui/ml": "[IU]/mL", "mui/l": "m[IU]/L",
    "µg": "ug", "µg/l": "ug/L", "µmol/l": "umol/L", "μmol/l": "umol/L", "µl": "uL", "µm": "um", "ans": "a",
    "années": "a", "année": "a", "years": "a", "year": "a", "mois": "mo", "months": "mo", "month": "mo", "jours": "d",
    "jour": "d", "j": "d", "days": "d", "day": "d", "semaines": "wk", "weeks": "wk", "heures": "h", "heure": "h",
    "hours": "h", "hour": "h", "minutes": "min", "mn": "min", "secondes": "s", "sec": "s", "g/100ml": "g/dL",
    "kg/m²": "kg/m2", "m²": "m2", "m³": "m3", "/mm3": "/mm3", "g/l": "g/L", "mg/l": "mg/L", "mmol/l": "mmol/L",
    "points": "{score}", "score": "{score}", "gouttes": "[drp]", "pourcent": "%", "percent": "%", "kcal/j": "kcal/d",
    "ml/h": "mL/h", "ml/min": "mL/min", "ml/kg/h": "mL/kg/h", "ml": "mL", "dl": "dL", "cl": "cL", "giga/l": "10*9/L",
    "g/dl": "g/dL", "mg/dl": "mg/dL", "l": "L", "l/min": "L/min", "10^9/l": "10*9/L", "10e9/l": "10*9/L",
    "t/l": "10*12/L", "meq/l": "meq/L", "mosm/l": "mosm/L", "mosm/kg": "mosm/kg", "u/l": "U/L", "°": "deg",
}  # fmt: skip
"""What people write -> what UCUM calls it."""

_annotation = re.compile(r"\{[!-z|~]*\}")
_power = re.compile(r"(?<=[A-Za-z\]'])[+-]?[0-9]+\Z|(?<=[A-Za-z\]'%])1\Z")
_exponent = re.compile(r"[+-]?[0-9]+\Z")


def is_ucum(unit: str) -> bool:
    """Whether this is an expression of UCUM's case-sensitive units: ``mmol/L``, ``10*9/L``, ``/min``, ``{score}``."""
    bare = _annotation.sub("1", unit)
    return bool(bare) and all(map(is_component, bare.removeprefix("/").replace("/", ".").split(".")))


def is_component(text: str) -> bool:
    """Whether this is one unit with its exponent, its annotation already taken for a 1."""
    bare = text.strip("()")
    if bare.isdecimal():
        return True
    for power in ("10*", "10^"):
        if bare.startswith(power) and _exponent.match(bare[len(power) :] or "1"):
            return True
    atom = _power.sub("", bare)
    return atom in PLAIN or any(atom.startswith(prefix) and atom[len(prefix) :] in METRIC for prefix in PREFIXES)


def suggested(unit: str) -> str:
    """How UCUM writes a unit that isn't written so; empty where it is, or where nobody knows."""
    text = unit.strip()
    if not text:
        return ""
    known = SUGGESTED.get(text.lower().replace(" ", ""), "")
    if is_ucum(text) or known == text:
        return ""
    return known
