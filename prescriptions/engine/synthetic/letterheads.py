"""What stands above and below the medicines, in the templates of the three places that ordonnances come from."""

from __future__ import annotations

import datetime as dt
import random
import re
from dataclasses import dataclass

from prescriptions.engine.synthetic.people import HOMES, HOSPITALS, Person, Prescriber
from prescriptions.engine.synthetic.saying.pieces import Piece, Said

MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
          "décembre")  # fmt: skip
PATHS = {
    "first": "prescriber.name", "last": "prescriber.name", "rpps": "prescriber.rpps", "finess": "prescriber.finess",
    "phone": "prescriber.phone", "P_first": "patient.name", "P_last": "patient.name", "born": "patient.born",
    "nir": "patient.nir", "age": "patient.age", "street": "prescriber.street", "town": "prescriber.town",
    "place": "prescriber.city", "hospital": "prescriber.place", "home": "prescriber.place",
    "kg": "document.patientWeightKg", "date": "document.date", "written": "document.date",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Template:
    """Rows between bars, with slots in braces."""

    id: str
    split: str
    place: str
    rows: str


LETTERHEADS = (
    Template(
        "t01", "train", "practice", "Docteur {first} {last}|{specialty}|{street}, {town}|Tél. {phone}|RPPS {rpps}"
    ),
    Template(
        "t02", "train", "practice", "Dr {last} {first}|{specialty}|{street}|{town}|Tél : {phone}|N° RPPS : {rpps}"
    ),
    Template(
        "t03",
        "train",
        "practice",
        "CABINET MEDICAL|Dr {first} {last} - {specialty}|{street}, {town}|Téléphone : {phone}|"
        "FINESS {finess} - RPPS {rpps}",
    ),
    Template(
        "t04",
        "train",
        "practice",
        "Docteur {last}|{specialty} - Conventionné secteur 1|{town}|Tél. {phone}|Identification : {rpps}",
    ),
    Template(
        "t05",
        "dev",
        "practice",
        "{specialty}|Dr {first} {last}|RPPS : {rpps} - FINESS : {finess}|{street} {town}|Tel {phone}",
    ),
    Template("t06", "test", "practice", "Dr {last}, {specialty}|RPPS {rpps}|{street} - {town} - Tél. {phone}"),
    Template(
        "t07",
        "train",
        "hospital",
        "{hospital}|Service de {specialty}|FINESS {finess}|Dr {first} {last} - RPPS {rpps}|Tél. {phone}",
    ),
    Template(
        "t08",
        "train",
        "hospital",
        "{hospital}|Pôle médecine - {specialty}|{street}, {town}|Tél. secrétariat : "
        "{phone}|Docteur {last} {first} RPPS {rpps}",
    ),
    Template(
        "t09", "dev", "hospital", "{hospital} - {specialty}|Dr {last} - RPPS {rpps} - FINESS {finess}|Tél : {phone}"
    ),
    Template(
        "t10",
        "test",
        "hospital",
        "Service de {specialty}|{hospital}|{town} - Tél. {phone}|Prescripteur : Dr {first} {last}, RPPS {rpps}",
    ),
    Template("t11", "train", "home", "{home}|{street}, {town}|{specialty} : Dr {last} - RPPS {rpps}|Tél. {phone}"),
    Template("t12", "dev", "home", "{home} - {town}|Dr {first} {last}, {specialty}|RPPS {rpps}"),
    Template("t13", "test", "home", "Dr {last} ({specialty}) RPPS {rpps}|pour {home}, FINESS {finess}|Tél. {phone}"),
)
PATIENTS = (
    "{title} {P_last} {P_first}, né{e} le {born}",
    "{title} {P_first} {P_last} - né{e} le {born}",
    "Patient{e} : {P_last} {P_first}   DDN {born}",
    "{title} {P_last} {P_first}, {age}",
    "Nom : {P_last} Prénom : {P_first} - né{e} le {born}|NIR {nir}",
)
WEIGHTS = (" - Poids : {kg} kg", "   Poids : {kg} kg", ", {kg} kg", " - poids {kg} kg")
DATES = ("{place}, le {date}", "Le {date}", "Date : {date}", "{place}, le {written}", "Le {written}")
RUN_ON = "Ordonnance du {date} pour {title} {P_last} {P_first} : "
FEET = ("Dr {last}", "Dr {first} {last}", "Signature", "")


def values(
    prescriber: Prescriber, patient: Person, specialty: str, date: dt.date, chance: random.Random
) -> dict[str, str]:
    """What the slots are filled with."""
    age = f"{patient.age} ans" if patient.age >= 2 else f"{max(1, patient.age * 12 + 6)} mois"
    title = ("Mme" if patient.female else "M.") if patient.age >= 15 else "Enfant"
    return {
        "first": prescriber.first_name, "last": prescriber.surname, "rpps": prescriber.rpps,
        "finess": prescriber.finess, "phone": prescriber.phone, "street": prescriber.street, "town": prescriber.town,
        "specialty": specialty, "hospital": chance.choice(HOSPITALS), "home": chance.choice(HOMES),
        "P_first": patient.first_name, "P_last": patient.surname, "title": title, "e": "e" if patient.female else "",
        "born": f"{patient.born:%d/%m/%Y}", "age": age, "nir": patient.nir, "kg": f"{patient.weight_kg:.0f}",
        "date": f"{date:%d/%m/%Y}", "place": prescriber.town.split(" ", 1)[1].title(),
        "written": f"{'1er' if date.day == 1 else date.day} {MONTHS[date.month - 1]} {date.year}",
    }  # fmt: skip


def filled(pattern: str, values: dict[str, str], rule: str) -> list[Said]:
    """The rows of a template, each slot a piece that says what it names."""
    return [
        tuple(
            Piece(values[part[1:-1]], PATHS.get(part[1:-1], ""), rule) if part.startswith("{") else Piece(part)
            for part in re.split(r"(\{\w+\})", row)
            if part
        )
        for row in pattern.split("|")
    ]


def letterhead(split: str, place: str, chance: random.Random) -> Template:
    return chance.choice([one for one in LETTERHEADS if one.split == split and one.place == place])


def wordings() -> tuple[str, ...]:
    """Every pattern."""
    return (*(one.rows for one in LETTERHEADS), *PATIENTS, *WEIGHTS, *DATES, *FEET, RUN_ON)
