"""Identifiers that belong to nobody: their check digits fail on purpose, their telephone numbers are reserved."""

from __future__ import annotations

import random
import re

FICTION = ("0199 00", "0261 91", "0353 01", "0465 71", "0536 49", "0639 98")
"""Beginnings of the numbers that ARCEP keeps for fiction (decision 2018-0881): the last four digits are free."""
PHONE = re.compile(r"(?<!\d)0[1-9](?:[ .-]?\d{2}){4}(?!\d)")
RPPS = re.compile(r"(?<!\d)\d{11}(?!\d)")
FINESS = re.compile(r"(?<!\d)\d{9}(?!\d)")
NIR = re.compile(r"(?<!\d)[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}(?!\d)")


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1), as in RPPS and FINESS numbers."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def nir_holds(nir: str) -> bool:
    """Whether the key of a French social security number is right: 97 less the number modulo 97."""
    born = nir.upper().replace("2A", "19").replace("2B", "18")  # Corsica
    digits = re.sub(r"\D", "", born)
    return len(digits) == 15 and int(digits[13:]) == 97 - int(digits[:13]) % 97


def failing(digits: str, chance: random.Random) -> str:
    """The number with a last digit that fails the check."""
    wrong = [last for last in "0123456789" if not luhn(digits + last)]
    return digits + chance.choice(wrong)


def rpps(chance: random.Random) -> str:
    """Eleven digits like an RPPS number, which no register can hold."""
    return failing("999" + "".join(chance.choices("0123456789", k=7)), chance)


def finess(chance: random.Random) -> str:
    """Nine digits like a FINESS number of a department that doesn't exist (99)."""
    return failing("99" + "".join(chance.choices("0123456789", k=6)), chance)


def nir(female: bool, born: tuple[int, int], chance: random.Random) -> str:
    """A social security number of a foreign birth place that isn't given (99 999), with a wrong key."""
    year, month = born
    body = f"{2 if female else 1}{year % 100:02d}{month:02d}99999{chance.randrange(1000):03d}"
    right = 97 - int(body) % 97
    key = chance.choice([value for value in range(1, 98) if value != right])
    return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:13]} {key:02d}"


def phone(chance: random.Random) -> str:
    """A number that rings nowhere."""
    digits = chance.choice(FICTION).replace(" ", "") + "".join(chance.choices("0123456789", k=4))
    return " ".join(digits[at : at + 2] for at in range(0, 10, 2))


def fictional(number: str) -> bool:
    """Whether a telephone number is one of those."""
    digits = re.sub(r"\D", "", number)
    return any(digits.startswith(start.replace(" ", "")) for start in FICTION)
