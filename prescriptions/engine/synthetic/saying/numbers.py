"""Numbers as prescribers write them: digits, words, fractions, Roman drops."""

from __future__ import annotations

SMALL = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize",
)  # fmt: skip
TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}
SHARES = {
    0.25: ("1/4", "un quart de", "¼"), 0.5: ("1/2", "un demi", "½"), 0.75: ("3/4", "trois quarts de", "¾"),
}  # fmt: skip


def in_words(value: int) -> str:
    """Zero to 999,999 in French, as on a secure form. Raises ValueError outside."""
    if not 0 <= value <= 999_999:
        raise ValueError("only numbers from zero to 999,999 are written in words")
    if value < len(SMALL):
        return SMALL[value]
    if value < 20:
        return f"dix-{SMALL[value - 10]}"
    if value < 100:
        ten, one = divmod(value, 10)
        if ten in (7, 9):
            head, one = TENS[ten - 1], one + 10
            link = " et " if value == 71 else "-"
            return f"{head}{link}{in_words(one)}"
        if one == 0:
            return "quatre-vingts" if ten == 8 else TENS[ten]
        return f"{TENS[ten]}{' et ' if one == 1 and ten < 8 else '-'}{SMALL[one]}"
    if value < 1000:
        hundred, rest = divmod(value, 100)
        head = "cent" if hundred == 1 else f"{SMALL[hundred]} cent{'' if rest else 's'}"
        return f"{head} {in_words(rest)}" if rest else head
    thousand, rest = divmod(value, 1000)
    head = "mille" if thousand == 1 else f"{in_words(thousand).removesuffix('s')} mille"
    return f"{head} {in_words(rest)}" if rest else head


def words(value: float) -> str:
    """`dix`, `deux virgule cinq`, `zéro virgule zéro cinq`: each zero behind the comma is said."""
    whole, _, part = digits(value).partition(",")
    if not part:
        return in_words(int(whole))
    zeros = len(part) - len(part.lstrip("0"))
    return " ".join([in_words(int(whole)), "virgule", *["zéro"] * zeros, in_words(int(part))])


def digits(value: float) -> str:
    """`2`, `1,5`, `0,25`."""
    return f"{round(value, 6):.6f}".rstrip("0").rstrip(".").replace(".", ",")


def feminine(words: str, unit: str) -> str:
    """`une gélule`: one is the only number that agrees."""
    return f"{words}e" if is_feminine(unit) and words.endswith("un") else words


def is_feminine(unit: str) -> bool:
    """Whether the noun, or what begins with it, is feminine."""
    return unit.startswith(
        ("gélule", "goutte", "bouffée", "ampoule", "capsule", "injection", "application", "dose", "cuillère",
         "pulvérisation", "inhalation", "boîte", "boite", "bte", "semaine", "heure", "pression", "fois", "prise",
         "unité", "mesure", "minute", "spécialité")
    )  # fmt: skip
