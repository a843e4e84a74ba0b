"""A prescription of the study, as the researcher pasted it."""

from __future__ import annotations

import pytest

from core.access.demo import World
from prescriptions import services
from prescriptions.models import Document, Line

TEXT = """Le 12/11/2026
M. FICTIF Loïc, né le 04/05/1961
DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours si douleur
SERESTA 50 : 1/2 cp le soir
Arrêt : Ramipril
Bandelettes : 1 boîte"""


@pytest.fixture
def document(world: World) -> Document:
    return services.structure_text(world.user["researcher"], world.project, TEXT)


@pytest.fixture
def line(document: Document) -> Line:
    return Line.objects.select_related("document__project").get(document=document, position=1)
