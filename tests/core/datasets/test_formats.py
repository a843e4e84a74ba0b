"""Files of Excel, Parquet, SAS, SPSS and Stata: read in the sandbox with their labels, written with them."""

# ruff: noqa: DTZ001  the moments of these files have no zone

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from django.urls import reverse

from core import datasets
from core.datasets.engine.formats import columnar, sheets, statistical
from core.datasets.engine.formats.kinds import kind_of
from core.datasets.engine.formats.tables import BadCells
from core.datasets.models import DatasetVersion, Upload
from core.datasets.services import uploads
from core.errors import Invalid
from core.files.unreadable import Unreadable

FRAME = pd.DataFrame(
    {
        "sex": [1.0, 2.0, None],
        "name": ["Éloïse", "", "Yann"],
        "born": [date(1950, 2, 3), None, date(2001, 12, 31)],
        "seen": [datetime(2026, 1, 2, 3, 4, 5), datetime(1959, 12, 31, 23, 0), None],
        "lactate": [1.5, None, 99.0],
    }
)
LABELS = {"column_labels": {"sex": "Sexe", "lactate": "Lactate [mmol/L]"}}
CODES = {"variable_value_labels": {"sex": {1: "Homme", 2: "Femme"}}}


def statistical_file(form: str, folder: Path) -> bytes:
    path = folder / f"t.{form}"
    if form == "sav":
        pyreadstat.write_sav(FRAME, path, missing_ranges={"lactate": [99]}, **LABELS, **CODES)
    elif form == "dta":
        pyreadstat.write_dta(FRAME, path, **LABELS, **CODES)
    else:
        pyreadstat.write_xport(FRAME, path, file_format_version=8, **LABELS)
    return path.read_bytes()


def workbook(*rows, title="Mesures", **more) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name, lines in more.items():
        other = book.create_sheet(name)
        for line in lines:
            other.append(line)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def table_of(source) -> pa.Table:
    return pa.Table.from_batches(source.batches(2), source.schema)


class Named(io.BytesIO):
    """A file in memory that libraries also find under a path, as in the sandbox."""

    name = ""


def opened(reader, kind: str, data: bytes, folder: Path, **options):
    source = Named(data)
    source.name = str(folder / "source")
    Path(source.name).write_bytes(data)
    return reader.opened(source, kind, options)


@pytest.mark.parametrize("form", ["sav", "dta", "xpt"])
def test_statistical_files(form, tmp_path):
    """Values, dates before and after 1960, labels, units and codes come as the program has them."""
    source = opened(statistical, form, statistical_file(form, tmp_path), tmp_path)
    rows = table_of(source).to_pydict()
    assert rows["sex"] == [1.0, 2.0, None]
    assert rows["lactate"] == [1.5, None, None if form == "sav" else 99.0]
    assert rows["name"] == ["Éloïse", None, "Yann"]
    assert rows["born"] == [date(1950, 2, 3), None, date(2001, 12, 31)]
    assert rows["seen"][:2] == [datetime(2026, 1, 2, 3, 4, 5), datetime(1959, 12, 31, 23, 0)]
    columns = {column["name"]: column for column in source.columns}
    assert (columns["sex"]["label"], columns["lactate"]["unit"]) == ("Sexe", "mmol/L")
    if form != "xpt":
        assert columns["sex"]["codes"] == {"1": "Homme", "2": "Femme"}
    if form == "sav":
        assert columns["lactate"]["missing_codes"] == ["99"]


@pytest.mark.parametrize("form", ["sav", "dta", "xpt"])
def test_whole_numbers(form, tmp_path, monkeypatch):
    """Numbers that are whole in every row are whole numbers, however the program keeps them; no others are."""
    monkeypatch.setattr(statistical, "CELLS", 8)  # a piece of two rows
    frame = pd.DataFrame(
        {
            "code": [1.0, None, 2.0, -3.0, 2.0**53],
            "late": [1.0, 2.0, 3.0, 4.0, 4.5],
            "large": [1.0, 2.0, 3.0, 4.0, 2.0**60],
            "none": [None] * 5,
        }
    ).astype("float64")
    path = tmp_path / "whole"
    WRITE[form](frame, path, **({"file_format_version": 8} if form == "xpt" else {}))
    source = opened(statistical, form, path.read_bytes(), tmp_path)
    assert {column["name"]: column["type"] for column in source.columns} == {
        "code": "integer", "late": "number", "large": "number", "none": "number"
    }  # fmt: skip
    rows = table_of(source).to_pydict()
    assert rows["code"] == [1, None, 2, -3, 2**53]
    assert rows["late"] == [1.0, 2.0, 3.0, 4.0, 4.5]


def test_times_longer_than_a_day(tmp_path):
    """A column of times of which one can't be on a clock is one of seconds: no value is lost."""
    path = tmp_path / "times.sav"
    frame = pd.DataFrame({"clock": [3600.0, None, 86_399.0], "stay": [3600.0, 108_000.0, None]})
    pyreadstat.write_sav(frame, path, variable_format={"clock": "TIME8", "stay": "TIME8"})
    source = opened(statistical, "sav", path.read_bytes(), tmp_path)
    assert [(column["type"], column["unit"]) for column in source.columns] == [("time", ""), ("integer", "s")]
    rows = table_of(source).to_pydict()
    assert rows == {"clock": [time(1), None, time(23, 59, 59)], "stay": [3600, 108_000, None]}


WRITE = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}


@pytest.mark.parametrize(
    ("form", "shown", "kind"),
    [
        ("sav", "DOLLAR8.2", "number"),
        ("sav", "DOT8.2", "number"),
        ("sav", "DTIME10", "number"),
        ("sav", "MONTH3", "number"),
        ("sav", "DATE11", "date"),
        ("sav", "ADATE10", "date"),
        ("sav", "MOYR8", "date"),
        ("sav", "DATETIME20", "datetime"),
        ("sav", "YMDHMS19.2", "datetime"),
        ("sav", "TIME8", "time"),
        ("xpt", "DOLLAR8.2", "number"),
        ("xpt", "D8.2", "number"),
        ("xpt", "DIAGF.", "number"),
        ("xpt", "DECES.", "number"),
        ("xpt", "TCELL.", "number"),
        ("xpt", "DATE9.", "date"),
        ("xpt", "DDMMYYS10.", "date"),
        ("xpt", "YYMMDDN8.", "date"),
        ("xpt", "E8601DA10.", "date"),
        ("xpt", "DATETIME20.", "datetime"),
        ("xpt", "DTDATE9.", "datetime"),
        ("xpt", "E8601DT19.", "datetime"),
        ("xpt", "TOD8.", "time"),
        ("dta", "%9.0g", "number"),
        ("dta", "%ty", "number"),
        ("dta", "%td", "date"),
        ("dta", "%d", "date"),
        ("dta", "%-tdD_m_Y", "date"),
        ("dta", "%tc", "datetime"),
        ("dta", "%tC", "datetime"),
    ],
)
def test_dates_by_their_format(form, shown, kind, tmp_path):
    """A number is a day or a time where its program shows it as one, and a number under any other format."""
    path = tmp_path / "shown"
    more = {"file_format_version": 8} if form == "xpt" else {}
    WRITE[form](pd.DataFrame({"n": [12.5, 14.0]}), path, variable_format={"n": shown}, **more)
    source = opened(statistical, form, path.read_bytes(), tmp_path)
    assert source.columns[0]["type"] == kind
    if kind == "number":
        assert table_of(source).to_pydict()["n"] == [12.5, 14.0]


def test_sheets_by_type(tmp_path):
    """Each column of a sheet gets the narrowest type; titles that miss or come twice get names of their own."""
    data = workbook(
        ["id", "ID", None, "when", "ok"],
        [1, 1.5, "x", datetime(2026, 1, 2), True],
        [2, None, None, datetime(2026, 1, 3), False],
    )
    source = opened(sheets, "xlsx", data, tmp_path)
    assert [(column["name"], column["type"]) for column in source.columns] == [
        ("id", "integer"), ("ID_2", "number"), ("column_3", "text"), ("when", "date"), ("ok", "boolean")
    ]  # fmt: skip
    assert table_of(source).to_pydict()["when"] == [date(2026, 1, 2), date(2026, 1, 3)]


def test_faults_of_a_sheet(tmp_path):
    """What doesn't fit its column, and what Excel couldn't compute, is told by row and column; nothing is read."""
    data = workbook(["n"], [1], ["a"], ["#DIV/0!"], [4], [5, 6])
    columns = [{"name": "n", "type": "integer"}]
    source = opened(sheets, "xlsx", data, tmp_path, columns=columns)
    with pytest.raises(BadCells) as refused:
        table_of(source)
    assert [(fault["row"], fault["column"], fault["code"]) for fault in refused.value.faults] == [
        (3, "n", "not_integer"), (4, "n", "excel_error"), (6, "", "cells")
    ]  # fmt: skip


def test_what_a_sheet_hides_is_told(tmp_path):
    """Formulas and merged cells are counted; the sheets are listed, and another one is read where it is asked for."""
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, "=A2*2"])
    book.active.merge_cells("A4:B5")
    book.create_sheet("Autre").append(["c"])
    data = io.BytesIO()
    book.save(data)
    source = opened(sheets, "xlsx", data.getvalue(), tmp_path)
    assert source.sheets == ["Sheet", "Autre"]
    assert {note["code"]: note["count"] for note in source.notes} == {"formulas": 1, "merged": 1}
    assert opened(sheets, "xlsx", data.getvalue(), tmp_path, sheet="Autre").columns[0]["name"] == "c"


def bomb() -> bytes:
    """A small file that would unfold to 300 MB."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<x/>")
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(bytes(1 << 20))
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 broken", "not_xlsx"),
        (workbook(["a"])[:-200], "not_xlsx"),
        (workbook(["a"]).replace(b"sheet1.xml", b"sheet9.xml"), "no_sheet"),
        (bomb(), "unfolds"),
    ],
    ids=["no zip", "cut", "renamed", "bomb"],
)
def test_hostile_sheets(data, code, tmp_path):
    """A file that isn't sound, or unfolds to far more than its size, is refused in words and nothing else."""
    with pytest.raises(Unreadable) as refused:
        table_of(opened(sheets, "xlsx", data, tmp_path))
    assert refused.value.code == code


def test_parquet_of_others(tmp_path):
    """Dictionaries, small numbers and large strings become plain columns; lists are refused by their place."""
    table = pa.table(
        {
            "c": pa.array(["a", "b", None]).dictionary_encode(),
            "n": pa.array([1, 2, 3], pa.int8()),
            "t": pa.array([datetime(2026, 1, 1)] * 3, pa.timestamp("ns", "Europe/Paris")),
        }
    )
    data = io.BytesIO()
    pq.write_table(table, data)
    source = opened(columnar, "parquet", data.getvalue(), tmp_path)
    assert [column["type"] for column in source.columns] == ["text", "integer", "datetime"]
    assert table_of(source).to_pydict()["c"] == ["a", "b", None]
    nested = io.BytesIO()
    pq.write_table(pa.table({"a": [1], "l": [[1, 2]]}), nested)
    with pytest.raises(Unreadable) as refused:
        opened(columnar, "parquet", nested.getvalue(), tmp_path)
    assert (refused.value.code, refused.value.details) == ("nested", {"column": 2})


def test_kinds_by_their_bytes(tmp_path):
    """A file is known by its first bytes, whatever it is called."""
    assert [kind_of(statistical_file(form, tmp_path)[:64]) for form in ("sav", "dta", "xpt")] == ["sav", "dta", "xpt"]
    heads = (workbook(["a"]), b"PAR1", b"a,b\n", b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert [kind_of(data) for data in heads] == [
        "xlsx", "parquet", "csv", "csv", "xls"
    ]  # fmt: skip


# Through the sandbox


def receive(world, data: bytes, name="t.bin") -> Upload:
    return uploads.receive(
        world.user["owner"], world.project, io.BytesIO(data), name="t", title="T", sensitivity="health", file_name=name
    )


def test_a_file_becomes_a_version(world, tmp_path):
    """A file of SPSS is looked at and read in the sandbox, and its words are the version's dictionary."""
    made = receive(world, statistical_file("sav", tmp_path))
    assert made.plan["format"] == "sav"
    version = uploads.accept(world.user["owner"], made).version
    columns = {column["name"]: column for column in version.columns}
    assert columns["sex"]["codes"] == {"1": "Homme", "2": "Femme"}
    assert (columns["lactate"]["unit"], columns["lactate"]["missing_codes"]) == ("mmol/L", ["99"])
    assert (columns["born"]["type"], columns["sex"]["type"]) == ("date", "integer")
    assert datasets.table(world.user["owner"], version, ["name"]).to_pydict()["name"] == ["Éloïse", None, "Yann"]
    assert "Éloïse" not in str(version.provenance)


def test_faults_are_kept(world):
    """The faults of a sheet are kept with the upload, which can then be read another way."""
    made = receive(world, workbook(["n"], [1], [2], ["#REF!"]))
    made = uploads.correct(world.user["owner"], made, {"columns": [{"name": "n", "type": "integer"}]})
    with pytest.raises(Invalid) as refused:
        uploads.accept(world.user["owner"], made)
    assert [fault.code for fault in refused.value.faults] == ["excel_error"]
    assert Upload.objects.get().faults["count"] == 1
    assert not DatasetVersion.objects.exists()


@pytest.mark.parametrize("head", [b"PAR1", b"$FL2", b"<stata_dta>", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_nothing_of_a_bad_file_stays(world, disk, head):
    """A file that only begins like one of a format is refused, and nothing of it is kept."""
    with pytest.raises(Invalid):
        receive(world, head + bytes(range(256)) * 20)
    assert not Upload.objects.exists()
    assert [path for path in disk.rglob("*") if path.is_file()] == []


def test_another_sheet_in_the_browser(client_of, world):
    """The page lists the sheets, tells what should be known, and reads the one that is chosen."""
    made = receive(world, workbook(["a"], [1], Autre=[["b"], ["x"]]))
    client, address = client_of("owner"), reverse("datasets:check", args=[world.project.slug, made.pk])
    text = client.get(address).content.decode()
    assert "Autre" in text
    values = {"sheet": "Autre", "header": "on", "columns.1": "a", "type.1": "integer", "act": "publish"}
    assert client.post(address, values).url == address
    assert not DatasetVersion.objects.exists()
    values = {"sheet": "Autre", "header": "on", "columns.1": "lettre", "type.1": "text", "act": "publish"}
    client.post(address, values)
    assert DatasetVersion.objects.get().column_names == ["lettre"]


def test_a_workbook_over_rest(api_of, world):
    """An API client names the sheet and gets its version."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("t.xlsx", workbook(["a"], [1], Autre=[["b"], [2]]))
    body = {"project": world.project.slug, "file": file, "name": "book", "title": "Book", "sheet": "Autre"}
    answer = api_of("owner").post(reverse("api:datasets:dataset-upload"), body, format="multipart")
    assert answer.status_code == 201, answer.json()
    assert [column["name"] for column in answer.json()["version"]["columns"]] == ["b"]


# Out
