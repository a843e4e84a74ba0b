"""Tables in CSV and in workbooks."""

from __future__ import annotations

import csv
import io
from copy import deepcopy
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from ecrf.engine.exports import workbook as workbooks
from ecrf.engine.exports.tables import tables
from tests.ecrf.engine.exports.books import FORM, RECORDS, book, item, unzipped, words, written


def rows(content: bytes, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(unzipped(content)[name].decode("utf-8-sig"), newline="")))


def sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    read = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in read}


def test_csv_of_records() -> None:
    """Values are spelt as they are kept; boxes are 0 and 1, and unknown where nobody knows."""
    content, losses = written("csv")
    first, second = rows(content, "records.csv")
    assert losses == []
    assert (first["age"], first["weight"], first["born"], first["since"]) == ("45", "72.5", "1981-02-03", "2026-05")
    assert [(row["signs___fever"], row["signs___cough"]) for row in (first, second)] == [("0", "1"), ("0", "0")]
    assert (second["age"], second["age.status"], second["age.comment"]) == ("", "lost", "tube")
    assert (first["complete"], second["complete"]) == ("1", "0")


def test_csv_runs_nothing() -> None:
    """A text that a spreadsheet would run stands behind an apostrophe; a negative number is no such text."""
    content, _ = written("csv")
    first, second = rows(content, "records.csv")
    assert first["note"].startswith("'=HYPERLINK")
    assert second["weight"] == "-3"
    assert [row["name"] for row in rows(content, "drugs.csv")] == ["Amoxicilline", "'@x"]


def test_rows_know_their_record() -> None:
    """Rows are a table with the keys of their record and their number; their statuses stand beside."""
    content, _ = written("csv")
    found = rows(content, "drugs.csv")
    assert [(row["subject"], row["instance"], row["row"], row["dose.status"]) for row in found] == [
        ("BRO-001", "1", "1", ""),
        ("BRO-001", "1", "2", "nd"),
    ]
    assert rows(content, "adverse.csv")[0]["instance"] == "2"


def test_mark_of_utf8() -> None:
    """The byte order mark is there for spreadsheets, and not where it isn't wanted."""
    assert unzipped(written("csv")[0])["records.csv"].startswith(b"\xef\xbb\xbf")
    assert unzipped(written("csv", book(bom=False))[0])["records.csv"].startswith(b"subject")


def test_tables_of_one_name() -> None:
    """A group called like another table, or like it but for its case, gets a name of its own."""
    data = deepcopy(FORM)
    data["pages"][0]["groups"][1]["repeat"]["key"] = "Records"
    assert [table.name for table in tables(book(data))] == ["records", "adverse", "Records_2"]


def test_items_named_like_own_columns() -> None:
    """An item called like a column of ours gets another name, the same as in the dataset."""
    data = deepcopy(FORM)
    data["pages"][0]["groups"][0]["items"].append(item("site", "text"))
    names = [column.name for column in tables(book(data))[0].columns]
    assert names.count("site") == 1
    assert "site_item" in names


def test_workbook() -> None:
    """Numbers are numbers and dates dates; labels are the second row; the history is there where it is wanted."""
    content, losses = written("xlsx", book(history=True))
    found = sheets(content)
    assert list(found) == ["records", "adverse", "drugs", "history", "codebook", "statuses"]
    head, labels, first, second = found["records"]
    line, other = dict(zip(head, first, strict=False)), dict(zip(head, second, strict=False))
    assert dict(zip(head, labels, strict=True))["weight"] == "Weight"
    assert (line["age"], line["weight"], line["born"]) == (45, 72.5, datetime(1981, 2, 3))  # noqa: DTZ001
    assert line["seen"] == datetime(2026, 1, 5, 14, 5)  # noqa: DTZ001
    assert line["note"].startswith("=HYPERLINK")
    assert (other["born"], other["age.status"]) == ("1890-01-01", "lost")
    assert [row[5:8] for row in found["history"][2:]] == [("age", "44", "Ana"), ("age", "45", "Ana")]
    assert ("lost", "Lost", "1") in found["statuses"]
    assert losses == []


def test_full_sheets_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines for which a sheet has no room stand on the next one."""
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    found = sheets(written("xlsx")[0])
    assert [len(found[name]) for name in ("records", "records_more")] == [3, 3]


def test_goupile() -> None:
    """One sheet per page with something in it, NA for what is missing, boxes as key.code, then two sheets of words."""
    content, losses = written("goupile-xlsx")
    found = sheets(content)
    assert list(found) == ["visit", "adverse", "@definitions", "@propositions"]
    head, first, second = found["visit"]
    assert head[:3] == ("__tid", "__sequence", "__hid")
    line, other = dict(zip(head, first, strict=True)), dict(zip(head, second, strict=True))
    assert (line["__sequence"], line["__hid"], len(line["__tid"])) == (1, "BRO-001", 26)
    assert (line["age"], line["signs.fever"], line["signs.cough"], line["born"]) == (45, 0, 1, "1981-02-03")
    assert (other["age"], other["signs.cough"]) == ("NA", "NA")
    assert "hidden" not in line
    assert found["adverse"][1][0] == other["__tid"]
    assert ("visit", "signs", "Signs", "multi") in found["@definitions"]
    assert ("visit", "sex", "1", "Choice 1") in found["@propositions"]
    assert {loss.code for loss in losses} == {"goupile_events", "statuses_left_out", "rows_left_out"}


def test_goupile_names_of_sheets() -> None:
    """Names are cut to 30 signs; two that meet then are told apart, and both are reported."""
    data: dict[str, Any] = {
        "format": 1,
        "title": words("Two"),
        "languages": ["en", "fr"],
        "pages": [
            {"key": f"{'p' * 30}_{n}", "title": words("P"), "groups": [{"items": [item(f"v{n}", "integer")]}]}
            for n in (1, 2)
        ],
    }
    from ecrf.engine.exchange.records import Record

    content, losses = written("goupile-xlsx", book(data, [Record("7", values={"v1": "1", "v2": "2"})]))
    assert list(sheets(content))[:2] == ["p" * 30, f"{'p' * 28}_2"]
    assert [(loss.code, loss.params["name"]) for loss in losses] == [
        ("sheet_renamed", "p" * 30),
        ("sheet_renamed", f"{'p' * 28}_2"),
    ]


def test_nothing_to_tell() -> None:
    """A form without records gives tables without lines, in every format that we write as tables."""
    for name in ("csv", "xlsx", "goupile-xlsx", "stata", "spss", "sas-xpt", "r"):
        content, _ = written(name, book(records=[]))
        assert content[:2] == b"PK"
    assert len(RECORDS) == 3
