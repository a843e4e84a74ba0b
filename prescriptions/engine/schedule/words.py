"""The words of the plan in both languages, as tables."""

from __future__ import annotations

COLUMNS = {
    "wake": ("sunrise", "Au lever", "On waking"),
    "morning": ("morning", "Matin", "Morning"),
    "noon": ("noon", "Midi", "Noon"),
    "afternoon": ("afternoon", "Après-midi", "Afternoon"),
    "evening": ("evening", "Soir", "Evening"),
    "bedtime": ("moon", "Coucher", "Bedtime"),
}
"""Part of the day -> (pictogram, French, English)."""
ALWAYS = frozenset({"morning", "noon", "evening", "bedtime"})
"""Parts that are shown also when nothing is taken then: a patient looks for them."""
MOMENTS = {
    "WAKE": ("wake", ""), "MORN": ("morning", ""), "MORN.early": ("morning", ""), "MORN.late": ("morning", ""),
    "NOON": ("noon", ""), "AFT": ("afternoon", ""), "AFT.early": ("afternoon", ""), "AFT.late": ("afternoon", ""),
    "EVE": ("evening", ""), "EVE.early": ("evening", ""), "EVE.late": ("evening", ""), "HS": ("bedtime", ""),
    "PHS": ("bedtime", ""), "NIGHT": ("bedtime", ""),
    "ACM": ("morning", "before"), "CM": ("morning", "with"), "PCM": ("morning", "after"),
    "ACD": ("noon", "before"), "CD": ("noon", "with"), "PCD": ("noon", "after"),
    "ACV": ("evening", "before"), "CV": ("evening", "with"), "PCV": ("evening", "after"),
}  # fmt: skip
"""Moment -> (part of the day, relation to its meal)."""
ANY_MEAL = {"AC": "before", "C": "with", "PC": "after"}
NIGHT = {"NIGHT": ("pendant la nuit", "during the night"), "PHS": ("après le coucher", "after bedtime")}
HOURS = ((5, "bedtime"), (11, "morning"), (14, "noon"), (18, "afternoon"), (21, "evening"), (24, "bedtime"))
"""Until this hour, that part of the day: where a clock time stands on the sheet, beside its hour."""

MEALS = {
    ("before", ""): ("avant le repas", "before the meal"),
    ("with", ""): ("pendant le repas", "with the meal"),
    ("after", ""): ("après le repas", "after the meal"),
    ("before", "morning"): ("avant le petit déjeuner", "before breakfast"),
    ("with", "morning"): ("pendant le petit déjeuner", "with breakfast"),
    ("after", "morning"): ("après le petit déjeuner", "after breakfast"),
    ("before", "noon"): ("avant le déjeuner", "before lunch"),
    ("with", "noon"): ("pendant le déjeuner", "with lunch"),
    ("after", "noon"): ("après le déjeuner", "after lunch"),
    ("before", "evening"): ("avant le dîner", "before dinner"),
    ("with", "evening"): ("pendant le dîner", "with dinner"),
    ("after", "evening"): ("après le dîner", "after dinner"),
}
AT_MEALS = {
    "before": ("avant les repas", "before meals"),
    "with": ("pendant les repas", "with meals"),
    "after": ("après les repas", "after meals"),
}

PICTURES = {
    "comprimé": "tablet", "gélule": "capsule", "capsule": "capsule", "sachet": "sachet", "ampoule": "ampoule",
    "goutte": "drops", "suppositoire": "suppository", "ovule": "suppository", "bouffée": "inhaler",
    "inhalation": "inhaler", "pulvérisation": "spray", "application": "cream", "injection": "injection",
    "seringue": "injection", "stylo": "injection", "UI": "injection", "perfusion": "injection",
    "cuillère à café": "spoon", "cuillère à soupe": "spoon", "cuillère à dessert": "spoon",
    "cuillère-mesure": "spoon", "mesurette": "spoon", "pipette": "spoon", "mL": "spoon", "dose": "spoon",
    "patch": "patch", "emplâtre": "patch", "compresse": "patch", "pastille": "tablet", "granule": "tablet",
    "lyophilisat": "tablet", "gomme": "tablet", "unidose": "drops", "dosette": "drops", "instillation": "drops",
    "nébulisation": "inhaler",
}  # fmt: skip
"""Unit -> pictogram; whatever isn't here has the box of a medicine."""
OF_FORM = {
    "comprimé": "tablet", "gélule": "capsule", "capsule": "capsule", "sachet": "sachet", "collyre": "drops",
    "gouttes": "drops", "sirop": "spoon", "buvable": "spoon", "inject": "injection", "stylo": "injection",
    "seringue": "injection", "inhalation": "inhaler", "nasale": "spray", "patch": "patch", "transdermique": "patch",
    "crème": "cream", "pommade": "cream", "gel": "cream", "suppositoire": "suppository", "ovule": "suppository",
}  # fmt: skip
"""A word of the form -> pictogram, for doses in milligrams."""

UNITS = {
    "comprimé": "tablet", "gélule": "capsule", "capsule": "capsule", "sachet": "sachet", "ampoule": "ampoule",
    "goutte": "drop", "suppositoire": "suppository", "ovule": "pessary", "bouffée": "puff",
    "inhalation": "inhalation", "pulvérisation": "spray", "application": "application", "injection": "injection",
    "seringue": "syringe", "cuillère à café": "teaspoon", "cuillère à soupe": "tablespoon",
    "cuillère à dessert": "dessert spoon", "cuillère-mesure": "measuring spoon", "mesurette": "measuring cup",
    "dosette": "single dose", "pipette": "pipette", "unidose": "single dose", "dose": "dose", "patch": "patch",
    "emplâtre": "plaster", "pastille": "lozenge", "granule": "granule", "lyophilisat": "oral lyophilisate",
    "noisette": "hazelnut-sized amount", "shampooing": "shampoo", "cartouche": "cartridge",
    "pression": "pump", "instillation": "instillation", "lavement": "enema", "lavage": "rinse",
    "bain de bouche": "mouthwash", "gargarisme": "gargle", "massage": "massage",
    "canule": "tube", "gomme": "gum", "film": "film", "stylo": "pen",
    "nébulisation": "nebulisation", "perfusion": "infusion", "poche": "bag", "compresse": "compress",
    "flacon": "bottle", "UI": "IU", "MUI": "million IU", "prise": "dose",
}  # fmt: skip
"""French unit -> English; units of measure are the same."""
PLURALS = {"patch": "patches", "suppository": "suppositories", "pessary": "pessaries", "mouthwash": "mouthwashes",
           "compress": "compresses", "IU": "IU", "million IU": "million IU"}  # fmt: skip
PERIODS = {"s": ("second", "seconds"), "min": ("minute", "minutes"), "h": ("hour", "hours"), "d": ("day", "days"),
           "wk": ("week", "weeks"), "mo": ("month", "months"), "a": ("year", "years")}  # fmt: skip
DAYS = {
    "mon": ("lundi", "Monday"), "tue": ("mardi", "Tuesday"), "wed": ("mercredi", "Wednesday"),
    "thu": ("jeudi", "Thursday"), "fri": ("vendredi", "Friday"), "sat": ("samedi", "Saturday"),
    "sun": ("dimanche", "Sunday"),
}  # fmt: skip
MONTHS = (
    ("janv.", "Jan"), ("févr.", "Feb"), ("mars", "Mar"), ("avr.", "Apr"), ("mai", "May"), ("juin", "Jun"),
    ("juil.", "Jul"), ("août", "Aug"), ("sept.", "Sep"), ("oct.", "Oct"), ("nov.", "Nov"), ("déc.", "Dec"),
)  # fmt: skip

ADVICE_FR = (
    "Ce plan reprend l’ordonnance\u202f; il ne la remplace pas. Un doute, un effet gênant, un oubli\u00a0: demandez à "
    "votre pharmacien ou à votre médecin. N’arrêtez pas un traitement sans avis."
)
ADVICE_EN = (
    "This plan repeats the prescription; it does not replace it. If in doubt, if something bothers you or you missed a "
    "dose, ask your pharmacist or doctor. Do not stop a treatment without advice."
)
HEADINGS = {
    "title": ("Mon plan de prise", "My medicine plan"),
    "medicine": ("Médicament", "Medicine"),
    "length": ("Durée", "For how long"),
    "regular": ("Tous les jours", "Every day"),
    "changing": ("Doses qui changent avec le temps", "Doses that change over time"),
    "certain_days": ("Certains jours seulement", "On certain days only"),
    "needs": ("Seulement si besoin", "Only if needed"),
    "stopped": ("À ne plus prendre", "No longer to be taken"),
    "dose": ("Dose", "Dose"),
    "when": ("Quand", "When"),
    "limits": ("À ne pas dépasser", "Limits"),
    "draft": ("Brouillon\u00a0: à vérifier avant toute utilisation", "Draft: to be checked before any use"),
    "to_check": ("À vérifier", "To be checked"),
    "no_limit": (
        "Aucune limite n’est écrite\u00a0: demandez à votre pharmacien.",
        "No limit is written: ask your pharmacist.",
    ),
    "unclear": ("Dose non lue\u00a0: voir l’ordonnance", "Dose not read: see the prescription"),
    "no_dose": ("dose non écrite", "dose not written"),
    "unshared": (
        "répartition dans la journée non écrite\u00a0: demandez à votre pharmacien",
        "how to share it over the day is not written: ask your pharmacist",
    ),
    "start": ("Début du traitement\u00a0:", "Start of the treatment:"),
    "patient": ("Nom\u00a0:", "Name:"),
    "given": ("Remis le\u00a0:", "Given on:"),
    "advice": (ADVICE_FR, ADVICE_EN),
    "empty": ("Aucun médicament à planifier", "No medicine to plan"),
    "page": ("page", "page"),
}
"""Key -> (French, English)."""
LANGUAGES = ("fr", "en")
