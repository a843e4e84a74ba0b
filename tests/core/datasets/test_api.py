"""Datasets over REST."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from core.api.services import create_token
from core.audit.models import Event
from core.datasets.models import DatasetVersion
from core.datasets.services import uploads
from core.files.models import StoredFile

ROOT = "/api/v1/datasets/"
GOOD = "id;âge;lactate\n1;71;4,5\n2;64;\n".encode("cp1252")


def test_datasets_are_listed(api_of, world, version):
    """The list and a dataset say the newest version; ``?project=`` and ``?name=`` narrow it."""
    api = api_of("owner")
    (found,) = api.get(ROOT, {"project": world.project.slug, "name": "stays"}).data["results"]
    assert (found["name"], found["number"], found["row_count"]) == ("stays", 1, 6)
    assert api.get(f"{ROOT}{found['id']}/").data == found
    assert api.get(ROOT, {"project": "unknown"}).data["results"] == []


@pytest.mark.parametrize("who", ["stranger", "member", "other_site"])
def test_strangers_see_none(api_of, version, who):
    """Who isn't of the whole project sees no dataset, no version and no row."""
    api = api_of(who)
    assert api.get(ROOT).data["results"] == []
    assert api.get(f"{ROOT}versions/").data["results"] == []
    for path in (f"{version.dataset_id}/", f"versions/{version.pk}/", f"versions/{version.pk}/rows/"):
        assert api.get(ROOT + path).status_code == 404


def test_a_version_is_described(api_of, version):
    """A version says its columns and its origin, and no row."""
    found = api_of("monitor").get(f"{ROOT}versions/{version.pk}/").data
    assert found["columns"][2]["unit"] == "mmol/L"
    assert found["provenance"] == {"source": "test"}
    assert not Event.objects.filter(action="datasets.version_read").exists()


def test_rows_are_paged(api_of, version):
    """Rows come in pages that follow each other without gap, each page a reading in the journal."""
    api, seen = api_of("owner"), []
    address = f"{ROOT}versions/{version.pk}/rows/?page_size=4&purpose=count"
    while address:
        answer = api.get(address).data
        seen += answer["rows"]
        address = answer["next"]
    assert [row[0] for row in seen] == [1, 2, 3, 4, 5, 6]
    assert seen[2] == [3, "F", None]
    readings = Event.objects.filter(action="datasets.version_read").order_by("pk")
    assert [event.details["purpose"] for event in readings] == ["count", ""]


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=1001", "page_size=x", "cursor=zz", "cursor=é", "cursor=cjE7"]
)
def test_bad_pages_are_refused(api_of, version, query):
    """A page size or a cursor that can't be is 422, and no reading."""
    answer = api_of("owner").get(f"{ROOT}versions/{version.pk}/rows/?{query}")
    assert answer.status_code == 422
    assert not Event.objects.filter(action="datasets.version_read").exists()


def test_who_may_not_read_or_download(api_of, version):
    """A monitor reads no row, a researcher downloads none: 403, in the journal as refused."""
    assert api_of("monitor").get(f"{ROOT}versions/{version.pk}/rows/").status_code == 403
    assert api_of("researcher").get(f"{ROOT}versions/{version.pk}/download/").status_code == 403
    assert Event.objects.filter(action="access.refused", outcome="refused").count() == 2


def test_downloads(api_of, version, table):
    """Parquet by default, or CSV; another form is refused."""
    api = api_of("owner")
    parquet = api.get(f"{ROOT}versions/{version.pk}/download/")
    assert pq.read_table(io.BytesIO(parquet.getvalue())).equals(table)
    assert api.get(f"{ROOT}versions/{version.pk}/download/?form=csv").getvalue().startswith(b"\xef\xbb\xbfstay,")
    assert api.get(f"{ROOT}versions/{version.pk}/download/?form=xls").status_code == 422


def send(api, world, data: bytes = GOOD, **said):
    form = {
        "project": world.project.slug,
        "file": SimpleUploadedFile("t.csv", data),
        "name": "labs",
        "title": "Analyses",
    }
    return api.post(f"{ROOT}upload/", {**form, **said}, format="multipart")


def test_a_file_is_published(api_of, world):
    """One call sends a file and publishes it; what isn't said is detected."""
    answer = send(api_of("owner"), world)
    assert answer.status_code == 201
    assert answer.data["version"]["row_count"] == 2
    assert [column["type"] for column in answer.data["version"]["columns"]] == ["integer", "integer", "number"]
    assert answer.data["job"] is None


def test_what_is_said_counts(api_of, world):
    """Delimiter, header, names and types that the caller says are used."""
    columns = [{"name": "patient", "type": "text"}, {"name": "years", "type": "number"}, {"name": "x", "type": "text"}]
    answer = send(api_of("owner"), world, delimiter=";", header="true", decimal=",", columns=json.dumps(columns))
    found = answer.data["version"]["columns"]
    assert [(column["name"], column["type"]) for column in found] == [
        ("patient", "text"), ("years", "number"), ("x", "text")
    ]  # fmt: skip


def test_a_broken_file_is_refused_whole(api_of, world, disk):
    """422 with each fault's place and reason; no version and no readable file is left."""
    columns = [{"name": "a", "type": "date"}, {"name": "b", "type": "integer"}, {"name": "c", "type": "number"}]
    answer = send(api_of("owner"), world, columns=json.dumps(columns))
    assert answer.status_code == 422
    assert [(error["place"], error["code"]) for error in answer.json()["errors"]] == [
        ("ligne 2, a", "not_date"), ("ligne 3, a", "not_date")
    ]  # fmt: skip
    assert not DatasetVersion.objects.exists()
    assert not StoredFile.objects.filter(erased_at=None).exists()


ODD_NAME = '[{"name": "\\ud800", "type": "text"}, {"name": "b", "type": "text"}, {"name": "c", "type": "text"}]'


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"columns": "[1]"}, "columns"),
        ({"columns": '[{"name": "a", "type": "text"}]'}, "columns"),
        ({"name": "Not a name"}, "name"),
        (
            {"columns": '[{"name": "a", "type": []}, {"name": "b", "type": "text"}, {"name": "c", "type": "text"}]'},
            "columns",
        ),
        ({"columns": ODD_NAME}, "columns.1"),
        ({"delimiter": "x"}, "delimiter"),
        ({"encoding": "utf-16"}, "encoding"),
        ({"project": "registre-avc"}, "project"),
        ({"project": "unknown"}, "project"),
        ({"file": ""}, "file"),
    ],
)
def test_bad_input_is_refused(api_of, world, said, place):
    """What can't be is 422 with its place; a project one doesn't see is as unknown as one that isn't there."""
    answer = send(api_of("owner"), world, **said)
    assert answer.status_code == 422
    assert place in {error["place"] for error in answer.json()["errors"]}
    assert not DatasetVersion.objects.exists()
    assert not StoredFile.objects.filter(erased_at=None).exists()


def test_who_may_not_upload(api_of, world):
    """A monitor is refused; a member of a site doesn't know the project's datasets."""
    assert send(api_of("monitor"), world).status_code == 403
    assert send(api_of("member"), world).status_code == 403


def test_who_may_send_and_not_publish_leaves_no_file(world):
    """A token that may upload, and not publish, is refused, and nothing stays of what it sent."""
    wanted, tomorrow = ["access.view_project", "datasets.upload_data"], timezone.now() + timedelta(days=1)
    client = APIClient()
    text = create_token(world.user["owner"], world.project, "script", wanted, tomorrow)[1]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    assert send(client, world).status_code == 403
    assert not DatasetVersion.objects.exists()
    assert not StoredFile.objects.filter(erased_at=None).exists()


def test_a_large_file_is_a_job(api_of, world, monkeypatch):
    """202 with the job that reads it."""
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    answer = send(api_of("owner"), world)
    assert answer.status_code == 202
    assert answer.data["version"] is None
    assert answer.data["job"]


def test_moments_with_a_time_zone(world):
    """A column of moments with their time zone is read like any other."""
    from datetime import UTC, datetime

    import duckdb

    from core.datasets.queries import rows

    connection = duckdb.connect()
    connection.execute("CREATE TABLE data AS SELECT TIMESTAMPTZ '2026-11-28 21:00:00+00' AS at, 1.5 AS x, NULL AS n")
    ((at, x, nothing),) = rows(connection, 10, 0)
    assert (at, float(x), nothing) == (datetime(2026, 11, 28, 21, tzinfo=UTC), 1.5, None)
    assert rows(connection, 10, 1) == []
