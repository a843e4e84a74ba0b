"""Check digits over letters and digits: a letter counts as its two digits (A is 10, Z is 35), other signs don't count.

Luhn: ISO/IEC 7812-1, annex B. Damm: Damm 2004, with the quasigroup of order 10 of its table. Modulo 97: ISO/IEC 7064,
MOD 97-10, as in an IBAN.
"""

from __future__ import annotations

DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
LENGTHS = {"luhn": 1, "damm": 1, "mod97": 2}


def digits(text: str) -> str:
    """The digits that the text stands for."""
    return "".join(str(int(sign, 36)) for sign in text.upper() if sign.isascii() and sign.isalnum())


def check(method: str, text: str) -> str:
    """What goes behind the text."""
    found = digits(text)
    if method == "luhn":
        doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(found))]
        return str(-sum(one // 10 + one % 10 for one in doubled) % 10)
    if method == "damm":
        interim = 0
        for digit in found:
            interim = int(DAMM[interim][int(digit)])
        return str(interim)
    return f"{98 - int(found + '00') % 97:02}"


def holds(method: str, text: str) -> bool:
    """Whether the text ends in its check digits."""
    length = LENGTHS[method]
    return len(text) > length and check(method, text[:-length]) == text[-length:]
