"""A notebook to try: it reads the project's first dataset and draws a figure."""

from __future__ import annotations

from core.access.demo import World
from core.datasets.models import Dataset
from datahub.models import Notebook
from datahub.services.notebooks import create_notebook, starting_code

TITLE = "Première lecture des données"


def load(world: World) -> None:
    dataset = Dataset.objects.filter(project=world.project).order_by("name").first()
    if dataset is None or Notebook.objects.filter(project=world.project, title=TITLE).exists():
        return
    cells = [starting_code(dataset), "table.describe(include='all')"]
    create_notebook(world.user["researcher"], world.project, TITLE, cells, [dataset])
