"""A study of which one page is kept from some: its words and values are found nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.access.demo import World
from core.access.models import Role
from ecrf import services
from ecrf.models import Entry, Form, Subject
from ecrf.services.page_rights import Line
from tests.ecrf.visits import publish, var, words

LABEL, KEY, VALUE, PAGE = "Canarilabel", "canarikey", "Canarivalue", "canaripage"
CANARIES = (LABEL, KEY, VALUE, PAGE)

DEFINITION: dict[str, Any] = {
    "format": 1,
    "title": words("Essai", "Trial"),
    "languages": ["fr", "en"],
    "pages": [
        {
            "key": "open",
            "title": words("Ouverte", "Open"),
            "sign": words("J’ai vérifié.", "Checked."),
            "groups": [
                {
                    "items": [
                        {"key": "weight", "type": "decimal", "label": words("Poids", "Weight")},
                        {"key": "length_of", "type": "integer", "label": words("Longueur", "Length"),
                         "calc": ["length", var(KEY)]},
                        {"key": "why", "type": "text", "label": words("Pourquoi", "Why"),
                         "visible_if": ["=", var(KEY), ["text", VALUE]],
                         "checks": [{"key": "same", "holds": ["distinct", var("why"), var(KEY)], "severity": "warn",
                                     "message": words("Le même texte", "The same text")}]},
                    ]
                }
            ],
        },
        {
            "key": PAGE,
            "title": words(f"{LABEL} page", f"{LABEL} page"),
            "sign": words("J’ai vérifié.", "Checked."),
            "groups": [
                {
                    "items": [
                        {"key": KEY, "type": "text", "label": words(LABEL, LABEL)},
                        {"key": f"{KEY}_limit", "type": "decimal", "label": words(f"{LABEL} 2", f"{LABEL} 2"),
                         "checks": [{"key": "low", "holds": ["<", var("weight"), ["number", "500"]],
                                     "severity": "block", "message": words(LABEL, LABEL)}]},
                    ]
                }
            ],
        },
    ],
}  # fmt: skip


@dataclass
class Veiled:
    world: World
    form: Form
    subject: Subject
    entry: Entry

    def hide(self, access: str = "none", role: str = "clinician", page: str = PAGE, **more: str) -> None:
        which = Role.objects.get(organisation=None, key=role)
        services.set_page_rights(self.world.user["owner"], self.form, [Line(access, role=which.pk, page=page, **more)])

    def hide_from(self, who: str, access: str = "none", **more: str) -> None:
        """The same for one person, whatever his roles are."""
        line = Line(access, person=str(self.world.user[who].pk), page=PAGE, **more)
        services.set_page_rights(self.world.user["owner"], self.form, [line])


def veiled(world: World) -> Veiled:
    form = publish(world, DEFINITION)
    subject = services.include_subject(world.user["member"], world.site_a)
    values = {"weight": "70", KEY: VALUE, f"{KEY}_limit": "1"}
    done = {"open": True, PAGE: True}
    entry = services.save_entry(world.user["member"], subject, form, 0, values, complete=done).entry
    return Veiled(world, form, subject, entry)
