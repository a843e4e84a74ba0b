"""Doses and lengths in words."""

from __future__ import annotations

from prescriptions.engine.schema import Quantity, Strength
from prescriptions.engine.synthetic.saying.habits import Habits
from prescriptions.engine.synthetic.saying.numbers import SHARES, digits, feminine, in_words
from prescriptions.engine.synthetic.saying.phrases import SPANS_OF_TIME, UNITS
from prescriptions.engine.synthetic.saying.pieces import Piece, Said

MEASURED = frozenset({"mg", "g", "µg", "mL", "UI", "mg/kg"})
SPELLED = frozenset({"comprimé", "gélule", "sachet", "ampoule", "application", "injection", "goutte", "bouffée"})
ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def dose(quantity: Quantity, habits: Habits) -> Said:
    """`1/2 cp`, `une gélule`, `10 à 15 gouttes`, `1 dose de 12 kg`."""
    text, rule = worded(quantity, habits)
    habits.rules.add(rule)
    return (Piece(text, "dose", rule),)


def worded(quantity: Quantity, habits: Habits) -> tuple[str, str]:
    unit = quantity.unit or ""
    if quantity.value is None:
        low, high = quantity.low or 0.0, quantity.high or 0.0
        between, rule = habits.pick("dose.range", (" à ", "-", " à "))
        return f"{habits.number(low, unit)}{between}{habits.number(high, unit)} {habits.unit(unit, high)}", rule
    value = quantity.value
    if quantity.weight_kg:
        text, rule = habits.pick("dose.weight", ("1 dose de {n} kg", "une dose de {n} kg", "1 dose {n} kg"))
        return text.format(n=digits(quantity.weight_kg)), rule
    if unit in MEASURED:
        glued = habits.chance.random() < 0.15 and unit in ("mg", "g") and not habits.spelled
        return f"{habits.number(value, unit)}{'' if glued else ' '}{habits.unit(unit, value)}", "dose.measure"
    whole, share = int(value), round(value - int(value), 6)
    if share in SHARES:
        return _broken(whole, share, unit, habits)
    if habits.spelled:
        return f"{habits.number(value, unit)} {habits.unit(unit, value)}", "dose.words"
    if unit == "goutte" and value <= 30 and habits.chance.random() < 0.06:
        return f"{roman(whole)} goutte{'s' if whole >= 2 else ''}", "dose.roman"
    if unit in SPELLED and (habits.in_words or habits.chance.random() < 0.04) and whole <= 16:
        many = "s" if whole >= 2 else ""
        return (
            f"{feminine(in_words(whole), unit)} {UNITS[unit][1].strip('*') if unit == 'comprimé' else unit}{many}",
            "dose.words",
        )
    return f"{digits(value)} {habits.unit(unit, value)}", "dose.count"


def _broken(whole: int, share: float, unit: str, habits: Habits) -> tuple[str, str]:
    """Halves and quarters."""
    if habits.spelled:
        part = {0.25: "un quart de ", 0.5: "un demi-", 0.75: "trois quarts de "}[share]
        after = {0.25: "un quart", 0.5: "demi", 0.75: "trois quarts"}[share]
        said = f"{habits.number(whole, unit)} {habits.unit(unit, whole)} et {after}" if whole else f"{part}{unit}"
        return said, "dose.share.words"
    if whole:
        text, rule = habits.pick("dose.mixed", ("{n} {u} 1/2", "{n} {u} et demi", "{n},5 {u}", "{n} 1/2 {u}"))
        return text.format(n=whole, u=habits.unit(unit, whole)), rule
    written, rule = habits.pick(f"dose.share.{share}", (SHARES[share][0], SHARES[share][0], *SHARES[share][1:]))
    joint = "-" if written == "un demi" and unit == "comprimé" and habits.chance.random() < 0.5 else " "
    said = "comprimé" if written.startswith(("un ", "trois")) and unit == "comprimé" else habits.unit(unit, 1)
    return f"{written}{joint}{said}", rule


def roman(value: int) -> str:
    text = ""
    for worth, letters in ROMAN:
        while value >= worth:
            text, value = text + letters, value - worth
    return text


def length(key: str, quantity: Quantity, habits: Habits) -> Said:
    """`pendant 7 jours`, `QSP 1 mois`: a phrase of `key` with this length."""
    value, unit = quantity.value or 0.0, quantity.unit or "d"
    text, rule = habits.pick(key)
    full, short = SPANS_OF_TIME[unit]
    if value < 2 and full != "mois":
        full = full.removesuffix("s")
    words = feminine(in_words(int(value)), full) if value == int(value) else digits(value)
    return (Piece(text.format(n=habits.number(value, full), w=words, unit=full, u=short), key.split(".")[0], rule),)


def strength(found: tuple[Strength, ...], habits: Habits) -> str:
    """`1 g/125 mg`, `4000 UI/0,4 mL`, `75 µg`."""
    return "/".join(_one(each, habits) for each in found)


def _one(strength: Strength, habits: Habits) -> str:
    if habits.spelled:
        text = (
            f"{habits.number(strength.value, strength.unit or '')} {habits.unit(strength.unit or '', strength.value)}"
        )
        if strength.per is None:
            return text
        per = {"h": "heure", "mL": "millilitre"}.get(strength.per.unit or "", strength.per.unit)
        count = f"{habits.number(strength.per.value)} " if strength.per.value not in (None, 1) else ""
        return f"{text} par {count}{per}"
    unit = habits.unit(strength.unit, strength.value) if strength.unit in MEASURED else strength.unit
    unit = {"gr": "g", "unités": "UI", "U": "UI"}.get(unit or "", unit)
    glue = "" if strength.unit == "mg" and habits.chance.random() < 0.15 else " "
    text = f"{digits(strength.value)}{glue}{unit}"
    if strength.per is None:
        return text
    count = "" if strength.per.value == 1 else f"{digits(strength.per.value or 1)} "
    return f"{text}/{count}{strength.per.unit}"
