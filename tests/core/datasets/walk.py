"""Who gets what at each address of the datasets."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa

from core import datasets
from core.access.demo import World
from core.datasets.models import Dataset, DatasetVersion, Upload
from core.datasets.services import uploads
from tests.walk import SIGNED_IN, Route, in_project

SEES = {"owner": 200, "researcher": 200, "monitor": 200, "administrator": 200}
READS = {"owner": 200, "researcher": 200, "monitor": 403, "administrator": 403}
EXPORTS = {"owner": 200, "researcher": 403, "monitor": 403, "administrator": 403}


def published(world: World) -> DatasetVersion:
    found = DatasetVersion.objects.filter(dataset__project=world.project, dataset__name="walk").first()
    return found or datasets.publish(
        world.user["owner"], world.project, "walk", pa.table({"a": [1]}), title="Walk", provenance={}
    )


def sent(world: World) -> Upload:
    return uploads.receive(
        world.user["owner"],
        world.project,
        io.BytesIO(b"a,b\n1,x\n"),
        name="sent",
        title="Sent",
        sensitivity="open",
        file_name="t.csv",
    )


def dataset(world: World) -> dict[str, Any]:
    return {**in_project(world), "name": published(world).dataset.name}


def version(world: World) -> dict[str, Any]:
    return {**dataset(world), "number": published(world).number}


def upload(world: World) -> dict[str, Any]:
    return {**in_project(world), "pk": sent(world).pk}


def dataset_id(world: World) -> dict[str, Any]:
    published(world)
    return {"pk": Dataset.objects.get(project=world.project, name="walk").pk}


def version_id(world: World) -> dict[str, Any]:
    return {"pk": published(world).pk}


ROUTES = [
    Route("datasets:list", in_project, SEES),
    Route("datasets:dataset", dataset, SEES),
    Route("datasets:version", version, SEES),
    Route("datasets:origin", version, SEES),
    Route("datasets:rows", version, READS),
    Route("datasets:csv", version, EXPORTS),
    Route("datasets:parquet", version, EXPORTS),
    Route("datasets:upload", in_project, READS),
    Route("datasets:check", upload, {"owner": 200, "monitor": 403, "administrator": 403}),
    Route("datasets:drop", upload, {"owner": 303, "monitor": 403, "administrator": 403}, method="post"),
    Route("api:datasets:dataset-list", allowed=SIGNED_IN, api=True),
    Route("api:datasets:dataset-detail", dataset_id, SEES, api=True),
    Route(
        "api:datasets:dataset-upload",
        allowed=dict.fromkeys(SIGNED_IN, 415),
        method="post",
        data={},
        api=True,
    ),
    Route("api:datasets:version-list", allowed=SIGNED_IN, api=True),
    Route("api:datasets:version-detail", version_id, SEES, api=True),
    Route("api:datasets:version-rows", version_id, READS, api=True),
    Route("api:datasets:version-download", version_id, EXPORTS, api=True),
]
