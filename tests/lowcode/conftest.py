"""A small dataset of the study, and an analysis of it."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pyarrow
import pytest

from core import datasets
from core.access.demo import World
from core.datasets.models import DatasetVersion
from lowcode.models import Analysis
from lowcode.services import analyses

HOSTILE = "\"><script>alert('x')</script>"
BY_SEX = {
    "source": {"dataset": "inclusions"},
    "by": [{"column": "sex"}],
    "measures": [{"of": "rows"}, {"of": "mean", "column": "lactate"}],
}


def inclusions(count: int = 60) -> pyarrow.Table:
    """People in four wards, of which one has three of them only."""
    rng = random.Random(7)
    wards = ["Urgences"] * 30 + ["Réanimation"] * 15 + ["Médecine"] * 12 + ["Maternité"] * 3
    rows = [
        {
            "subject": f"BRO-{number:03d}",
            "sex": "FM"[number % 2],
            "age": 20 + rng.randrange(70),
            "ward": wards[number % len(wards)],
            "admitted": dt.date(2026, 1, 1) + dt.timedelta(days=rng.randrange(300)),
            "lactate": None if number % 10 == 0 else round(rng.uniform(0.5, 8), 1),
            "dead": number % 7 == 0,
            HOSTILE: "x",
        }
        for number in range(count)
    ]
    return pyarrow.Table.from_pylist(rows)


def publish(world: World, name: str = "inclusions", table: pyarrow.Table | None = None) -> DatasetVersion:
    return datasets.publish(
        world.user["owner"],
        world.project,
        name,
        inclusions() if table is None else table,
        title="Étude Sepsis – inclusions",
        columns=[
            datasets.Column("subject", label="Patient", sensitivity="identifying"),
            datasets.Column("sex", label="Sexe", codes={"F": "Femme", "M": "Homme"}),
            datasets.Column("age", label="Âge", unit="ans"),
            datasets.Column("ward", label="Service"),
            datasets.Column("lactate", label="Lactate", unit="mmol/L"),
        ]
        if table is None
        else [],
        provenance={"tool": "tests"},
    )


@pytest.fixture
def version(world: World) -> DatasetVersion:
    return publish(world)


@pytest.fixture
def analysis(world: World, version: DatasetVersion) -> Analysis:
    """The researcher's: how many women and men, and their mean lactate."""
    return analyses.create(world.user["researcher"], world.project, "Lactate par sexe", BY_SEX)


def asked(**parts: Any) -> dict[str, Any]:
    return BY_SEX | parts
