"""Data in each format: told from what is in the file, read to the same records, every wrong cell at its place."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from ecrf import engine
from ecrf.engine.exchange import data_formats, odm_1_3_2, odm_2_0
from ecrf.engine.exchange.data_formats import Asked, detect
from ecrf.engine.exchange.fhir_questionnaire import responses
from ecrf.engine.exchange.flat import read_flat
from ecrf.engine.exchange.records import Reading, Record
from tests.ecrf.visits import TRIAL

NOW = datetime(2026, 11, 23, 14, 5)  # noqa: DTZ001
DEFINITION = engine.load(TRIAL)
PLAIN = engine.load(
    {
        "format": 1,
        "title": {"en": "Plain"},
        "languages": ["en"],
        "pages": [
            {
                "key": "first",
                "title": {"en": "First"},
                "groups": [
                    {
                        "items": [
                            {"key": "age", "type": "integer", "label": {"en": "Age"}},
                            {"key": "born", "type": "date", "label": {"en": "Born"}},
                            {
                                "key": "race",
                                "type": "choices",
                                "label": {"en": "Race"},
                                "choices": [
                                    {"code": "1", "label": {"en": "One"}},
                                    {"code": "2", "label": {"en": "Two"}},
                                ],
                            },
                        ]
                    }
                ],
            },
            {
                "key": "second",
                "title": {"en": "Second"},
                "groups": [{"items": [{"key": "note", "type": "text", "label": {"en": "Note"}}]}],
            },
        ],
    }
)
RECORDS = [
    Record("A1", "BRO", "inclusion", values={"weight": "80", "lactate": "2.5"}),
    Record("A1", "BRO", "month_1", values={"weight": "78.5", "takes": "1", "drug": [{"name": "Aspirin"}]}),
    Record("A1", "BRO", "during", "ae", 1, values={"term": "Fever", "serious": "0"}),
]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("at_", "@"))
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(content: bytes, definition: engine.Definition = DEFINITION, **more: Any) -> tuple[str, Reading]:
    kind = detect(content, definition)
    assert kind is not None
    return kind, data_formats.read(content, kind, Asked(definition, NOW, **more))


def placed(reading: Reading) -> list[tuple[Any, str, str]]:
    return [(one.params["row"], one.params["column"], one.code) for one in reading.faults]


def told(reading: Reading) -> list[tuple[Any, ...]]:
    return [(one.subject, one.event, one.page, one.instance, one.values) for one in reading.records]


def native(*records: dict[str, Any]) -> bytes:
    return json.dumps({"records": list(records)}).encode()


@pytest.mark.parametrize("kind", ["odm-1.3.2", "odm-2.0", "fhir-bundle", "json", "csv", "xlsx"])
def test_the_same_records_in_each_format(kind: str) -> None:
    """What one record is, is the same whatever brought it, and so is its site by any of its names."""
    rows = [
        [
            "subject",
            "site",
            "event",
            "page",
            "instance",
            "weight",
            "lactate",
            "takes",
            "drug[1].name",
            "term",
            "serious",
        ],
        ["A1", "Broceliande", "inclusion", "", "", 80, 2.5, "", "", "", ""],
        ["A1", "Broceliande", "month_1", "", "", 78.5, "", 1, "Aspirin", "", ""],
        ["A1", "Broceliande", "during", "ae", 1, "", "", "", "", "Fever", 0],
    ]
    named = [Record(one.subject, "Broceliande", one.event, one.page, one.instance, one.values) for one in RECORDS]
    as_json = [
        {"subject": one.subject, "site": one.site, "event": one.event, "page": one.page, "instance": one.instance,
         "values": one.values}
        for one in named
    ]  # fmt: skip
    content = {
        "odm-1.3.2": lambda: "".join(odm_1_3_2.write_data(DEFINITION, named, audit=False)).encode(),
        "odm-2.0": lambda: "".join(odm_2_0.write_data(DEFINITION, named, audit=False)).encode(),
        "fhir-bundle": lambda: "".join(responses.write_data(DEFINITION, named)).encode(),
        "json": lambda: native(*as_json),
        "csv": lambda: "\n".join(";".join(map(str, row)) for row in rows).encode(),
        "xlsx": lambda: workbook(data=rows),
    }[kind]()
    found, reading = read(content, sites={"BRO": "BRO", "Broceliande": "BRO"})
    assert (found, placed(reading)) == (kind, [])
    assert told(reading) == [(one.subject, one.event, one.page, one.instance, one.values) for one in RECORDS]
    assert {one.site for one in reading.records} == {"BRO"}


@pytest.mark.parametrize("kind", ["odm-1.3.2", "fhir-bundle", "json"])
def test_unknown_sites_subjects_and_twins_are_named_in_each_format(kind: str) -> None:
    """Also where a format has no rows: by the place of the record."""
    twice = [Record("A1", "Nowhere", "inclusion", values={"weight": "80"})]
    content = {
        "odm-1.3.2": lambda: "".join(odm_1_3_2.write_data(DEFINITION, twice, audit=False)).encode(),
        "fhir-bundle": lambda: "".join(responses.write_data(DEFINITION, twice)).encode(),
        "json": lambda: native({"subject": "A1", "site": "Nowhere", "event": "inclusion", "values": {"weight": "80"}}),
    }[kind]()
    _kind, reading = read(content, sites={"BRO": "BRO"}, subjects=["B2"])
    assert sorted({(column, code) for _row, column, code in placed(reading)}) == [
        ("site", "unknown_site"),
        ("subject", "unknown_subject"),
    ]


def test_several_sheets_say_one_record() -> None:
    """Sheets with the key columns complete each other; what they say differently is named at its cell."""
    content = workbook(
        exam=[["subject", "event", "weight"], ["A1", "inclusion", 80], ["A2", "inclusion", "heavy"]],
        more=[["subject", "event", "lactate", "weight"], ["A1", "inclusion", 2, None], ["A2", "inclusion", 3, 70]],
        again=[["subject", "event", "lactate"], ["A1", "inclusion", 4]],
        notes=[["anything"], ["else"]],
        at_definitions=[["table", "variable"], ["exam", "weight"]],
    )
    kind, reading = read(content)
    assert kind == "xlsx"
    assert sorted(placed(reading)) == [(2, "more!lactate", "said_otherwise"), (3, "exam!weight", "not_number")]
    assert [one.code for one in reading.warnings] == ["sheet_without_subject"]
    first = reading.records[0]
    assert (first.values["weight"], first.values["lactate"]) == ("80", "4")


def test_an_export_of_ours_reads_back() -> None:
    """A line of labels, sheets of rows, the codebook and the history are what they are, and no data."""
    own, labels = ["subject", "site", "event", "page", "instance"], ["Subject", "Site", "Event", "Page", "Instance"]
    content = workbook(
        records=[
            [*own, "form_version", "complete", "saved_at", "weight", "weight.status", "takes"],
            [*labels, "Version", "Complete", "Saved", "Weight", "Status of the weight", "Takes something"],
            ["A1", "BRO", "month_1", None, 1, 1, False, "2026-11-23", 80, "check", "1"],
        ],
        drug=[
            [*own, "row", "name", "dose"],
            [*labels, "Row", "Medicine", "Dose"],
            ["A1", "BRO", "month_1", None, 1, 1, "Aspirin", 100],
            ["A1", "BRO", "month_1", None, 1, 2, "Other", "much"],
        ],
        history=[["subject", "item", "value", "user"], ["A1", "weight", "79", "me"]],
        codebook=[["name", "label"], ["weight", "Weight"]],
    )
    _kind, reading = read(content)
    assert (placed(reading), reading.warnings) == ([(4, "drug!dose", "not_number")], [])
    drugs = [{"name": "Aspirin", "dose": "100"}, {"name": "Other"}]
    assert told(reading) == [("A1", "month_1", "", 1, {"weight": "80", "takes": "1", "drug": drugs})]
    assert reading.records[0].notes == {"weight": {"status": "check"}}


def test_an_archive_of_csv_files_is_read_as_sheets() -> None:
    """An export that is a ZIP of CSV files comes in as it left."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("exam.csv", "subject,event,weight\nA1,inclusion,80\n")
        archive.writestr("README.txt", "not data")
    kind, reading = read(stream.getvalue())
    assert (kind, placed(reading), told(reading)) == ("xlsx", [], [("A1", "inclusion", "", 1, {"weight": "80"})])


def test_goupile_s_layout() -> None:
    """A sheet per page, joined by thread; NA is missing, boxes are columns, typed cells are read as they mean."""
    content = workbook(
        first=[
            ["__tid", "__sequence", "__hid", "age", "born", "race.1", "race.2"],
            ["01J", 1, "P-1", 41, date(1985, 3, 2), 1, 0],
            ["01K", 2, "NA", "NA", "NA", None, None],
        ],
        second=[["__tid", "__sequence", "__hid", "note"], ["01J", 1, "P-1", "well"]],
        at_definitions=[["table", "variable", "label", "type"], ["first", "age", "Age", "number"]],
    )
    kind, reading = read(content, PLAIN)
    assert (kind, placed(reading)) == ("goupile-xlsx", [])
    assert told(reading) == [
        ("P-1", "", "", 1, {"age": "41", "born": "1985-03-02", "race": ["1"], "note": "well"}),
        ("2", "", "", 1, {}),
    ]


def test_wrong_cells_of_goupile_s_layout() -> None:
    """Each by its sheet, its row and its column."""
    content = workbook(
        first=[
            ["__tid", "__sequence", "__hid", "age", "born", "race.1", "other"],
            ["01J", 1, "P-1", 41.5, "yesterday", 2, "x"],
            ["01K", "NA", "", 1, None, None, None],
            ["01L", 1, "P-1", 1, None, None, None],
        ],
        third=[["__tid", "__sequence", "__hid"], ["01J", 1, "P-1"]],
    )
    _kind, reading = read(content, PLAIN)
    assert sorted(placed(reading)) == [
        (1, "first!other", "column_unknown_data"),
        (1, "third!", "unknown_page"),
        (2, "first!age", "not_whole"),
        (2, "first!born", "not_date"),
        (2, "first!race.1", "box_not_0_or_1"),
        (3, "first!__sequence", "cell_empty"),
        (4, "first!__hid", "row_twice"),
    ]


@pytest.mark.parametrize(
    ("record", "column", "code"),
    [
        ({"subject": "A1"}, "event", "cell_empty"),
        ({"subject": "", "event": "inclusion"}, "subject", "cell_empty"),
        ({"subject": "A1", "event": "during", "page": "exam"}, "page", "page_not_at_event"),
        ({"subject": "A1", "event": "during", "page": "ae", "instance": 0}, "instance", "bad_instance"),
        ({"subject": "A1", "event": "inclusion", "instance": 2}, "instance", "instance_misplaced"),
        ({"subject": "A1", "event": "inclusion", "values": {"weight": "x"}}, "weight", "not_number"),
        ({"subject": "A1", "event": "inclusion", "values": {"nothing": "x"}}, "nothing", "unknown_variable"),
        ({"subject": "A1", "event": "inclusion", "values": {"term": "x"}}, "term", "page_not_at_event"),
        ({"subject": "A1", "event": "during", "values": {"term": "x"}}, "term", "page_repeats"),
        ({"subject": "A1", "event": "month_1", "values": {"drug": "x"}}, "drug", "not_rows"),
        ({"subject": "A1", "event": "month_1", "values": {"drug": [{"dose": "x"}]}}, "drug[0].dose", "not_number"),
        ({"subject": "A1", "event": "inclusion", "complete": {"exam": "yes"}}, "complete", "wanted_map"),
        ({"subject": "A1", "event": "inclusion", "colour": "red"}, "colour", "column_unknown_data"),
    ],
)
def test_wrong_values_of_json(record: dict[str, Any], column: str, code: str) -> None:
    """Each at the number of its record and under its name."""
    _kind, reading = read(native({"subject": "A9", "event": "inclusion"}, record))
    assert placed(reading) == [(2, column, code)]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no archive", b"{", b"{}", b'{"records": {}}', b"<ODM/>", b"subject", b"\xff\xfe"]
)
def test_what_is_no_data_is_refused_in_words(content: bytes) -> None:
    """A damaged file is a fault, never a failure; or no format can be told."""
    kind = detect(content, DEFINITION)
    if kind is not None:
        reading = data_formats.read(content, kind, Asked(DEFINITION, NOW))
        assert reading.records == []
        assert kind.startswith("odm") or reading.faults != []


def test_rows_are_named_by_their_own_column() -> None:
    """A value of the second row of a group that the form refuses is named at the second row's column."""
    limited = json.loads(json.dumps(TRIAL))
    limited["pages"][1]["groups"][1]["items"][1] |= {"max": ["number", "10"], "range": "block"}
    head = "subject,event,takes,drug[1].name,drug[1].dose,drug[2].name,drug[2].dose"
    content = f"{head}\nA1,month_1,1,A,5,B,50\n".encode()
    reading = read_flat(content, engine.load(limited), now=NOW)
    assert placed(reading) == [(2, "drug[2].dose", "above_max")]
