"""Two analyses to begin with, on the demo's intensive-care stays."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.datasets.models import Dataset
from lowcode.models import Analysis
from lowcode.services import analyses, running

DATASET = "icu-stays"
QUESTIONS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    (
        "Séjours par centre et par sexe",
        {"by": [{"column": "site"}, {"column": "sex"}], "measures": [{"of": "rows"}]},
        {},
    ),
    (
        "Lactate à l’entrée selon le sepsis",
        {"by": [{"column": "sepsis"}], "measures": [{"of": "spread", "column": "lactate"}]},
        {"kind": "box"},
    ),
)


def load(world: World) -> None:
    """Make the two analyses once, and run them so that those who may not read the data see their masked results."""
    actor, project = world.user["researcher"], world.project
    if Analysis.objects.filter(project=project).exists():
        return
    if not Dataset.objects.filter(project=project, name=DATASET).exists():
        return
    for name, question, chart in QUESTIONS:
        query = {"source": {"dataset": DATASET}, **question}
        running.read_saved(actor, analyses.create(actor, project, name, query, chart))
