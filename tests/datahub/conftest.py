"""A dataset and a notebook to work on."""

from __future__ import annotations

import pyarrow as pa
import pytest

from core import datasets
from core.access.demo import World
from core.datasets.models import DatasetVersion
from datahub.models import Notebook
from datahub.services.notebooks import create_notebook

READ = 'import pandas as pd\ntable = pd.read_parquet("/data/sepsis.parquet")\ntable'


def publish(world: World) -> DatasetVersion:
    """Three patients, as the study's dataset."""
    rows = pa.table({"age": [61, 47, 80], "lactate": [2.1, None, 4.4]})
    return datasets.publish(
        world.user["owner"], world.project, "sepsis", rows, title="Sepsis", provenance={"made_by": "test"}
    )


@pytest.fixture
def version(world: World) -> DatasetVersion:
    return publish(world)


@pytest.fixture
def notebook(world: World, version: DatasetVersion) -> Notebook:
    """A notebook of the researcher's that reads the dataset."""
    return create_notebook(
        world.user["researcher"], world.project, "Lecture", [READ, "table.age.mean()"], [version.dataset]
    )
