"""A trial with events, a page that repeats, rows, statuses and a signature, written as a definition."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf import engine, services
from ecrf.models import Draft, Form


def words(french: str, english: str) -> dict[str, str]:
    return {"fr": french, "en": english}


def var(name: str) -> list[Any]:
    return ["var", name]


def yes_no(key: str, label: dict[str, str], **more: Any) -> dict[str, Any]:
    choices = [{"code": "1", "label": words("Oui", "Yes")}, {"code": "0", "label": words("Non", "No")}]
    return {"key": key, "type": "choice", "look": "yesno", "label": label, "choices": choices, **more}


TRIAL: dict[str, Any] = {
    "format": 1,
    "title": words("Essai", "Trial"),
    "languages": ["fr", "en"],
    "missing_codes": [{"code": "lost", "label": words("Prélèvement perdu", "Sample lost")}],
    "events": [
        {"key": "inclusion", "title": words("Inclusion", "Inclusion"), "pages": ["exam"], "day": 0},
        {"key": "month_1", "title": words("Mois 1", "Month 1"), "pages": ["exam", "drugs"], "day": 30, "after": 7},
        {"key": "during", "title": words("En cours d’étude", "During the study"), "pages": ["ae"], "kind": "common"},
    ],
    "pages": [
        {
            "key": "exam",
            "title": words("Examen", "Examination"),
            "sign": words("J’ai vérifié cet examen.", "I have checked this examination."),
            "groups": [
                {
                    "columns": 2,
                    "title": words("Mesures", "Measures"),
                    "items": [
                        {
                            "key": "weight",
                            "type": "decimal",
                            "label": words("Poids", "Weight"),
                            "unit": "kg",
                            "required": True,
                        },
                        {
                            "key": "gain",
                            "type": "decimal",
                            "label": words("Depuis l’inclusion", "Since inclusion"),
                            "unit": "kg",
                            "calc": ["-", var("weight"), ["of", "inclusion", "weight"]],
                        },
                        {
                            "key": "lactate",
                            "type": "decimal",
                            "label": words("Lactate", "Lactate"),
                            "unit": "mmol/L",
                            "required": True,
                            "max": ["number", "20"],
                            "range": "block",
                        },
                        {"key": "since", "type": "partial_date", "label": words("Malade depuis", "Ill since")},
                    ],
                }
            ],
        },
        {
            "key": "drugs",
            "title": words("Traitements", "Treatments"),
            "groups": [
                {"items": [yes_no("takes", words("Un traitement en cours", "Takes something"))]},
                {
                    "title": words("Traitements en cours", "Current treatments"),
                    "repeat": {"key": "drug", "min": 1, "row_title": var("name")},
                    "visible_if": ["same", var("takes"), ["text", "1"]],
                    "items": [
                        {"key": "name", "type": "text", "label": words("Médicament", "Medicine"), "required": True},
                        {"key": "dose", "type": "decimal", "label": words("Dose", "Dose"), "unit": "mg"},
                    ],
                },
                {
                    "items": [
                        {
                            "key": "total",
                            "type": "decimal",
                            "label": words("Dose totale", "Total dose"),
                            "unit": "mg",
                            "calc": ["over", "sum", "drug", var("dose")],
                        }
                    ]
                },
            ],
        },
        {
            "key": "ae",
            "title": words("Événement indésirable", "Adverse event"),
            "repeats": True,
            "row_title": var("term"),
            "groups": [
                {
                    "items": [
                        {"key": "term", "type": "text", "label": words("Terme", "Term"), "required": True},
                        yes_no("serious", words("Grave", "Serious")),
                    ]
                }
            ],
        },
    ],
}


def publish(world: World, data: dict[str, Any] = TRIAL, key: str = "essai") -> Form:
    """Publish a definition as it is, under its title, as the manager."""
    owner = world.user["owner"]
    definition = engine.load(data)
    draft = Draft.objects.create(
        project=world.project,
        key=key,
        title=definition.text(definition.data["title"], "fr"),
        definition=definition.data,
        source="trial",
        author=owner,
    )
    return services.publish_draft(owner, draft).form
