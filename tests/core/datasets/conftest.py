"""A published dataset to read, in a storage of the test's own."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core import datasets
from core.datasets.models import DatasetVersion


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, settings) -> Path:
    """The data folder of this test, empty."""
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "core.files.storage.Disk", "OPTIONS": {"location": tmp_path / "files"}},
    }
    return tmp_path


@pytest.fixture
def table() -> pa.Table:
    """Six stays."""
    return pa.table(
        {
            "stay": pa.array([1, 2, 3, 4, 5, 6]),
            "sex": pa.array(["F", "M", "F", None, "M", "F"]),
            "lactate": pa.array([1.2, 4.5, None, 2.0, None, 8.1]),
        }
    )


@pytest.fixture
def version(world, table) -> DatasetVersion:
    """Version 1 of the dataset «stays»."""
    return datasets.publish(
        world.user["owner"],
        world.project,
        "stays",
        table,
        title="Séjours de réanimation",
        columns=[
            datasets.Column("sex", label="Sexe", codes={"F": "Femme", "M": "Homme"}),
            datasets.Column("lactate", label="Lactate", unit="mmol/L"),
        ],
        provenance={"source": "test"},
    )
