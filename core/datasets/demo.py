"""A small open dataset made by seed: 500 stays in intensive care that never were."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from core.datasets.models import Dataset, Sensitivity
from core.datasets.services import Column, publish

if TYPE_CHECKING:
    from core.access.demo import World

NAME, STAYS = "icu-stays", 500
COLUMNS = (
    Column("stay", "Séjour"),
    Column("site", "Centre", codes={"BRO": "CHU de Brocéliande", "KER": "CH de Kerlouan"}),
    Column("sex", "Sexe", codes={"F": "Femme", "M": "Homme"}),
    Column("age", "Âge", "années"),
    Column("admitted", "Entrée"),
    Column("heart_rate", "Fréquence cardiaque", "/min"),
    Column("lactate", "Lactate", "mmol/L"),
    Column("sofa", "Score SOFA à l’entrée", "points"),
    Column("sepsis", "Sepsis"),
    Column("length", "Durée du séjour", "jours"),
    Column("died", "Décès pendant le séjour"),
)


def load(world: World) -> None:
    """Publish the dataset once; done again it finds it."""
    if Dataset.objects.filter(project=world.project, name=NAME).exists():
        return
    publish(
        world.user["owner"],
        world.project,
        NAME,
        stays(random.Random(20261123)),  # noqa: S311  fictitious patients
        title="Séjours de réanimation fictifs",
        columns=COLUMNS,
        sensitivity=Sensitivity.OPEN,
        provenance={"kind": "synthetic", "seed": 20261123, "made_by": "core.datasets.demo"},
    )


def stays(rng: random.Random) -> pa.Table:
    """Sicker patients have more lactate, longer stays and die more often."""
    rows = [stay(number, rng) for number in range(1, STAYS + 1)]
    return pa.Table.from_pylist(rows, pa.schema([
        ("stay", pa.int32()), ("site", pa.string()), ("sex", pa.string()), ("age", pa.int16()),
        ("admitted", pa.timestamp("s")), ("heart_rate", pa.int16()), ("lactate", pa.float64()), ("sofa", pa.int8()),
        ("sepsis", pa.bool_()), ("length", pa.float64()), ("died", pa.bool_()),
    ]))  # fmt: skip


def stay(number: int, rng: random.Random) -> dict[str, object]:
    sepsis = rng.random() < 0.35
    sofa = min(24, max(0, round(rng.gauss(7 if sepsis else 3, 3))))
    lactate = round(max(0.4, rng.gauss(1.2 + sofa * 0.25, 0.8)), 1)
    return {
        "stay": number,
        "site": rng.choice(("BRO", "BRO", "KER")),
        "sex": rng.choice("FM"),
        "age": min(99, max(18, round(rng.gauss(64, 15)))),
        "admitted": datetime(2026, 1, 1) + timedelta(minutes=rng.randrange(300 * 24 * 60)),  # noqa: DTZ001  local
        "heart_rate": round(rng.gauss(105 if sepsis else 88, 18)),
        "lactate": None if rng.random() < 0.08 else lactate,
        "sofa": sofa,
        "sepsis": sepsis,
        "length": round(rng.lognormvariate(1.1 + sofa * 0.06, 0.6), 1),
        "died": rng.random() < 0.03 + sofa * 0.018,
    }
