"""Medicines that French law wants on a secure form, with every number in words, and how long they may be prescribed.

Sources: code de la santé publique R5132-5 and R5132-27 to R5132-33 (narcotics and what follows their rules); arrêté du
20 septembre 1999 (28 days, fractions of a dispensing); ANSM: zolpidem (10 April 2017), prégabaline (24 May 2021),
tramadol, codéine, dihydrocodéine (1 March 2025), clonazépam (15 March 2012).
"""

from __future__ import annotations

NARCOTICS = ("N02AA01", "N02AA03", "N02AA05", "N02AB03", "N06BA04", "N07BC02")
"""Narcotics proper: nothing is prescribed again while a prescription runs unless the prescriber says so."""
DAYS: dict[str, int] = {
    **dict.fromkeys(NARCOTICS, 28),
    "N07BC01": 28, "N02AE01": 28, "N05CF02": 28,
    "N02AX02": 84, "N02AJ": 84, "N02AA59": 84, "R05DA04": 84, "N03AE01": 84,
    "N02BF02": 180, "N03AX16": 180,
}  # fmt: skip
"""ATC code, or how it begins -> the most days of one prescription."""
NAMED = ("N07BC", "N06BA04")
"""Prescribed with the name of the pharmacy that will dispense it (code de la sécurité sociale L162-4-2)."""
LENGTHS = {"d": 1, "wk": 7, "mo": 28}


def most_days(atc: str) -> int | None:
    """How many days may be prescribed at once; None where an ordinary form does."""
    return next((days for code, days in DAYS.items() if atc.startswith(code)), None)


def is_narcotic(atc: str) -> bool:
    return atc.startswith(NARCOTICS)


def in_days(length: str) -> int:
    """`14d`, `2wk`, `1mo` in days; a month counts as 28, as it is dispensed."""
    unit = length.lstrip("0123456789")
    return int(length.removesuffix(unit)) * LENGTHS[unit]
