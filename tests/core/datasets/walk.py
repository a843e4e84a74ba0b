"""Who gets what at each address of the datasets."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa

from core import datasets
from core.access.demo import World
from core.datasets.models import Dataset, DatasetVersion, Upload
from core.datasets.services import comparing, profiling, uploads
from tests.walk import EMPTY, EVERYONE, SIGNED_IN, Route, in_project

SEES = {"owner": 200, "researcher": 200, "monitor": 200, "administrator": 200}
READS = {"owner": 200, "researcher": 200, "monitor": 403, "administrator": 403}
PROFILES = {"owner": 200, "researcher": 200, "monitor": 200, "administrator": 403}
PROFILES_OR_NOTHING = {"owner": 200, "researcher": 200, "monitor": 200}
EDITS = READS
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


def dictionary_file(world: World) -> dict[str, Any]:
    return {**version(world), "form": "csv"}


def exported(world: World) -> dict[str, Any]:
    return {**version(world), "form": "xlsx"}


NOWHERE = "00000000-0000-0000-0000-000000000000"


def prepared_form(world: World) -> dict[str, Any]:
    return {**version(world), "form": "sav"}


def revision(world: World) -> dict[str, Any]:
    return {**version(world), "revision": 0}


def upload(world: World) -> dict[str, Any]:
    return {**in_project(world), "pk": sent(world).pk}


def dataset_id(world: World) -> dict[str, Any]:
    published(world)
    return {"pk": Dataset.objects.get(project=world.project, name="walk").pk}


def version_id(world: World) -> dict[str, Any]:
    return {"pk": published(world).pk}


def comparison_id(world: World) -> dict[str, Any]:
    before = published(world)
    after = datasets.publish(
        world.user["owner"], world.project, "walk", pa.table({"a": [1, 2]}), title="Walk", provenance={}
    )
    return {"pk": comparing.compare(world.user["owner"], before, after, ["a"]).pk}


def comparison(world: World) -> dict[str, Any]:
    return {**dataset(world), **comparison_id(world)}


def profiled_id(world: World) -> dict[str, Any]:
    profiling.keep(world.user["owner"], published(world), [])
    return version_id(world)


ROUTES = [
    Route("datasets:list", in_project, SEES),
    Route("datasets:dataset", dataset, SEES),
    Route("datasets:version", version, SEES),
    Route("datasets:origin", version, SEES),
    Route("datasets:rows", version, READS),
    Route("datasets:lineage", dataset, SEES),
    Route("api:datasets:dataset-lineage", dataset_id, SEES, api=True),
    Route("datasets:prepare", prepared_form, EXPORTS),
    Route("datasets:prepared", lambda world: {**version(world), "pk": NOWHERE}, dict.fromkeys(EVERYONE[1:], 404)),
    Route("api:datasets:version-prepare", version_id, dict.fromkeys(SEES, 422), method="post", api=True),
    Route("api:datasets:version-prepared", lambda world: {**version_id(world), "job": NOWHERE}, api=True),
    Route("datasets:join", in_project, READS),
    Route("api:datasets:join-list", allowed=EMPTY, method="post", api=True),
    Route("api:datasets:join-preview", allowed=EMPTY, method="post", api=True),
    Route("api:datasets:join-suggestions", allowed=dict.fromkeys(SIGNED_IN, 404), api=True),
    Route("datasets:compare", dataset, READS),
    Route("datasets:comparison", comparison, PROFILES_OR_NOTHING),
    Route("api:datasets:comparison-list", allowed=SIGNED_IN, api=True),
    Route("api:datasets:comparison-list", method="post", data={}, allowed=dict.fromkeys(SIGNED_IN, 422), api=True),
    Route("api:datasets:comparison-detail", comparison_id, PROFILES_OR_NOTHING, api=True),
    Route("api:datasets:comparison-differences", comparison_id, PROFILES_OR_NOTHING, api=True),
    Route("datasets:profile", version, PROFILES),
    Route("datasets:dictionary", version, EDITS),
    Route("datasets:dictionary_import", version, EDITS),
    Route("datasets:dictionary_file", dictionary_file, SEES),
    Route("datasets:revisions", version, SEES),
    Route("datasets:revision", revision, SEES),
    Route("datasets:export", exported, EXPORTS),
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
    Route("api:datasets:version-profile", profiled_id, PROFILES, api=True),
    Route(
        "api:datasets:version-profile",
        version_id,
        {"owner": 202, "researcher": 202, "monitor": 403, "administrator": 403},
        method="post",
        api=True,
    ),
    Route("api:datasets:version-dictionary", version_id, SEES, api=True),
    Route(
        "api:datasets:version-dictionary",
        version_id,
        EDITS,
        method="patch",
        data={"revision": 0, "reason": "x", "columns": []},
        api=True,
    ),
    Route("api:datasets:version-export-dictionary", version_id, SEES, api=True),
    Route("api:datasets:version-revisions", version_id, SEES, api=True),
    Route("api:datasets:version-compare-dictionary", version_id, SEES, api=True),
    Route(
        "api:datasets:version-import-dictionary",
        version_id,
        dict.fromkeys(SEES, 415),
        method="post",
        data={},
        api=True,
    ),
    Route(
        "api:datasets:version-restore-dictionary",
        version_id,
        EDITS,
        method="post",
        data={"revision": 0, "reason": "x", "restore": 0},
        api=True,
    ),
]
