"""A form with every widget, in two languages."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image, ImageDraw

from tests.ecrf.visits import words, yes_no


def outline() -> str:
    """A small outline of a body, to draw on; base64 of a PNG."""
    made = Image.new("RGB", (240, 320), "white")
    pen = ImageDraw.Draw(made)
    pen.ellipse((90, 10, 150, 80), outline="black", width=3)
    pen.rectangle((80, 85, 160, 200), outline="black", width=3)
    pen.line((100, 200, 90, 310), fill="black", width=3)
    pen.line((140, 200, 150, 310), fill="black", width=3)
    content = io.BytesIO()
    made.save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


def choices(*labels: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"code": str(at), "label": words(*label)} for at, label in enumerate(labels, start=1)]


AGREE = choices(
    ("Pas du tout", "Not at all"),
    ("Plutôt pas", "Rather not"),
    ("Ni l’un ni l’autre", "Neither"),
    ("Plutôt", "Rather"),
    ("Tout à fait", "Entirely"),
)
SIGNS = choices(("Fièvre", "Fever"), ("Toux", "Cough"), ("Dyspnée", "Dyspnoea"), ("Douleur", "Pain"))
NONE = {"code": "0", "label": words("Aucun", "None"), "exclusive": True}
RANKS = choices(("1er", "1st"), ("2e", "2nd"), ("3e", "3rd"))
PLACES = [{"code": f"c{at:05d}", "label": words(f"Commune {at}", f"Place {at}")} for at in range(7998)]
PLACES += [{"code": "quimper", "label": words("Quimper", "Quimper")}, {"code": "evry", "label": words("Évry", "Évry")}]


def item(key: str, kind: str, french: str, english: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "type": kind, "label": words(french, english), **more}


FORM: dict[str, Any] = {
    "format": 1,
    "title": words("Tous les champs", "Every widget"),
    "languages": ["fr", "en"],
    "files": {"body.png": {"type": "image/png", "data": outline()}},
    "lists": {"places": PLACES},
    "pages": [
        {
            "key": "fields",
            "title": words("Champs", "Fields"),
            "groups": [
                {
                    "title": words("Textes et nombres", "Texts and numbers"),
                    "columns": 2,
                    "items": [
                        item("initials", "text", "Initiales", "Initials", max_length=4),
                        item("code", "text", "Code secret", "Secret code", look="pin", max_length=4),
                        item("story", "text", "Histoire", "Story", look="lines", rows=5),
                        item("weight", "decimal", "Poids", "Weight", unit="kg", decimals=1),
                        item(
                            "pain",
                            "integer",
                            "Douleur",
                            "Pain",
                            look="slider",
                            min=["number", "0"],
                            max=["number", "10"],
                            ticks=[
                                {"at": "0", "label": words("aucune", "none")},
                                {"at": "5"},
                                {"at": "10", "label": words("la pire", "the worst")},
                            ],
                        ),
                        item(
                            "mood",
                            "integer",
                            "Humeur",
                            "Mood",
                            look="vas",
                            min=["number", "0"],
                            max=["number", "100"],
                            ends=[words("au plus mal", "at its worst"), words("au mieux", "at its best")],
                        ),
                    ],
                },
                {
                    "title": words("Dates", "Dates"),
                    "columns": 2,
                    "items": [
                        item("since", "partial_date", "Malade depuis", "Ill since"),
                        item("at", "time", "Heure du prélèvement", "Time of the sample", seconds=True),
                    ],
                },
                {
                    "title": words("Choix", "Choices"),
                    "items": [
                        yes_no("agreed", words("A donné son accord", "Has agreed"), untoggle=False),
                        item("stage", "choice", "Stade", "Stage", look="buttons", choices=RANKS),
                        item(
                            "view",
                            "choice",
                            "Le traitement m’aide",
                            "The treatment helps",
                            look="likert",
                            choices=AGREE,
                        ),
                        item("signs", "choices", "Signes", "Signs", columns=2, choices=[*SIGNS, NONE]),
                        item("quick", "choices", "Signes du jour", "Signs today", look="buttons", choices=SIGNS),
                        item("home", "choice", "Commune", "Place", look="search", list="places"),
                    ],
                },
                {
                    "title": words("Classez ces soucis", "Put these worries in order"),
                    "matrix": "worries",
                    "ranked": True,
                    "items": [
                        item("sleep", "choice", "Sommeil", "Sleep", choices=RANKS),
                        item("work", "choice", "Travail", "Work", choices=RANKS),
                        item("money", "choice", "Argent", "Money", choices=RANKS),
                    ],
                },
                {
                    "title": words("Fichiers", "Files"),
                    "items": [
                        item("photo", "file", "Photo", "Photo", look="image"),
                        item(
                            "body",
                            "file",
                            "Où avez-vous mal ?",
                            "Where does it hurt?",
                            look="annotation",
                            image="body.png",
                        ),
                        item("clock", "file", "Dessinez une horloge", "Draw a clock", look="drawing"),
                        item("consent", "file", "Signature", "Signature", look="signature"),
                    ],
                },
            ],
        }
    ],
}
