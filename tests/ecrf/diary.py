"""A form whose second page participants fill in themselves, in three languages, beside what only the team sees."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf.models import Form, Invitation, Questionnaire, Subject
from ecrf.services import participants
from tests.ecrf.visits import publish, var


def words(french: str, english: str, arabic: str) -> dict[str, str]:
    return {"fr": french, "en": english, "ar": arabic}


SECRET = "Suspicion de rechute"
DIARY: dict[str, Any] = {
    "format": 1,
    "title": words("Étude de la rechute", "Study of relapse", "دراسة"),
    "languages": ["fr", "en", "ar"],
    "pages": [
        {
            "key": "team",
            "title": words(SECRET, "Suspected relapse", "سري"),
            "groups": [
                {
                    "items": [
                        {
                            "key": "baseline",
                            "type": "decimal",
                            "label": words("Poids initial", "First weight", "الوزن"),
                        },
                        {"key": "suspect", "type": "integer", "label": words("Suspicion", "Suspicion", "شك")},
                    ]
                }
            ],
        },
        {
            "key": "diary",
            "title": words("Votre journée", "Your day", "يومك"),
            "groups": [
                {
                    "items": [
                        {
                            "key": "pain",
                            "type": "integer",
                            "label": words("Votre douleur, de 0 à 10", "Your pain, from 0 to 10", "ألمك، من 0 إلى 10"),
                            "required": True,
                            "min": ["number", "0"],
                            "max": ["number", "10"],
                            "range": "block",
                        },
                        {
                            "key": "sleep",
                            "type": "choice",
                            "label": words("Avez-vous bien dormi ?", "Did you sleep well?", "هل نمت جيدًا؟"),
                            "choices": [
                                {"code": "1", "label": words("Oui", "Yes", "نعم")},
                                {"code": "0", "label": words("Non", "No", "لا")},
                            ],
                        },
                        {
                            "key": "why",
                            "type": "text",
                            "look": "lines",
                            "label": words("Pourquoi ?", "Why?", "لماذا؟"),
                            "visible_if": ["same", var("sleep"), ["text", "0"]],
                        },
                        {"key": "weight", "type": "decimal", "unit": "kg", "label": words("Poids", "Weight", "وزنك")},
                        {
                            "key": "lost",
                            "type": "decimal",
                            "unit": "kg",
                            "label": words("Perdus depuis le début", "Lost since the start", "فقدت"),
                            "calc": ["-", var("baseline"), var("weight")],
                        },
                        {
                            "key": "more",
                            "type": "text",
                            "label": words("Que s’est-il passé ?", "What happened?", "ماذا حدث؟"),
                            "visible_if": [">", var("suspect"), ["number", "3"]],
                        },
                        {
                            "key": "coded",
                            "type": "text",
                            "hidden": True,
                            "label": words("Codage interne", "Internal coding", "داخلي"),
                        },
                    ]
                }
            ],
        },
    ],
}


def questionnaire(world: World, form: Form | None = None, **values: Any) -> Questionnaire:
    """The diary as a questionnaire, by the manager."""
    given = {
        "name": "Journal",
        "pages": ["diary"],
        "texts": {
            "title": words("Votre journal", "Your diary", "مذكراتك"),
            "thanks": words("Merci beaucoup.", "Thank you so much.", "شكرا جزيلا"),
        },
        **values,
    }
    return participants.save_questionnaire(world.user["owner"], form or publish(world, DIARY, "journal"), given)


def invited(world: World, asked: Questionnaire, subject: Subject, email: str = "ana@example.org") -> Invitation:
    """The participant with a contact, and invited, by his clinician."""
    member = world.user["member"]
    participants.set_contact(member, subject, email, "", "en")
    return participants.invite(member, asked, subject)


def token_of(link: str) -> str:
    return link.partition("#")[2]
