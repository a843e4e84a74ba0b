"""Cases of our own, in a notation that a prescriber could check: text, then what it says.

A step is `dose unit` and marks: `@MORN,08:00` moments and hours, `f3/1d` three times in a day, `f1/4-6h`, `#mon,fri`
days, `b7d` bounds, `b<7d` at most, `n1` count, `o30` minutes from a meal, `dur30min`, `cyc21d/28d`, `cd1,8` days of a
cycle, `prn=reason`, `max4g/1d`, `maxa1g` at a time, `gap4h`, `rate2mg/1h`, `r=` route, `s=` site, `m=` method, `w12` a
syringe's mark, `+words` kept as text. `;` parts what is simultaneous, `>>` what follows; before `::` stand name,
strengths, form, ATC and dispensing. `~` compares the daily dose only, `?` a line whose posology is open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
DATA = Path(__file__).parent / "data"
NUMBER = r"\d+(?:\.\d+)?"
UNIT = r"[^\W\d_]+(?:[^\s\d/]*)"


def number(text: str) -> float:
    value = float(text)
    return int(value) if value == int(value) else value


def amount(text: str) -> Json:
    if text[0] == "<":
        return {"high": number(text[1:])}
    low, _, high = text.partition("-")
    return {"low": number(low), "high": number(high)} if high else {"value": number(low)}


def sized(text: str) -> Json:
    """`7d`, `5-7d`, `0.4mL`: a quantity with its unit."""
    found = re.fullmatch(rf"(<?{NUMBER}(?:-{NUMBER})?)(.*)", text)
    assert found, text
    return {**amount(found[1]), "unit": found[2] or None}


def _frequency(text: str) -> Json:
    found = re.fullmatch(rf"({NUMBER})(?:-({NUMBER}))?/({NUMBER})(?:-({NUMBER}))?(\w+)", text)
    assert found, text
    keys = ("frequency", "frequencyMax", "period", "periodMax")
    values = {key: number(value) for key, value in zip(keys, found.groups()[:4], strict=True) if value}
    return {**values, "periodUnit": found[5]}


def _ratio(text: str, period: str, unit: str) -> Json:
    over, _, under = text.partition("/")
    size, time = sized(over), sized(under)
    return {"value": size["value"], "unit": size["unit"], period: time["value"], unit: time["unit"]}


def step(text: str, sequence: int) -> Json:
    """One dosage of the schema."""
    found: Json = {"sequence": sequence}
    timing: Json = {}
    words = text.split()
    if len(words) > 1 and re.fullmatch(rf"{NUMBER}(?:-{NUMBER})?", words[0]):
        found["dose"] = {**amount(words[0]), "unit": None if words[1] == "-" else words[1].replace("_", " ")}
        words = words[2:]
    for word in words:
        _mark(word, found, timing)
    return {**found, "timing": timing} if timing else found


def _mark(word: str, found: Json, timing: Json) -> None:
    said = word.replace("_", " ")
    if word[0] == "@":
        for place in word[1:].split(","):
            timing.setdefault("timeOfDay" if place[0].isdigit() else "when", []).append(place)
    elif word[0] == "#":
        timing["dayOfWeek"] = word[1:].split(",")
    elif word[0] == "+":
        found.setdefault("additional", []).append(said[1:])
    elif word[:3] == "prn":
        found["asNeeded"] = True
        found.update({"asNeededFor": said[4:]} if said[4:] else {})
    elif word[:4] == "maxa":
        found["maxDosePerAdministration"] = sized(word[4:])
    elif word[:3] == "max":
        found["maxDosePerPeriod"] = _ratio(word[3:], "period", "periodUnit")
    elif word[:4] == "rate":
        found["rate"] = _ratio(word[4:], "per", "perUnit")
    elif word[:3] == "gap":
        found["minInterval"] = sized(word[3:])
    elif word[:3] == "dur":
        wear = sized(word[3:])
        timing.update(duration=wear["value"], durationUnit=wear["unit"])
    elif word[:3] == "cyc":
        on, every = map(sized, word[3:].split("/"))
        timing["cycle"] = {"on": on["value"], "onUnit": on["unit"], "every": every["value"], "everyUnit": every["unit"]}
    elif word[:2] == "cd":
        timing["cycleDays"] = [int(day) for day in word[2:].split(",")]
    elif word[:2] in ("r=", "s=", "m="):
        found[{"r": "route", "s": "site", "m": "method"}[word[0]]] = said[2:]
    elif word[0] == "w":
        found["dose"]["weightKg"] = number(word[1:])
    elif word[0] == "f":
        timing.update(_frequency(word[1:]))
    elif word[0] == "b":
        timing["bounds"] = sized(word[1:])
    elif word[0] == "n":
        timing["count"] = int(word[1:])
    elif word[0] == "o":
        timing["offset"] = int(word[1:])
    else:
        raise ValueError(f"{word} is no mark of the notation")


def _strength(text: str) -> Json:
    size, _, per = text.partition("/")
    return {**sized(size.rstrip("?")), **({"per": sized(per)} if per else {})}


def _dispensed(text: str) -> Json:
    found: Json = {}
    dispense: Json = {}
    for mark in filter(None, text.split(",")):
        name, _, value = mark.partition("=")
        if name == "ald":
            found["ald"] = True
        elif name[:2] == "ns":
            found["substitution"] = {"allowed": False, **({"reason": name[3:]} if name[3:] else {})}
        elif name in ("ar", "nr"):
            dispense["renewable"] = name == "ar"
        elif name == "for":
            dispense.update(renewFor=sized(value), renewable=True)
        elif name == "rep":
            dispense.update(repeats=int(value), renewable=True)
        else:
            dispense[{"qsp": "qsp", "qty": "quantity"}[name]] = sized(value)
    return {**found, **({"dispense": dispense} if dispense else {})}


def medication(text: str) -> Json:
    """The expected medication of a line of the notation."""
    head, _, body = text.rpartition("::")
    body = body.strip()
    found: Json = {"scoring": "daily" if body[:1] == "~" else "full"}
    steps = body.lstrip("~ ").split(" >> ")
    found["dosage"] = [step(one, place) for place, many in enumerate(steps, 1) for one in many.split(" ; ")]
    if head:
        name, strengths, form, codes, *rest = [*(part.strip() for part in head.split("|")), "", ""]
        found["name"] = name
        found["open_strength"] = strengths == "*"
        sizes = [] if strengths == "*" else [one for one in strengths.split("+") if one]
        found["strength"] = [_strength(one) for one in sizes]
        found["accept_strength_without_unit"] = "?" in strengths
        found.update({"form": form} if form else {})
        if codes:
            found["atc"], *found["accept_atc"] = codes.split("/")
        found.update(_dispensed(rest[0]))
    return found


def lines(name: str = "own_lines.txt") -> Iterator[Json]:
    """Single lines; every second one is held out, by its place in the file."""
    category = ""
    for text in (DATA / name).read_text(encoding="utf-8").splitlines():
        if text.startswith("# "):
            category = text[2:]
        elif text:
            written, meant = text.split(" => ")
            yield {"category": category, "text": written, "expected": medication(meant)}


def prescriptions(name: str = "own_prescriptions.txt") -> Iterator[Json]:
    """Whole prescriptions: their text, what the head says, the medicines in order, what is stopped."""
    for block in (DATA / name).read_text(encoding="utf-8").split("===== ")[1:]:
        first, _, rest = block.partition("\n")
        text, _, meant = rest.partition("-----\n")
        expected: Json = {"document": {}, "medications": [], "stopped": [], "open": []}
        for line in filter(None, meant.splitlines()):
            name, _, value = line.partition(" ")
            if line[0] == "?":
                expected["open"].append(line[1:])
            elif name == "date":
                expected["document"]["date"] = value
            elif name == "weight":
                expected["document"]["patientWeightKg"] = number(value)
            elif name == "birth":
                expected["document"]["patientBirthDate"] = value
            elif name == "dispense":
                expected["document"].update(_dispensed(value))
            elif name == "stopped":
                expected["stopped"] = value.split(",")
            else:
                expected["medications"].append(medication(line))
        yield {"category": first, "text": text, "expected": expected}
