"""A reading said again in French, as a pharmacist would write it; what is said here is read back as the same value."""

from __future__ import annotations

from prescriptions.engine.schema import Dispense, Dosage, Medication, Quantity, Strength, Substitution, Timing
from prescriptions.engine.words.units import TAKEN

SHARES = {0.25: "1/4", 0.5: "1/2", 0.75: "3/4", 0.333333: "1/3", 0.666667: "2/3"}
PERIODS = {"min": ("minute", "minutes"), "h": ("heure", "heures"), "d": ("jour", "jours"), "wk": ("semaine",
    "semaines"),
           "mo": ("mois", "mois"), "a": ("an", "ans")}  # fmt: skip
WHEN = {"MORN": "le matin", "NOON": "à midi", "AFT": "l'après-midi", "EVE": "le soir", "HS": "au coucher",
        "NIGHT": "la nuit", "WAKE": "au lever"}  # fmt: skip
SHORT = {"MORN": "matin", "NOON": "midi", "EVE": "soir"}
MEALS = {"M": "petit déjeuner", "D": "déjeuner", "V": "dîner", "": "repas"}
BESIDE = {"AC": "avant", "C": "pendant", "PC": "après"}
DAYS = {"mon": "lundi", "tue": "mardi", "wed": "mercredi", "thu": "jeudi", "fri": "vendredi", "sat": "samedi",
        "sun": "dimanche"}  # fmt: skip
UNCHANGED = frozenset({"injection"})


def number(value: float) -> str:
    """1.5 is « 1 1/2 », 0.25 « 1/4 », 2.3 « 2,3 »."""
    whole, rest = int(value), round(value - int(value), 6)
    if rest in SHARES:
        return f"{whole} {SHARES[rest]}" if whole else SHARES[rest]
    return plain_number(value)


def plain_number(value: float) -> str:
    return f"{round(value, 6):.6f}".rstrip("0").rstrip(".").replace(".", ",")


def unit(name: str, count: float) -> str:
    """The unit in the plural from two on, as French counts."""
    if name not in TAKEN or count < 2:
        return name
    head, *rest = name.split(" ")
    if head.endswith("-mesure"):
        return "cuillères-mesure"
    return " ".join([head if head.endswith(("s", "x", "h")) else f"{head}s", *rest])


def amount(quantity: Quantity | None) -> str:
    """`1 comprimé`, `2 à 3 bouffées`, `500 mg`, `1 dose de 12 kg`."""
    if quantity is None:
        return ""
    shown = number if quantity.unit is None or quantity.unit in TAKEN else plain_number
    if quantity.value is not None:
        text, most = shown(quantity.value), quantity.value
    else:
        low, most = quantity.low or 0.0, quantity.high or 0.0
        text = f"{shown(low)} à {shown(most)}"
    if quantity.unit:
        text = f"{text} {unit(quantity.unit, most)}"
    return f"{text} de {plain_number(quantity.weight_kg)} kg" if quantity.weight_kg else text


def length(quantity: Quantity | None) -> str:
    """`7 jours`, `5 à 7 jours`, `3 jours maximum`."""
    if quantity is None or quantity.unit is None:
        return ""
    if quantity.value is not None:
        return f"{plain_number(quantity.value)} {period(quantity.unit, quantity.value)}"
    high = quantity.high or 0.0
    if quantity.low is None:
        return f"{plain_number(high)} {period(quantity.unit, high)} maximum"
    return f"{plain_number(quantity.low)} à {plain_number(high)} {period(quantity.unit, high)}"


def period(name: str, count: float) -> str:
    return PERIODS[name][count >= 2]


def strengths(found: tuple[Strength, ...]) -> str:
    """`1 g/125 mg`, `4000 UI/0,4 mL`, `50`."""
    return "/".join(
        plain_number(one.value) + (f" {one.unit}" if one.unit else "") + (_per(one.per) if one.per else "")
        for one in found
    )


def _per(per: Quantity) -> str:
    value = "" if per.value in (None, 1) else f"{plain_number(per.value or 1.0)} "
    return f"/{value}{per.unit}"


def rhythm(timing: Timing | None) -> str:
    """How often and when, without the duration: `3 fois par jour, avant les repas`."""
    if timing is None:
        return ""
    parts = [_frequency(timing), _moments(timing), _clock(timing), _days(timing), _cycle(timing)]
    if timing.count:
        parts.append("en dose unique")
    if timing.duration and timing.duration_unit:
        said = "à laisser" if timing.duration_unit == "h" else "en"
        parts.append(f"{said} {plain_number(timing.duration)} {period(timing.duration_unit, timing.duration)}")
    return ", ".join(part for part in parts if part)


def _frequency(timing: Timing) -> str:
    if not timing.frequency or not timing.period or not timing.period_unit:
        return ""
    many = timing.period != 1 or timing.period_max is not None
    female = timing.period_unit in ("h", "min", "wk")
    if timing.frequency == 1 and timing.frequency_max is None and (many or (female and timing.period_unit != "wk")):
        every = "toutes les" if female else "tous les"
        span = plain_number(timing.period)
        if timing.period_max:
            span += f" à {plain_number(timing.period_max)}"
        return f"{every} {span} {period(timing.period_unit, 2)}"
    times = plain_number(timing.frequency)
    if timing.frequency_max:
        times += f" à {plain_number(timing.frequency_max)}"
    if many:
        every = "toutes les" if female else "tous les"
        return f"{times} fois {every} {plain_number(timing.period)} {period(timing.period_unit, 2)}"
    return f"{times} fois par {period(timing.period_unit, 1)}"


def _moments(timing: Timing) -> str:
    codes = list(timing.when)
    if len(codes) > 1 and all(code in SHORT for code in codes):
        names = [SHORT[code] for code in codes]
        return ", ".join(names[:-1]) + f" et {names[-1]}"
    if len(codes) > 1 and len({code[:-1] for code in codes}) == 1 and all(code[:-1] in BESIDE for code in codes):
        meals = [f"le {MEALS[code[-1]]}" for code in codes]
        apart = f"{timing.offset} min " if timing.offset else ""
        if codes[0][:-1] == "C":
            meals = [f"au {MEALS[code[-1]]}" for code in codes]
            return ", ".join(meals[:-1]) + f" et {meals[-1]}"
        return f"{apart}{BESIDE[codes[0][:-1]]} " + ", ".join(meals[:-1]) + f" et {meals[-1]}"
    said = [_moment(code, timing.offset) for code in codes]
    return said[0] if len(said) == 1 else ", ".join(said[:-1]) + f" et {said[-1]}" if said else ""


def _moment(code: str, offset: int | None) -> str:
    if code in WHEN:
        return WHEN[code]
    relation = code if code in BESIDE else code[:-1]
    meal = "" if code in BESIDE else code[-1]
    apart = f"{offset} min " if offset and relation != "C" else ""
    if relation == "C" and meal:
        return f"au {MEALS[meal]}"
    article = "les" if not meal else "le"
    return f"{apart}{BESIDE[relation]} {article} {MEALS[meal]}"


def _clock(timing: Timing) -> str:
    hours = [f"{int(time[:2])} h" + (f" {time[3:5]}" if time[3:5] != "00" else "") for time in timing.time_of_day]
    return "à " + (hours[0] if len(hours) == 1 else ", ".join(hours[:-1]) + f" et {hours[-1]}") if hours else ""


def _days(timing: Timing) -> str:
    names = [DAYS[day] for day in timing.day_of_week]
    return "le " + ", le ".join(names) if names else ""


def _cycle(timing: Timing) -> str:
    said = []
    if cycle := timing.cycle:
        on = plain_number(cycle.on)
        if cycle.on_unit == cycle.every_unit:
            said.append(f"{on} {period(cycle.on_unit, 2)} sur {plain_number(cycle.every)}")
        elif cycle.every == 1:
            said.append(f"{on} {period(cycle.on_unit, cycle.on)} par {period(cycle.every_unit, 1)}")
    if timing.cycle_days:
        said.append(", ".join(f"J{day}" for day in timing.cycle_days))
    return ", ".join(said)


def need(dosage: Dosage) -> str:
    if not dosage.as_needed:
        return ""
    return f"si {dosage.as_needed_for}" if dosage.as_needed_for else "si besoin"


def limits(dosage: Dosage) -> str:
    """`maximum 4 g par jour, maximum 1 g par prise, espacer les prises de 6 heures`."""
    said = []
    if most := dosage.max_dose_per_period:
        counted = amount(Quantity(value=most.value, unit=most.unit))
        within = f"par {period(most.period_unit, 1)}" if most.period == 1 else f"en {plain_number(most.period)} heures"
        said.append(f"maximum {counted} {within}")
    if dosage.max_dose_per_administration:
        said.append(f"maximum {amount(dosage.max_dose_per_administration)} par prise")
    if dosage.min_interval:
        said.append(f"espacer les prises de {length(dosage.min_interval)}")
    return ", ".join(said)


def rate(dosage: Dosage) -> str:
    if dosage.rate is None:
        return ""
    per = "" if dosage.rate.per == 1 else f"{plain_number(dosage.rate.per)} "
    return f"{plain_number(dosage.rate.value)} {dosage.rate.unit}/{per}{dosage.rate.per_unit}"


def route(dosage: Dosage) -> str:
    return ", ".join(
        part for part in (f"voie {dosage.route}" if dosage.route else "", dosage.method, dosage.site) if part
    )


def supply(dispense: Dispense | None, substitution: Substitution | None, ald: bool) -> str:
    """What the pharmacist is told: `QSP 28 jours, à renouveler 5 fois, non substituable (MTE), ALD`."""
    said = []
    if dispense:
        if dispense.quantity:
            count = dispense.quantity.value or 0
            name = dispense.quantity.unit or ""
            plural = (
                unit(name, count)
                if name in TAKEN
                else f"{name}s"
                if count >= 2 and not name.endswith(("s", "x"))
                else name
            )
            said.append(f"quantité : {plain_number(count)} {plural}")
        if dispense.qsp:
            said.append(f"QSP {length(dispense.qsp)}")
        if dispense.repeats is not None:
            said.append(f"à renouveler {dispense.repeats} fois")
        elif dispense.renew_for:
            said.append(f"à renouveler pendant {length(dispense.renew_for)}")
        elif dispense.renewable is not None:
            said.append("à renouveler" if dispense.renewable else "non renouvelable")
    if substitution and not substitution.allowed:
        said.append("non substituable" + (f" ({substitution.reason})" if substitution.reason else ""))
    if ald:
        said.append("ALD")
    return ", ".join(said)


def posology(medication: Medication) -> str:
    """The whole posology in one sentence, steps joined by « puis »."""
    steps: dict[int, list[str]] = {}
    for one in medication.dosage:
        bounds = length(one.timing.bounds if one.timing else None)
        parts = [
            " ".join(part for part in (amount(one.dose) or rate(one), rhythm(one.timing)) if part),
            f"pendant {bounds}" if bounds else "", need(one), limits(one), route(one), *one.additional,
        ]  # fmt: skip
        steps.setdefault(one.sequence, []).append(", ".join(part for part in parts if part))
    return ", puis ".join(" ; ".join(said) for _, said in sorted(steps.items()))
