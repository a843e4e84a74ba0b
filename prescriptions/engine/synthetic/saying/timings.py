"""When and how often, in words; a wording that says more than was drawn changes the truth with it."""

from __future__ import annotations

from dataclasses import replace

from prescriptions.engine.schema import Dosage, Quantity, Timing
from prescriptions.engine.synthetic.saying.habits import Habits
from prescriptions.engine.synthetic.saying.numbers import feminine, in_words, is_feminine
from prescriptions.engine.synthetic.saying.pieces import Piece, Said
from prescriptions.engine.wording import DAYS

SHORT = {"MORN": "matin", "NOON": "midi", "EVE": "soir", "HS": "coucher", "AFT": "après-midi", "WAKE": "lever"}
LONG = {"MORN": "le matin", "NOON": "à midi", "EVE": "le soir", "HS": "au coucher", "AFT": "l'après-midi",
        "WAKE": "au lever"}  # fmt: skip
COUNTED = 0.1
"""How often a list of moments is counted as well: `x 2 par jour (matin et soir)`."""


def timing(dosage: Dosage, habits: Habits) -> tuple[Said, Timing | None]:
    """The words, and what they say."""
    given = dosage.timing
    if given is None:
        return (), None
    parts: list[tuple[str, str]] = []
    if given.count:
        parts.append(habits.pick("once"))
    elif given.period_unit == "d" and given.period == 2 and given.when == ("EVE",):
        parts.append(habits.pick("apart.2d.EVE"))
    else:
        if given.frequency:
            parts.append(_often(given, habits, dosage.dose))
        if given.when:
            said, given = _moments(given, habits)
            parts.append(said)
    if given.time_of_day:
        parts.append(_clock(given, habits))
    if given.day_of_week:
        said, given = _days(given, habits)
        parts.append(said)
    if cycle := given.cycle:
        text, rule = habits.pick("cycle")
        parts.append((text.format(a=habits.number(cycle.on), b=habits.number(cycle.every)), rule))
    if given.duration:
        text, rule = habits.pick("worn")
        parts.append((text.format(n=habits.number(given.duration, "heure")), rule))
    text = " ".join(text for text, _ in parts)
    return ((Piece(text, "timing", "+".join(rule for _, rule in parts)),) if text else ()), given


def _often(given: Timing, habits: Habits, dose: Quantity | None) -> tuple[str, str]:
    times, period, unit = given.frequency or 1.0, given.period or 1.0, given.period_unit or "d"
    values = {"n": habits.number(times, "fois"), "w": feminine(in_words(int(times)), "")}
    if given.frequency_max:
        text, rule = habits.pick("often.range")
        return text.format(a=habits.number(times, "fois"), b=habits.number(given.frequency_max)), rule
    if given.period_max:
        text, rule = habits.pick("hours.range")
        return text.format(a=habits.number(period), b=habits.number(given.period_max)), rule
    if unit == "h":
        values = {"n": habits.number(period, "heure"), "w": in_words(int(period))}
        key = "hours" if period <= 24 else "apart.h"
    elif unit == "mo":
        key = "apart.mo" if period == 1 else "apart.3mo"
    elif period == 2:
        key = "apart.2d"
    elif period > 1:
        key, values = "apart.d", {"n": habits.number(period)}
    elif times == 1:
        key = "often.once.week" if unit == "wk" else "often.once"
    else:
        key = "often.week" if unit == "wk" else "often.day"
    text, rule = habits.pick(key)
    if text == "quotidien" and dose is not None:
        text += "ne" * is_feminine(dose.unit or "") + "s" * ((dose.high or dose.value or 0) >= 2)
    return text.format(**values), rule


def _moments(given: Timing, habits: Habits) -> tuple[tuple[str, str], Timing]:
    codes = given.when
    if codes == ("CM", "CV"):
        return habits.pick("meals.CM+CV"), given
    if len(codes) == 1:
        text, rule = habits.pick(f"when.{codes[0]}")
        if given.offset:
            apart, other = habits.pick("offset")
            return (f"{apart.format(n=given.offset)} {text}", f"{other}+{rule}"), given
        return (text, rule), given
    if any(code not in SHORT for code in codes):
        said = [habits.pick(f"when.{code}") for code in codes]
        return (" et ".join(text for text, _ in said), "+".join(rule for _, rule in said)), given
    pattern, rule = habits.pick("when.list")
    text = listed(pattern, "short", [SHORT[code] for code in codes], [LONG[code] for code in codes])
    if not given.frequency and habits.chance.random() < COUNTED:
        counted, other = habits.pick("when.counted")
        named = " et ".join([", ".join(SHORT[code] for code in codes[:-1]), SHORT[codes[-1]]])
        more = replace(given, frequency=float(len(codes)), period=1.0, period_unit="d")
        return (counted.format(n=habits.number(len(codes), "fois"), list=named), other), more
    return (text, rule), given


def listed(pattern: str, name: str, short: list[str], long: list[str]) -> str:
    """`{short:, & et }`: the words with the first separator between them, the second before the last."""
    begin = pattern.index("{")
    kind, separators = pattern[begin + 1 : pattern.index("}")].split(":", 1)
    between, last = separators.split("&")
    words = long if kind == "long" else short
    text = last.join([between.join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
    return pattern[:begin] + text


def _clock(given: Timing, habits: Habits) -> tuple[str, str]:
    text, rule = habits.pick("clock")
    said = [text.format(n=habits.number(int(time[:2]), "heure")) for time in given.time_of_day]
    return f"à {said[0]}" if len(said) == 1 else f"à {', '.join(said[:-1])} et {said[-1]}", rule


def _days(given: Timing, habits: Habits) -> tuple[tuple[str, str], Timing]:
    names = [DAYS[day] for day in given.day_of_week]
    if len(names) == 5:
        return habits.pick("days.mon-fri"), given
    if len(names) > 1:
        pattern, rule = habits.pick("days.list")
        return (listed(pattern, "days", names, names), rule), given
    if habits.chance.random() < 0.3:
        text, rule = habits.pick("days.one.week")
        more = replace(given, frequency=1.0, period=1.0, period_unit="wk")
        return (text.format(d=names[0], D=names[0].upper()), rule), more
    text, rule = habits.pick("days.one")
    return (text.format(d=names[0], D=names[0].upper()), rule), given
