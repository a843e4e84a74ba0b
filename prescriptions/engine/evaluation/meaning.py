"""Two medications compared by what they mean: shapes differ, events and amounts don't.

Each field of a medication is a multiset of canonical items, of what is expected and of what was read; the field is
right when they are equal. `joint` fields hold what only several fields together say (which dose at which moment).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Json = dict[str, Any]
Items = Counter[Any]

DAYS = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}
MEALS = {f"{relation}{meal}": (moment, relation) for relation in ("AC", "C", "PC") for meal, moment in
         (("M", "MORN"), ("D", "NOON"), ("V", "EVE"))}  # fmt: skip
AT_MEALS = ("AC", "C", "PC")
FIELDS = ("name", "atc", "strength", "form", "dose", "timing", "duration", "need", "limit", "route", "course", "remark",
          "supply", "daily")  # fmt: skip
"""What precision and recall are told of."""
JOINT = ("unit", "schedule", "frame")
OPEN = frozenset({"remark"})
"""Fields of which more may be read than is expected: what isn't coded is kept as text, by one reader or the other."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One field: what is expected, what was read, and both again in their lenient form."""

    wanted: Items
    got: Items
    wanted_lenient: Items
    got_lenient: Items

    @property
    def is_right(self) -> bool:
        return self.wanted == self.got


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Small letters without accents; words and signs of comparison only."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    letters = (c if c.isalnum() or c in "<>%.," else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


def words(value: Any) -> str:
    return plain(str(value or ""))


def ends(quantity: Json | None) -> tuple[float, float] | None:
    """The least and the most of an amount."""
    if not quantity:
        return None
    low, high = quantity.get("low", quantity.get("value")), quantity.get("high", quantity.get("value"))
    return round(float(low if low is not None else -1), 4), round(float(high if high is not None else -1), 4)


def in_days(quantity: Json | None) -> tuple[float, float] | None:
    found = ends(quantity)
    if found is None or quantity is None:
        return None
    unit = DAYS.get(quantity.get("unit") or "d", 1.0)
    return round(found[0] * unit, 2), round(found[1] * unit, 2)


def a_day(timing: Json) -> tuple[float, float] | None:
    """Administrations on an active day, least and most."""
    days = timing.get("dayOfWeek") or []
    if timing.get("frequency"):
        unit = DAYS[timing.get("periodUnit", "d")]
        times = float(timing["frequency"])
        if days and timing.get("periodUnit") == "wk":
            return times / 7, times / 7
        share = len(days) / 7 if days else 1
        period = float(timing.get("period", 1))
        longest, most = float(timing.get("periodMax", period)), float(timing.get("frequencyMax", times))
        return share * times / (longest * unit), share * most / (period * unit)
    count = len(timing.get("timeOfDay") or ()) or sum(3 if code in AT_MEALS else 1 for code in timing.get("when") or ())
    if not count and not days:
        return None
    total = (count or 1) * (len(days) / 7 if days else 1)
    return total, total


def places(timing: Json) -> list[Any]:
    """The moments of a timing: `ACM` is the morning and before a meal."""
    found: list[Any] = [
        MEALS.get(code, (None, code) if code in AT_MEALS else (code, None)) for code in timing.get("when") or ()
    ]
    return found or [("@" + time[:5], None) for time in timing.get("timeOfDay") or ()]


def compare(expected: Json, got: Json, scoring: str = "full") -> dict[str, Compared]:
    """Every field that the case says something about, compared."""
    scoring = expected.get("scoring", scoring)
    compared: dict[str, Compared] = {}
    for field, items in ITEMS.items():
        if not _asked(field, expected, scoring):
            continue
        wanted, found = list(items(expected, expected)), list(items(got, expected))
        if field == "atc":
            accepted = {expected["atc"], *expected.get("accept_atc", ())}
            found = [expected["atc"] if code in accepted else code for code in found]
        strict = Counter(wanted), Counter(found)
        lenient = LENIENT.get(field, _same)
        loose = Counter(map(lenient, wanted)), Counter(map(lenient, found))
        if field in OPEN:
            strict, loose = (_matched(*pair) for pair in (strict, loose))
        compared[field] = Compared(*strict, *loose)
    return compared


def wrong(expected: Json, got: Json, scoring: str = "full") -> list[str]:
    """The names of the fields that differ, joint ones last."""
    return [field for field, one in compare(expected, got, scoring).items() if not one.is_right]


def _asked(field: str, expected: Json, scoring: str) -> bool:
    if field in ("name", "form", "atc"):
        return bool(expected.get(field))
    if field == "strength":
        return "name" in expected
    if field == "daily":
        return "dailyDose" in expected
    if field == "supply":
        return True
    if field in ("timing", "schedule"):
        return "dosage" in expected and scoring == "full"
    if field == "dose":
        return "dosage" in expected and scoring == "full"
    return "dosage" in expected


def _same(item: Any) -> Any:
    return item


def _matched(wanted: Items, got: Items) -> tuple[Items, Items]:
    """Words are found when they stand at the start of, or inside, what was read."""
    found = Counter({item: count for item, count in wanted.items() if any(item in other for other in got)})
    return wanted, found


# the items of each field ---------------------------------------------------------------------------------------------


def _text(field: str) -> Callable[[Json, Json], Iterator[Any]]:
    def items(one: Json, _expected: Json) -> Iterator[Any]:
        if one.get(field):
            yield words(one[field])

    return items


def _atc(one: Json, _expected: Json) -> Iterator[Any]:
    if one.get("atc"):
        yield str(one["atc"])


def _strength(one: Json, expected: Json) -> Iterator[Any]:
    unitless = expected.get("accept_strength_without_unit", False)
    for each in one.get("strength", ()):
        yield each["value"], None if unitless else each.get("unit"), (each.get("per") or {}).get("value")


def _dosages(one: Json) -> Iterator[tuple[int, Json, Json]]:
    for each in one.get("dosage") or ():
        yield each.get("sequence", 1), each, each.get("timing") or {}


def _dose(one: Json, expected: Json) -> Iterator[Any]:
    """Different doses of each step, with their unit where the case names one for each."""
    units = [(each.get("dose") or {}).get("unit") for each in expected.get("dosage") or ()]
    found = {
        (step, ends(each["dose"]), each["dose"].get("unit") if units and None not in units else None)
        for step, each, _timing in _dosages(one)
        if each.get("dose")
    }
    yield from found


def _timing(one: Json, _expected: Json) -> Iterator[Any]:
    """Moments, and how often a day, of each step; days of the week."""
    rates: dict[int, float] = {}
    days: set[Any] = set()
    for step, _each, timing in _dosages(one):
        yield from (("at", step, place) for place in places(timing))
        if count := a_day(timing):
            rates[step] = rates.get(step, 0.0) + count[0]
        if timing.get("dayOfWeek"):
            days.add(("days", step, tuple(timing["dayOfWeek"])))
    yield from (("rate", step, round(rate, 3)) for step, rate in rates.items())
    yield from days


def _duration(one: Json, _expected: Json) -> Iterator[Any]:
    yield from {(step, in_days(timing["bounds"])) for step, _each, timing in _dosages(one) if timing.get("bounds")}


def _need(one: Json, expected: Json) -> Iterator[Any]:
    """Steps that are taken as needed, and the reason where the case gives one."""
    yield from {("needed", step) for step, each, _timing in _dosages(one) if each.get("asNeeded")}
    reasons = {key for each in expected.get("dosage") or () if (key := words(each.get("asNeededFor"))[:6].rstrip("s"))}
    said = " | ".join(words(each.get("asNeededFor")) for _step, each, _timing in _dosages(one))
    yield from {("for", reason) for reason in reasons if reason in said}


def _limit(one: Json, _expected: Json) -> Iterator[Any]:
    found: set[Any] = set()
    for _step, each, _timing in _dosages(one):
        if most := each.get("maxDosePerPeriod"):
            found.add(("most", float(most["value"]), round(most["period"] * DAYS[most["periodUnit"]], 3)))
        if once := each.get("maxDosePerAdministration"):
            found.add(("once", float(once["value"])))
        if each.get("minInterval"):
            found.add(("gap", in_days(each["minInterval"])))
    yield from found


def _route(one: Json, _expected: Json) -> Iterator[Any]:
    yield from {
        (name, words(each[name]))
        for _step, each, _timing in _dosages(one)
        for name in ("route", "method", "site")
        if each.get(name)
    }


def _course(one: Json, _expected: Json) -> Iterator[Any]:
    """Counts, wearing times, cycles, offsets and rates."""
    found: set[Any] = set()
    for _step, each, timing in _dosages(one):
        found |= {(name, canonical(timing[name])) for name in ("count", "cycle", "offset") if timing.get(name)}
        if timing.get("cycleDays"):
            found.add(("cycleDays", tuple(timing["cycleDays"])))
        if timing.get("duration"):
            found.add(("wear", float(timing["duration"]), timing.get("durationUnit")))
        if rate := each.get("rate"):
            found.add(("rate", float(rate["value"]), rate.get("unit"), rate.get("perUnit")))
    yield from found


def _remark(one: Json, expected: Json) -> Iterator[Any]:
    """The first letters of each remark that is expected; of a reading, all its remarks in one."""
    kept = [words(text) for _step, each, _timing in _dosages(one) for text in each.get("additional") or ()]
    yield from (text[:12] for text in kept if text) if one is expected else [" ".join(kept)]


def _supply(one: Json, _expected: Json) -> Iterator[Any]:
    yield from (("dispense", name, canonical(value)) for name, value in (one.get("dispense") or {}).items())
    if one.get("substitution"):
        yield "substitution", canonical(one["substitution"])
    if one.get("ald"):
        yield ("ald",)


def _daily(one: Json, _expected: Json) -> Iterator[Any]:
    for low, high in (one.get("dailyDose") or {}).values():
        yield round(float(low), 3), round(float(high), 3)


def _unit(one: Json, expected: Json) -> Iterator[Any]:
    """What doses are counted in, where the case says so for each."""
    units = {(each.get("dose") or {}).get("unit") for each in expected.get("dosage") or ()}
    if None not in units:
        yield from {(each.get("dose") or {}).get("unit") for _step, each, _timing in _dosages(one)}


def _schedule(one: Json, _expected: Json) -> Iterator[Any]:
    """Which dose at which moment, and how often each dose."""
    rates: dict[Any, float] = {}
    for step, each, timing in _dosages(one):
        dose = ends(each.get("dose"))
        yield from ((step, dose, place) for place in places(timing) or [(None, None)])
        count = a_day(timing)
        rates[step, dose] = rates.get((step, dose), 0.0) + (count[0] if count else 0.0)
    yield from (("rate", *key, round(rate, 3)) for key, rate in rates.items())


def _frame(one: Json, _expected: Json) -> Iterator[Any]:
    """What holds for each step as a whole: its length, as needed or not, its limit, its days; and its extras."""
    found: set[Any] = set()
    for step, each, timing in _dosages(one):
        most = each.get("maxDosePerPeriod")
        limit = (float(most["value"]), round(most["period"] * DAYS[most["periodUnit"]], 3)) if most else None
        found.add((step, in_days(timing.get("bounds")), bool(each.get("asNeeded")), limit,
                   tuple(timing.get("cycleDays") or ()), tuple(timing.get("dayOfWeek") or ())))  # fmt: skip
        found.add(("extras", timing.get("count"), timing.get("duration"), timing.get("durationUnit"),
                   canonical(timing.get("cycle")), timing.get("offset") or 0, in_days(each.get("minInterval")),
                   words(each.get("route")), words(each.get("method")), words(each.get("site"))))  # fmt: skip
    yield from found


def canonical(value: Any) -> Any:
    """A JSON value that can be compared and counted: 7 and 7.0 are equal, keys have no order."""
    if isinstance(value, dict):
        return tuple(sorted((key, canonical(inner)) for key, inner in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(canonical(inner) for inner in value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return value


ITEMS: dict[str, Callable[[Json, Json], Iterator[Any]]] = {
    "name": _text("name"), "atc": _atc, "strength": _strength, "form": _text("form"), "dose": _dose, "timing": _timing,
    "duration": _duration, "need": _need, "limit": _limit, "route": _route, "course": _course, "remark": _remark,
    "supply": _supply, "daily": _daily, "unit": _unit, "schedule": _schedule, "frame": _frame,
}  # fmt: skip

LENIENT: dict[str, Callable[[Any], Any]] = {
    "name": lambda item: item.partition(" ")[0],
    "atc": lambda item: item[:5],
    "strength": lambda item: item[0],
    "form": lambda item: item.partition(" ")[0],
    "dose": lambda item: item[1],
    "timing": lambda item: item[2],
    "duration": lambda item: item[1],
    "route": lambda item: item[0],
    "supply": lambda item: item[:2],
}
"""The same item without what is a detail of it: unit, step, last words. What isn't listed has no lenient form."""
