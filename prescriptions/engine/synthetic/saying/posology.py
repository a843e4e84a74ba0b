"""A whole posology in words: steps, unlike doses at unlike moments, and for each what it says exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from prescriptions.engine.schema import Dosage, Timing
from prescriptions.engine.synthetic.saying import doses, orders, timings
from prescriptions.engine.synthetic.saying.habits import Habits
from prescriptions.engine.synthetic.saying.numbers import digits, feminine, in_words
from prescriptions.engine.synthetic.saying.phrases import SPANS_OF_TIME
from prescriptions.engine.synthetic.saying.pieces import Piece, Said, joined, plain, under

SLOTS_OF_DAY = ("MORN", "NOON", "EVE", "HS")
DASHES = ("-", "-", "-", " - ", "+", "/", " – ")
VERBS = {"cutanée": ("application", "pression"), "injection": ("injection", "UI"), "ophtalmique": ("goutte",)}
SUMMED = ("comprimé", "gélule", "capsule", "sachet", "ampoule", "mg", "g")
"""What is told for the day and shared: nobody writes «3 applications par jour en 3 prises»."""


@dataclass
class Spoken:
    """Words, and the dosages that they say; `daily` where they leave open how the day's dose is shared."""

    said: Said
    dosages: tuple[Dosage, ...]
    daily: bool = False
    templates: list[str] = field(default_factory=list)


def posology(dosages: tuple[Dosage, ...], split: str, habits: Habits, form_unit: str | None) -> Spoken:
    """All steps. `form_unit` is what a bare number counts: the unit of the form that the line has named."""
    steps = sorted({one.sequence for one in dosages})
    spoken = Spoken((), ())
    parts: list[Said] = []
    for step in steps:
        group = tuple(one for one in dosages if one.sequence == step)
        made = (
            single(group[0], split, habits, form_unit) if len(group) == 1 else several(group, split, habits, form_unit)
        )
        offset = len(spoken.dosages)
        moved = tuple(replace(piece, path=_moved(piece.path, offset)) if piece.path else piece for piece in made.said)
        parts.append(moved)
        spoken.dosages += made.dosages
        spoken.daily = spoken.daily or made.daily
        spoken.templates += made.templates
    joint = habits.pick("then")[0] if len(steps) > 1 else ""
    spoken.said = joined(parts, joint)
    return spoken


def _moved(path: str, offset: int) -> str:
    head, place, rest = path.split(".", 2)
    return f"{head}.{int(place) + offset}.{rest}"


def single(dosage: Dosage, split: str, habits: Habits, form_unit: str | None) -> Spoken:
    """One dose at its moments, by slots in some order; or by dashes."""
    given = dosage.timing
    if dashable(dosage) and not habits.spelled and habits.chance.random() < 0.25:
        return dashed((dosage,), split, habits, form_unit)
    slots, said = slotted(dosage, habits)
    dosage = replace(dosage, timing=said)
    told = {name for name, words in slots.items() if words}
    if said and said.when and not said.frequency and not said.duration and len(said.when) == 1:
        told.add("moment")
    order = orders.choose(split, told, habits.chance)
    daily = left_open(dosage, slots.get("timing", ()))
    if given and given.frequency and given.frequency > 1 and total_is_plain(dosage) and habits.chance.random() < 0.12:
        slots["dose"], slots["timing"] = total(dosage, habits), ()
        order = orders.choose(split, told - {"timing", "moment"}, habits.chance)
    return Spoken(under("dosage.0.", orders.laid(order, slots)), (dosage,), daily, [order.id])


def slotted(dosage: Dosage, habits: Habits) -> tuple[dict[str, Said], Timing | None]:
    """What is said of each slot, and the timing that it amounts to."""
    words, said = timings.timing(dosage, habits)
    bounds = dosage.timing.bounds if dosage.timing else None
    length: Said = ()
    if bounds and bounds.value == 1 and bounds.unit == "d" and dosage.timing and dosage.timing.frequency == 1:
        text, rule = habits.pick("first")
        words = (Piece(text, "timing", rule),)
    elif bounds:
        length = tuple(replace(piece, path="timing.bounds") for piece in doses.length("bounds", bounds, habits))
    slots: dict[str, Said] = {
        "verb": verb(dosage, habits),
        "dose": doses.dose(dosage.dose, habits) if dosage.dose else rate(dosage, habits),
        "timing": words,
        "bounds": length,
        "need": need(dosage, habits),
        "most": most(dosage, habits),
        "gap": gap(dosage, habits),
        "place": place(dosage, habits),
        "remark": joined([(Piece(text, "additional", "remark"),) for text in dosage.additional], ", "),
    }
    return slots, said


def left_open(dosage: Dosage, words: Said) -> bool:
    """`2 cp/j` leaves open whether it is two at once: only the day's dose is certain."""
    dose = dosage.dose
    if dose is None or dosage.timing is None or dose.unit in doses.MEASURED:
        return False
    count = dose.high if dose.value is None else dose.value
    rules = {rule for piece in words for rule in piece.rule.split("+")}
    spoken = {"often.once.0", "often.once.5", "often.once.7", "often.once.9"}
    return bool(count and count > 1 and rules & spoken and not dosage.timing.when)


def rate(dosage: Dosage, habits: Habits) -> Said:
    if dosage.rate is None:
        return ()
    said = f"{digits(dosage.rate.value)} {dosage.rate.unit}/{dosage.rate.per_unit}"
    if habits.spelled:
        per = {"h": "heure", "d": "jour"}[dosage.rate.per_unit]
        said = f"{habits.number(dosage.rate.value)} {habits.unit(dosage.rate.unit, dosage.rate.value)} par {per}"
    return (Piece(said, "rate", "rate"),)


def verb(dosage: Dosage, habits: Habits) -> Said:
    unit = dosage.dose.unit if dosage.dose else None
    kind = next((kind for kind, units in VERBS.items() if unit in units), "")
    if kind == "ophtalmique" and not dosage.site:
        kind = ""  # drops that are swallowed
    if not kind and unit in ("bouffée", "inhalation", "pulvérisation", "patch", "emplâtre", "ovule", None):
        return ()
    return plain(habits.pick(f"verb.{kind}" if kind else "verb")[0])


def need(dosage: Dosage, habits: Habits) -> Said:
    """`si douleur`, `SB`, `après chaque selle liquide`."""
    if not dosage.as_needed:
        return ()
    reason = dosage.as_needed_for
    if reason is None:
        text, rule = habits.pick("need.besoin")
        return (Piece(text, "asNeeded", rule),)
    key = "need.each" if reason.startswith("selle") else "need.crisis" if reason in ("crise", "migraine") else "need"
    text, rule = habits.pick(key)
    elided = reason[0].lower() in "aeéiouh" and not reason.startswith("h")
    text = text.format(x=reason, X=reason.upper(), de="d'" if elided else "de ")
    return (Piece(" ".join(text.replace("d' ", "d'").split()), "asNeededFor", rule),)


def most(dosage: Dosage, habits: Habits) -> Said:
    limit = dosage.max_dose_per_period
    if limit is None:
        return ()
    text, rule = habits.pick("most")
    if "{unit}" not in text and not (dosage.dose and dosage.dose.value == 1):
        text, rule = "maximum {n} {unit} par jour", "most.1"
    unit = habits.unit(limit.unit or "", limit.value)
    return (Piece(text.format(n=habits.number(limit.value, limit.unit or ""), unit=unit), "maxDosePerPeriod", rule),)


def gap(dosage: Dosage, habits: Habits) -> Said:
    if dosage.min_interval is None:
        return ()
    text, rule = habits.pick("gap")
    full, short = SPANS_OF_TIME[dosage.min_interval.unit or "h"]
    value = habits.number(dosage.min_interval.value or 0, full)
    return (Piece(text.format(n=value, unit=full, u=short), "minInterval", rule),)


def place(dosage: Dosage, habits: Habits) -> Said:
    key, path = (f"site.{dosage.site}", "site") if dosage.site else (f"route.{dosage.route}", "route")
    if not (dosage.site or dosage.route):
        return ()
    text, rule = habits.pick(key)
    return (Piece(text, path, rule),)


def total_is_plain(dosage: Dosage) -> bool:
    given, dose = dosage.timing, dosage.dose
    return bool(
        given and dose and dose.value and dose.unit in SUMMED and not given.when and given.period == 1
        and given.period_unit == "d" and not given.frequency_max and not dose.weight_kg
        and (dose.value * (given.frequency or 1)).is_integer()
    )  # fmt: skip


def total(dosage: Dosage, habits: Habits) -> Said:
    """`6 cp par jour en 3 prises` for two, three times."""
    assert dosage.dose is not None
    assert dosage.timing is not None
    times, value = dosage.timing.frequency or 1.0, dosage.dose.value or 0.0
    text, rule = habits.pick("often.total")
    unit = habits.unit(dosage.dose.unit or "", value * times)
    whole = f"{habits.number(value * times, dosage.dose.unit or '')} {unit}"
    said = text.format(n=habits.number(times, "prise"), w=feminine(in_words(int(times)), ""))
    return (Piece(whole, "dose", "dose.total"), Piece("" if said[0] == "/" else " "), Piece(said, "timing", rule))


# several doses ------------------------------------------------------------------------------------------------------


def dashable(dosage: Dosage) -> bool:
    """One dose at some of the four moments, and nothing more about when."""
    given, dose = dosage.timing, dosage.dose
    return bool(
        given and dose and dose.value and not dose.weight_kg and given.when and set(given.when) <= set(SLOTS_OF_DAY)
        and not given.frequency and not given.duration and not given.cycle and dose.unit != "mg/kg"
    )  # fmt: skip


def several(group: tuple[Dosage, ...], split: str, habits: Habits, form_unit: str | None) -> Spoken:
    """Unlike doses at the same time of treatment."""
    codes = [code for one in group for code in (one.timing.when if one.timing else ())]
    ways: list[Callable[[tuple[Dosage, ...], str, Habits, str | None], Spoken]] = [listed]
    if all(dashable(one) for one in group) and not habits.spelled:
        ways += [dashed, dashed]
        if form_unit in (None, group[0].dose.unit if group[0].dose else None):
            ways.append(named)
    if codes == ["ACM", "ACD", "ACV"]:
        ways += [before_meals, before_meals]
    return habits.chance.choice(ways)(group, split, habits, form_unit)


def counts(group: tuple[Dosage, ...]) -> dict[str, float]:
    return {
        code: one.dose.value or 0.0 for one in group if one.dose for code in (one.timing.when if one.timing else ())
    }


def share(value: float) -> str:
    return {0.25: "1/4", 0.5: "1/2", 0.75: "3/4"}.get(value, digits(value))


def dashed(group: tuple[Dosage, ...], split: str, habits: Habits, form_unit: str | None) -> Spoken:
    """`1-0-1`, `1/2 - 0 - 1/2 cp`, `10-8-12 UI`."""
    taken = counts(group)
    slots = SLOTS_OF_DAY if "HS" in taken else SLOTS_OF_DAY[:3]
    sign, rule = habits.pick("dash.sign", DASHES)
    values = [share(taken.get(code, 0.0)) for code in slots]
    if any("/" in value for value in values) and sign == "/":
        sign = " - "
    unit = group[0].dose.unit if group[0].dose else None
    must = unit in doses.MEASURED or (form_unit is not None and form_unit != unit)
    said_unit = unit if must or habits.chance.random() < 0.35 else None
    text = sign.join(values) + (f" {habits.unit(said_unit, max(taken.values()))}" if said_unit else "")
    alike = tuple(replace(one, dose=replace(one.dose, unit=said_unit or form_unit)) for one in group if one.dose)
    return followed((Piece(text, "dose", f"dash.{len(slots)}.{rule}"),), alike, split, habits)


def named(group: tuple[Dosage, ...], split: str, habits: Habits, form_unit: str | None) -> Spoken:
    """`Matin : 2 - Midi : 0 - Soir : 1`."""
    taken = counts(group)
    slots = [code for code in SLOTS_OF_DAY if code in taken or (code != "HS" and habits.chance.random() < 0.6)]
    said = " - ".join(f"{timings.SHORT[code].capitalize()} : {share(taken.get(code, 0.0))}" for code in slots)
    habits.rules.add("named")
    alike = tuple(replace(one, dose=replace(one.dose, unit=form_unit)) for one in group if one.dose)
    return followed((Piece(said, "dose", "named"),), alike, split, habits)


def before_meals(group: tuple[Dosage, ...], split: str, habits: Habits, form_unit: str | None) -> Spoken:
    """`6-4-8 UI avant les repas`."""
    values = "-".join(digits(one.dose.value or 0) for one in group if one.dose)
    unit = habits.unit("UI", 2)
    habits.rules.add("dash.meals")
    return followed((Piece(f"{values} {unit} avant les repas", "dose", "dash.meals"),), group, split, habits)


def listed(group: tuple[Dosage, ...], split: str, habits: Habits, form_unit: str | None) -> Spoken:
    """`2 cp le matin et 1 cp le soir`; the moment may come first."""
    first = habits.chance.random() < 0.2
    parts: list[Said] = []
    for place_of, one in enumerate(group):
        words, _ = timings.timing(one, habits)
        dose = doses.dose(one.dose, habits) if one.dose else ()
        sides = [words, dose] if first else [dose, words]
        parts.append(under(f"dosage.{place_of}.", joined(sides, " : " if first else " ")))
    between, rule = habits.pick("list.sign", (", ", " et ", " + ", " ; "))
    habits.rules.add(rule)
    if first:
        between = " ; "
    elif between == " et " and len(parts) > 2:
        between = ", "
    said, dosages, templates = shared(group, split, habits)
    return Spoken((*joined(parts, between), *said), dosages, templates=["listed", *templates])


def followed(head: Said, group: tuple[Dosage, ...], split: str, habits: Habits) -> Spoken:
    """What was said in one figure, with the rest that holds for all of it. The figure says every dose and moment."""
    figure = tuple(replace(piece, path="dosage.0.dose") for piece in head)
    said, dosages, templates = shared(group, split, habits)
    return Spoken((*figure, *said), dosages, templates=["figure", *templates])


def shared(group: tuple[Dosage, ...], split: str, habits: Habits) -> tuple[Said, tuple[Dosage, ...], list[str]]:
    """Length, need, limits and place of a group, said once after it."""
    slots, _ = slotted(group[0], habits)
    slots["dose"] = slots["timing"] = slots["verb"] = ()
    order = orders.choose(split, {name for name, words in slots.items() if words} - {"need", "bounds"}, habits.chance)
    rest = orders.laid(order, slots)
    return (plain(" ") if rest else ()) + under("dosage.0.", rest), group, [order.id]
