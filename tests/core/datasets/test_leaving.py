"""Datasets leave for other programs, and nothing of them changes unsaid on the way."""

# ruff: noqa: DTZ001  the moments of these files have no zone

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pyarrow as pa
import pytest
from django.urls import reverse

from core import datasets
from core.datasets.engine.formats import columnar, leaving, sheets, statistical
from core.datasets.models import DatasetVersion
from core.datasets.services.exporting import FORMS, export
from core.errors import Invalid
from tests.core.datasets.test_formats import opened, table_of


@pytest.fixture
def leaving_version(world) -> DatasetVersion:
    """Every type, hostile text, codes, a name that no statistician's program takes."""
    table = pa.table(
        {
            "n": pa.array([1, None, 3]),
            "x": pa.array([1.5, None, -2.0]),
            "nom patient": ["=cmd|' /C calc'!A0", "É\u0001<&>", None],
            "d": pa.array([date(2026, 1, 2), None, date(1950, 1, 1)]),
            "t": pa.array([datetime(2026, 1, 2, 3, 4, 5), None, None], pa.timestamp("us")),
            "h": pa.array([time(3, 4, 5), None, None], pa.time64("us")),
            "b": [True, False, None],
        }
    )
    return datasets.publish(
        world.user["owner"], world.project, "out", table, title="Out", provenance={},
        columns=[datasets.Column("n", "Nombre", "mmol/L", {"1": "Un"}, missing_codes=["3"])],
    )  # fmt: skip


def sent(world, version, form) -> bytes:
    return b"".join(export(world.user["owner"], version, form).pieces)


def test_a_workbook_out(world, leaving_version):
    """The workbook opens elsewhere: values by type, text never a formula, the dictionary on a sheet of its own."""
    book = openpyxl.load_workbook(io.BytesIO(sent(world, leaving_version, "xlsx")))
    rows = list(book.worksheets[0].values)
    assert rows[0] == ("n", "x", "nom patient", "d", "t", "h", "b")
    assert rows[1] == (
        1, 1.5, "=cmd|' /C calc'!A0", datetime(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5), time(3, 4, 5), True
    )  # fmt: skip
    cell = book.worksheets[0]["C2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    said = {row[0]: row for row in book.worksheets[1].values}
    assert said["n"][1] == "Nombre"


def test_old_days_out(world, tmp_path):
    """Days before March 1900, which programs count differently, leave as text and come back as they were."""
    days = [date(1899, 12, 31), date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(1950, 1, 1)]
    moments = [datetime(1900, 1, 5, 3), datetime(1900, 2, 28, 23, 59), datetime(1900, 3, 1, 6), None, None]
    rows = pa.table({"d": days, "t": pa.array(moments, pa.timestamp("us"))})
    version = datasets.publish(world.user["owner"], world.project, "old", rows, title="Old", provenance={})
    found = table_of(opened(sheets, "xlsx", sent(world, version, "xlsx"), tmp_path)).to_pydict()
    assert [date.fromisoformat(text) for text in found["d"]] == days
    assert [text and datetime.fromisoformat(text) for text in found["t"]] == moments


def test_long_whole_numbers_out(world, tmp_path):
    """Whole numbers that a program's numbers can't hold leave as text, digit by digit, with their labels."""
    numbers = [1, None, 2**53 + 1]
    version = datasets.publish(
        world.user["owner"], world.project, "long", pa.table({"id": numbers, "n": [1, 2, 2**53]}), title="Long",
        columns=[datasets.Column("id", codes={"1": "Un"})], provenance={},
    )  # fmt: skip
    for form in ("sav", "dta", "xpt"):
        found = opened(statistical, form, sent(world, version, form), tmp_path)
        rows = table_of(found).to_pydict()
        assert rows["id"] == ["1", None, str(2**53 + 1)]
        assert rows["n"] == [1, 2, 2**53]
        assert form != "sav" or found.columns[0]["codes"] == {"1": "Un"}


@pytest.mark.parametrize("form", ["sav", "dta", "xpt"])
def test_units_out(world, form, tmp_path):
    """A unit leaves at the end of the label, where it is read again, whatever the label's length."""
    said = {"a": "Lactate", "b": "Lactate [mmol/L]", "c": "", "d": "L" * 300}
    version = datasets.publish(
        world.user["owner"], world.project, "units", pa.table({name: [1.5] for name in said}), title="Units",
        columns=[datasets.Column(name, label, "mmol/L") for name, label in said.items()], provenance={},
    )  # fmt: skip
    found = {one["name"]: one for one in opened(statistical, form, sent(world, version, form), tmp_path).columns}
    assert {one["unit"] for one in found.values()} == {"mmol/L"}
    labels = [found[name]["label"] for name in "abc"]
    assert labels == ["Lactate [mmol/L]", "Lactate [mmol/L]", "c [mmol/L]"]


def test_a_fourth_missing_code(world):
    """SPSS holds three missing codes of a column; a file that would lose one isn't written, and it is said why."""
    version = datasets.publish(
        world.user["owner"], world.project, "codes", pa.table({"n": [1, 2]}), title="Codes",
        columns=[datasets.Column("n", missing_codes=["6", "7", "8", "9"])], provenance={},
    )  # fmt: skip
    with pytest.raises(Invalid, match=r"«.n.»") as refused:
        sent(world, version, "sav")
    assert refused.value.faults[0].code == "unwritable"
    assert sent(world, version, "dta")


@pytest.mark.parametrize("form", ["sav", "dta", "xpt"])
def test_statistical_files_out(world, leaving_version, form, tmp_path):
    """The program that reads the file finds labels, value labels and dates."""
    path = tmp_path / f"out.{form}"
    path.write_bytes(sent(world, leaving_version, form))
    frame, about = statistical.READ[form](path)
    assert list(frame.columns) == ["n", "x", "nom_patient", "d", "t", "h", "b"]
    assert frame["d"][0] == date(2026, 1, 2)
    assert about.column_names_to_labels["n"] == "Nombre [mmol/L]"
    if form != "xpt":
        assert {float(code): label for code, label in about.variable_value_labels["n"].items()} == {1.0: "Un"}


def test_parquet_and_zip_out(world, leaving_version, tmp_path):
    """Parquet carries the dictionary and gives it back when it is uploaded; CSV comes with its dictionary."""
    data = sent(world, leaving_version, "parquet")
    source = opened(columnar, "parquet", data, tmp_path)
    assert source.columns[0]["codes"] == {"1": "Un"}
    with zipfile.ZipFile(io.BytesIO(sent(world, leaving_version, "zip"))) as packed:
        assert packed.namelist() == ["data.csv", "dictionary.csv", "tableschema.json"]
        assert b"'=cmd" in packed.read("data.csv")


def test_downloads_in_every_format(client_of, leaving_version):
    """Each format is sent as a file of its own name; an unknown one is 404."""
    client = client_of("owner")
    for form in FORMS:
        answer = client.get(reverse("datasets:export", args=[leaving_version.dataset.project.slug, "out", 1, form]))
        assert (answer.status_code, answer["Content-Disposition"]) == (200, f'attachment; filename="out-v1.{form}"')
        assert answer.getvalue()
    assert client.get(reverse("datasets:export", args=["etude-sepsis", "out", 1, "exe"])).status_code == 404


def test_too_large_for_a_format(client_of, leaving_version, monkeypatch):
    """What takes too long to be waited for leads to where a job is asked for."""
    monkeypatch.setattr("core.datasets.services.exporting.MOST_CELLS", 5)
    address = reverse("datasets:export", args=[leaving_version.dataset.project.slug, "out", 1, "sav"])
    answer = client_of("owner").get(address)
    assert answer["Location"].endswith("/prepare/sav/")


def test_names_for_other_programs():
    """Names are cut and cleaned, and no two become one."""
    assert leaving.names_for(["É 1", "E_1", "e_1", "if", "1x", "é", "a" * 40, "a" * 40 + "b"], 32) == [
        "v1", "E_1", "e_1_3", "if_4", "v1x", "v6", "a" * 32, "a" * 26 + "_8"
    ]  # fmt: skip
