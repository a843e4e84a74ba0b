"""A study whose participants consent: a sheet in two languages, questions, a signature, and a visit that needs it."""

from __future__ import annotations

import copy
from typing import Any

from core.access.demo import World
from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import Consent, Form, Subject
from tests.ecrf.visits import publish as publish_definition
from tests.ecrf.visits import words, yes_no

SHEET = {
    "version": "1.0",
    "approved": "2026-01-05",
    "sheet": [
        {
            "title": words("Le but de l’étude", "Why this study"),
            "text": words("Nous étudions le sepsis.\n\nVous êtes libre.", "We study sepsis.\n\nYou are free."),
        }
    ],
    "agree": ["takes_part"],
    "name": "full_name",
    "date": "signed_on",
    "signature": "drawn",
}
QUESTIONS: list[dict[str, Any]] = [
    yes_no("takes_part", words("J’accepte de participer", "I agree to take part"), required=True),
    yes_no("samples", words("J’accepte que mes prélèvements soient gardés", "My samples may be kept")),
    {"key": "full_name", "type": "text", "label": words("Nom", "Name"), "required": True, "identifier": True},
    {"key": "signed_on", "type": "date", "label": words("Date", "Date"), "required": True},
    {"key": "drawn", "type": "file", "look": "signature", "label": words("Signature", "Signature")},
]
STUDY: dict[str, Any] = {
    "format": 1,
    "title": words("Essai", "Trial"),
    "languages": ["fr", "en"],
    "events": [
        {"key": "information", "title": words("Information", "Information"), "pages": ["consent"]},
        {
            "key": "visit",
            "title": words("Visite", "Visit"),
            "pages": ["exam"],
            "requires_consent": {"page": "consent"},
        },
        {
            "key": "phone",
            "title": words("Appel", "Call"),
            "pages": ["exam"],
            "requires_consent": {"page": "consent", "without": "warn"},
        },
    ],
    "pages": [
        {
            "key": "consent",
            "title": words("Consentement", "Consent"),
            "consent": SHEET,
            "groups": [{"items": QUESTIONS}],
        },
        {
            "key": "exam",
            "title": words("Examen", "Examination"),
            "groups": [{"items": [{"key": "weight", "type": "decimal", "label": words("Poids", "Weight")}]}],
        },
    ],
}
INFORMATION, VISIT, PHONE = Sheet("information"), Sheet("visit"), Sheet("phone")
YES = {"takes_part": "1", "samples": "0", "full_name": "Anne Guivarch", "signed_on": "2026-11-23"}


def study(**consent: Any) -> dict[str, Any]:
    """The definition, its consent changed as said."""
    data = copy.deepcopy(STUDY)
    data["pages"][0]["consent"] |= consent
    return data


def publish(world: World, **consent: Any) -> Form:
    return publish_definition(world, study(**consent), key="consentement")


def consent(world: World, subject: Subject, form: Form, who: str = "member", base: int = 0, **values: Any) -> Consent:
    """Save the page of consent complete, and give the consent."""
    said = {**YES, **values}
    saved = services.save_entry(
        world.user[who], subject, form, base, said, sheet=INFORMATION, complete={"consent": True}
    )
    return Consent.objects.get(entry=saved.entry, superseded_by=None)
