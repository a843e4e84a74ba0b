"""The files of questions leave with their records, in formats that have a place for them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from core.audit.models import Event
from ecrf import services
from ecrf.engine.exchange.data_formats import Asked
from ecrf.engine.exchange.data_formats import read as read_data
from ecrf.models import Attachment, Export
from ecrf.services import attachments
from ecrf.services.exports.choices import Choices
from ecrf.services.exports.selection import Selection
from tests.ecrf.conftest import Study
from tests.ecrf.exported import content, made, tables
from tests.ecrf.test_attachments import picture, pieces, save, sent

__all__ = ["pieces"]


@pytest.fixture
def filled(pieces: Study) -> Study:
    """A photograph, a report, and a picture in the second of two rows."""
    held = {
        "photo": sent(pieces, "photo", picture(), "../main droite.jpg").value,
        "report": sent(pieces, "report", b"Tout va bien", "=note.txt").value,
        "lesion": [{}, {"picture": sent(pieces, "picture", picture("blue", "PNG"), "a.png").value}],
    }
    save(pieces, 0, held)
    return pieces


def test_files_in_a_folder(filled: Study) -> None:
    """With files, the archive has a folder with each of them, and a table that says whose and which it is."""
    archive = content(made(filled.world, filled.form, files=True))
    lines = tables(archive)["files"]
    assert [(line["place"], line["type"]) for line in lines] == [
        ("photo", "image/jpeg"),
        ("report", "text/plain"),
        ("lesion[1].picture", "image/png"),
    ]
    assert lines[1]["name"] == "'=note.txt"
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for line in lines:
            assert f"sha256:{hashlib.sha256(opened.read(line['file'])).hexdigest()}" == line["value"]
            assert not {"..", " ", "="} & {*line["file"].split("/"), *line["file"]}
    assert tables(archive)["records"][0]["photo"] == lines[0]["value"]
    assert "files" not in tables(content(made(filled.world, filled.form)))


def test_a_workbook_beside_its_files(filled: Study) -> None:
    """With files, a workbook lies in an archive beside their folder, and has a sheet that says whose they are."""
    export = made(filled.world, filled.form, "xlsx", files=True)
    assert export.file_name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(content(export))) as opened:
        workbook, *others = opened.namelist()
        sheet = load_workbook(io.BytesIO(opened.read(workbook)))["files"]
    assert [line[-1] for line in sheet.iter_rows(min_row=2, values_only=True)] == others
    assert len(others) == 3


def test_files_of_persons_stay(filled: Study) -> None:
    """A de-identified export holds no file, whatever was asked."""
    archive = content(made(filled.world, filled.form, files=True, level="deidentified"))
    assert tables(archive)["files"] == []
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert not [name for name in opened.namelist() if name.startswith("files/")]


def test_files_that_went_meanwhile(filled: Study) -> None:
    """A file that was taken away is in no export."""
    Attachment.objects.filter(item="photo").update(removed_at=datetime.now(UTC))
    lines = tables(content(made(filled.world, filled.form, files=True)))["files"]
    assert [line["place"] for line in lines] == ["report", "lesion[1].picture"]


def test_a_redcap_project_with_its_files(filled: Study) -> None:
    """REDCap's project XML carries what questions hold, and reads back; rows, which REDCap lacks, are named."""
    export = made(filled.world, filled.form, "redcap-xml", files=True)
    reading = read_data(
        content(export),
        "redcap-xml",
        Asked(filled.form.published.loaded, datetime(2027, 1, 1, tzinfo=UTC).replace(tzinfo=None)),
    )
    (record,) = reading.records
    assert {key: (one.name, one.kind) for key, one in record.files.items()} == {
        "photo": ("main droite.jpg", "image/jpeg"),
        "report": ("=note.txt", "text/plain"),
    }
    assert record.files["report"].content == b"Tout va bien"
    assert export.losses != []


def test_drawings_on_exported_casebooks(filled: Study) -> None:
    """The archive of casebooks shows images, as the casebook of one subject does."""
    with zipfile.ZipFile(io.BytesIO(content(made(filled.world, filled.form, "pdf", files=True)))) as opened:
        (casebook,) = map(opened.read, opened.namelist())
    assert b"/DCTDecode" in casebook


def test_formats_without_files_say_so(filled: Study) -> None:
    """Who asks for files in a format without a place for them is told."""
    assert "export_without_files" in {loss["code"] for loss in made(filled.world, filled.form, "r", files=True).losses}


def test_files_are_opened_one_by_one(filled: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of an export know their files, which are found in one query and opened only by a writer."""
    opened: list[Any] = []
    monkeypatch.setattr(attachments, "content_of", lambda one: opened.append(one) or b"")
    other = services.include_subject(filled.world.user["member"], filled.world.site_a)
    filled.subject = other
    save(filled, 0, {"photo": sent(filled, "photo", picture("green"), "b.jpg").value})
    with CaptureQueriesContext(connection) as asked:
        records = list(Selection(filled.world.user["owner"], filled.form, Choices(files=True)).all())
    assert len([one for one in asked.captured_queries if "ecrf_attachment" in one["sql"]]) == 1
    assert [len(record.files) for record in records] == [3, 1]
    assert opened == []
    assert records[0].files["photo"].content == b""
    assert len(opened) == 1


def test_files_are_asked_for_everywhere(filled: Study, client_of: Any, api_of: Any) -> None:
    """On the page, over REST and in the journal: whether files leave is a choice like the others."""
    slug = filled.world.project.slug
    page = reverse("ecrf:new_export", args=[slug, filled.form.key])
    assert 'name="with_files"' in client_of("owner").get(page).content.decode()
    given = {"format": "csv", "level": "coded", "pages": "all", "changes": "all", "language": "en", "keep_days": "30"}
    assert client_of("owner").post(page, {**given, "with_files": "on"}).status_code == 302
    assert Export.objects.get().choices["files"] is True
    asked = {"project": slug, "form": filled.form.key, "format": "r", "files": True}
    made = api_of("owner").post("/api/v1/ecrf/exports/", asked, format="json")
    assert (made.status_code, made.json()["choices"]["files"]) == (202, True)
    assert [event.details["files"] for event in Event.objects.filter(action="ecrf.export_asked")] == [True, True]
