"""A closed list of people who don't exist, and drawn patients and prescribers; written for this project."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from prescriptions.engine.synthetic import identifiers
from prescriptions.engine.synthetic.drawing import Patient

SURNAMES = (
    "FICTIF", "EXEMPLE", "MODELE", "SPECIMEN", "PARADIGME", "GABARIT", "PROTOTYPE", "MAQUETTE", "CANEVAS", "ESQUISSE",
    "BROUILLON", "ECHANTILLON", "INVENTE", "IMAGINAIRE", "SUPPOSE", "CHIMERE", "FABLE", "MIRAGE", "ROMANESQUE",
    "PERSONNAGE", "ANONYME", "QUIDAM", "LAMBDA", "TARTEMPION", "DUFICTIF", "SIMULACRE", "APOCRYPHE", "LEGENDAIRE",
    "ARCHETYPE", "POSTICHE", "FACTICE", "DECALQUE", "FICTIVON", "ALIAS", "PSEUDONYME", "AVATAR", "TRUCMUCHE",
    "BIDULE", "MACHIN", "CHOSE-MODELE",
)  # fmt: skip
FEMALE = ("Odile", "Armelle", "Jeanne", "Yvette", "Simone", "Chantal", "Nadia", "Fatou", "Inès", "Camille", "Léonie",
          "Solange", "Mireille", "Aïcha", "Zoé", "Rose")  # fmt: skip
MALE = ("Loïc", "Yves", "Marcel", "Bruno", "Karim", "Antoine", "Raymond", "Étienne", "Mamadou", "Gaël", "Noé",
        "Lucien", "Firmin", "Aurèle", "Sacha", "Tom")  # fmt: skip
STREETS = ("rue des Exemples", "place du Modèle", "avenue du Spécimen", "impasse Fictive", "boulevard Imaginaire",
           "chemin du Gabarit", "allée des Maquettes")  # fmt: skip
TOWNS = ("99100 VILLE-FICTIVE", "99200 EXEMPLE-SUR-MER", "99350 SAINT-MODELE", "99420 LE GABARIT",
         "99700 MAQUETTE-LES-BAINS")  # fmt: skip
HOSPITALS = ("CENTRE HOSPITALIER IMAGINAIRE", "CENTRE HOSPITALIER DE VILLE-FICTIVE", "CLINIQUE DU SPECIMEN",
             "HOPITAL UNIVERSITAIRE FICTIF")  # fmt: skip
HOMES = ("EHPAD Les Exemples", "EHPAD Résidence du Modèle", "EHPAD Le Gabarit")
PHARMACIES = ("Pharmacie Imaginaire", "Pharmacie du Spécimen", "Pharmacie des Exemples")
AGES = {"paediatrics": (0, 11), "general": (16, 88), "care-home": (78, 101), "palliative": (45, 95),
        "cardiology": (45, 90), "diabetes": (30, 85), "narcotics": (25, 85), "ophthalmology": (30, 88),
        "dermatology": (12, 80), "discharge": (35, 92)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A patient who doesn't exist."""

    surname: str
    first_name: str
    female: bool
    born: dt.date
    age: int
    weight_kg: float
    nir: str

    @property
    def patient(self) -> Patient:
        return Patient(age=self.age, weight_kg=self.weight_kg)


@dataclass(frozen=True, slots=True)
class Prescriber:
    """A physician who doesn't exist."""

    surname: str
    first_name: str
    female: bool
    rpps: str
    finess: str
    phone: str
    street: str
    town: str


def weight(age: int, chance: random.Random) -> float:
    """Kilograms: for children about the rule of 2 x age + 8 (to 10 years), for adults about 70."""
    if age < 1:
        return float(chance.randint(4, 9))
    if age <= 11:
        return float(max(8, round(2 * age + 8 + chance.gauss(0, 1.5))))
    return float(min(120, max(40, round(chance.gauss(70, 13)))))


def person(profile: str, today: dt.date, chance: random.Random) -> Person:
    """A patient of the profile's ages on that day."""
    low, high = AGES[profile]
    age = chance.randint(low, high)
    born = today - dt.timedelta(days=round(age * 365.25) + chance.randint(10, 360))
    female = chance.random() < 0.5
    return Person(
        surname=chance.choice(SURNAMES), first_name=chance.choice(FEMALE if female else MALE), female=female,
        born=born, age=age, weight_kg=weight(age, chance), nir=identifiers.nir(female, (born.year, born.month), chance),
    )  # fmt: skip


def prescriber(chance: random.Random) -> Prescriber:
    female = chance.random() < 0.5
    return Prescriber(
        surname=chance.choice(SURNAMES), first_name=chance.choice(FEMALE if female else MALE), female=female,
        rpps=identifiers.rpps(chance), finess=identifiers.finess(chance), phone=identifiers.phone(chance),
        street=f"{chance.randint(1, 99)} {chance.choice(STREETS)}", town=chance.choice(TOWNS),
    )  # fmt: skip
