"""French numbers in words, from zero to nine hundred and ninety-nine thousand, and fractions."""

from __future__ import annotations

UNITS = {
    "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
TENS = {
    "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80,
    "nonante": 90,
}  # fmt: skip
FRACTIONS = {
    "demi": 0.5, "demie": 0.5, "moitie": 0.5, "quart": 0.25, "quarts": 0.25, "tiers": 1 / 3,
}  # fmt: skip
WORDS = {**UNITS, **TENS, "vingts": 20, "cent": 100, "cents": 100, "mille": 1000}


def spelled(words: list[str]) -> int | None:
    """The value of a number in words (`vingt`, `et`, `un`); None when the words are not one number."""
    if not words or words[0] == "et" or words[-1] == "et":
        return None
    total, group = 0, 0
    for word in words:
        if word == "et":
            continue
        value = WORDS.get(word)
        if value is None:
            return None
        if value == 1000:
            total, group = total + max(group, 1) * 1000, 0
        elif value == 100:
            group = max(group, 1) * 100
        elif value == 20 and group % 100 == 4:
            group += 76
        elif (
            (value < 20 and group % 10 == 0 and group % 100 >= 20 and not (value >= 10 and group % 100 not in (60, 80)))
            or group % 100 == 0
            or (group % 100 == 10 and value in (7, 8, 9))
        ):
            group += value
        elif group % 100 in (70, 90) and value in (7, 8, 9):
            group += value  # soixante-dix-sept, quatre-vingt-dix-huit
        else:
            return None
    return total + group
