"""Moments of the day, meals and days of the week (codes of FHIR R4 EventTiming)."""

from __future__ import annotations

MOMENTS = {
    "MORN": "matin|matins|mat|matinee",
    "NOON": "midi|midis",
    "AFT": "apm|apres - midi|apres midi|apres - midis|gouter",
    "EVE": "soir|soirs|soiree",
    "HS": "coucher|heure du coucher",
    "NIGHT": "nuit|nuits",
    "WAKE": "lever|reveil",
}

LETTERS = {"m": "MORN", "mi": "NOON", "s": "EVE", "c": "HS", "n": "HS"}
"""Single letters, read as moments only where at least two of them stand together."""

MEALS = {
    "M": "pdj|ptdej|petit dejeuner|petit - dejeuner|petits dejeuners|petit dej|petit - dej|p dej|pt dej|repas du matin",
    "D": "dejeuner|dejeuners|dej|repas de midi|repas du midi",
    "V": "diner|diners|souper|repas du soir",
    "": "repas|repas principaux|principaux repas|grands repas|collation",
}
"""Suffix of the meal code -> names of the meal."""

MOMENT_OF_MEAL = {"M": "MORN", "D": "NOON", "V": "EVE"}
MEAL_OF_MOMENT = {"MORN": "M", "NOON": "D", "EVE": "V"}

DAYS = {
    "mon": "lundi|lundis|lun",
    "tue": "mardi|mardis|mar",
    "wed": "mercredi|mercredis|mer|merc",
    "thu": "jeudi|jeudis|jeu",
    "fri": "vendredi|vendredis|ven|vend",
    "sat": "samedi|samedis|sam",
    "sun": "dimanche|dimanches|dim",
}
WEEK = tuple(DAYS)
