"""Records in the formats of clinical research: REDCap, ODM, Dataset-JSON, FHIR."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from jsonschema import Draft202012Validator

from ecrf import engine
from ecrf.engine.exchange import odm_1_3_2, odm_2_0
from ecrf.engine.exchange.fhir_questionnaire.responses import read_records
from ecrf.engine.exchange.records import Reading, Record
from ecrf.engine.exports import FORMATS, Book
from ecrf.engine.redcap.project import read_project
from ecrf.engine.redcap.records import read_records as read_redcap
from tests.ecrf.engine.exchange.studies import sample, study
from tests.ecrf.engine.exchange.test_odm import problems
from tests.ecrf.engine.exchange.test_odm_data import NOW
from tests.ecrf.engine.exports.clinical_books import AT, book, datasets, unzipped, written

VERSIONS = [("odm-1.3.2", odm_1_3_2), ("odm-2.0", odm_2_0)]
MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)?$"
COLUMN = {
    "type": "object",
    "required": ["itemOID", "name", "label", "dataType"],
    "additionalProperties": False,
    "properties": {
        "itemOID": {"type": "string"},
        "name": {"type": "string"},
        "label": {"type": "string"},
        "dataType": {
            "enum": ["string", "integer", "decimal", "float", "double", "boolean", "datetime", "date", "time", "URI"],
        },
        "targetDataType": {"enum": ["integer", "decimal"]},
        "length": {"type": "integer", "minimum": 1},
        "displayFormat": {"type": "string"},
        "keySequence": {"type": "integer", "minimum": 1},
    },
}
DATASET = Draft202012Validator(
    {
        "type": "object",
        "required": [
            *("datasetJSONCreationDateTime", "datasetJSONVersion", "itemGroupOID", "records", "name", "label"),
            "columns",
        ],
        "additionalProperties": False,
        "properties": {
            "datasetJSONCreationDateTime": {"type": "string", "pattern": MOMENT},
            "datasetJSONVersion": {"type": "string", "pattern": r"^1\.1(\.(0|[1-9]\d*))?$"},
            "fileOID": {"type": "string"},
            "dbLastModifiedDateTime": {"type": "string", "pattern": MOMENT},
            "originator": {"type": "string"},
            "sourceSystem": {
                "type": "object",
                "required": ["name", "version"],
                "additionalProperties": False,
                "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
            },
            "studyOID": {"type": "string"},
            "metaDataVersionOID": {"type": "string"},
            "metaDataRef": {"type": "string"},
            "itemGroupOID": {"type": "string"},
            "isReferenceData": {"type": "boolean"},
            "records": {"type": "integer", "minimum": 0},
            "name": {"type": "string"},
            "label": {"type": "string"},
            "columns": {"type": "array", "items": COLUMN},
            "rows": {
                "type": "array",
                "items": {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
            },
        },
    }
)
"""The rules of Dataset-JSON 1.1, in our own words."""


@pytest.mark.parametrize("project", ["longitudinal", "repeating-instruments", "validation-types"])
def test_real_projects_leave_as_they_came(project: str) -> None:
    """The data of a REDCap project, exported for REDCap, have the same cells as REDCap's own export."""
    definition, _ = read_project(sample(f"redcap/{project}/project.xml"))
    content = sample(f"redcap/{project}/data.csv").decode()
    records = read_redcap(content, definition, now=NOW).records
    made, losses = written(Book(definition, lambda: iter(records), "S", "s", AT, 1), "redcap-csv")
    assert list(csv.reader(io.StringIO(made.decode()))) == list(csv.reader(io.StringIO(content)))
    assert [loss.code for loss in losses] == ["export_without_comments"]


def test_sites_are_groups_in_redcap() -> None:
    """Where records have sites, the data access group has its column."""
    rows = list(csv.DictReader(io.StringIO(written(book(), "redcap-csv")[0].decode())))
    assert {row["redcap_data_access_group"] for row in rows} == {"BRO", "LYO"}
    assert rows[0]["race___1"] == "1"


@pytest.mark.parametrize(("name", "version"), VERSIONS)
@pytest.mark.parametrize("history", [True, False])
def test_odm_holds_everything(name: str, version: ModuleType, history: bool) -> None:
    """The file is valid against CDISC's schema, and says who appears in it, and each change where that is wanted."""
    given = book(history=history)
    content, losses = written(given, name)
    assert (problems(version, content), losses) == ([], [])
    text = content.decode()
    assert text.count("ReasonForChange") == (2 if history else 0)
    assert ('OID="u1"' in text) == history
    assert text.index('<Location OID="LYO"') < text.index("<ClinicalData")
    found = list(version.read_data(content, given.definition, reading := Reading()))
    assert (reading.faults, [record.values for record in found]) == ([], [one.values for one in given.records()])
    assert sum(len(record.audit) for record in found) == (5 if history else 0)


def test_odm_takes_no_more_memory_for_more_records() -> None:
    """Subjects are written one after the other: ten times as many take as much memory."""
    definition = engine.load(study())

    def peak(subjects: int) -> int:
        def records() -> Iterator[Record]:
            for number in range(subjects):
                yield Record(f"S-{number}", "BRO", "inclusion", values={"name": "n" * 80, "race": ["1"]})

        class Away(io.RawIOBase):
            def write(self, data: Any) -> int:
                return len(data)

        tracemalloc.start()
        FORMATS["odm-1.3.2"].write(Book(definition, records, "S", "s", AT, 1), Away())  # type: ignore[arg-type]
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(500) < 1.5 * peak(50)


def test_datasets_keep_the_rules() -> None:
    """Each page is a dataset of typed columns, each repeating group another; all keep the rules of Dataset-JSON."""
    found = datasets(book(history=True))
    for name, dataset in found.items():
        assert list(DATASET.iter_errors(dataset)) == [], name
        assert dataset["records"] == len(dataset["rows"])
        assert {len(row) for row in dataset["rows"]} <= {len(dataset["columns"])}
    assert [*found] == [
        *("person.json", "drugs.json", "drugs.meds.json", "events_page.json", "_notes.json", "_history.json"),
    ]
    person = found["person.json"]
    columns = {column["name"]: column for column in person["columns"]}
    first = dict(zip(columns, person["rows"][0], strict=True))
    assert (first["subject"], first["event"], first["instance"]) == ("BRO-001", "inclusion", 1)
    assert (first["weight"], first["race___2"], first["race___9"]) == ("60.5", 1, 0)
    assert (first["seen"], first["page_status"]) == ("2026-11-01T08:05:00", "complete")
    assert columns["weight"]["targetDataType"] == "decimal"
    assert columns["name"]["length"] == len('Ann <& co> "é"')
    meds = found["drugs.meds.json"]
    assert [row[4:7] for row in meds["rows"]] == [[1, "A", "2.5"], [2, "B", None]]


def test_datasets_tell_statuses_and_changes() -> None:
    """Statuses, comments and changes are datasets of their own, there where they are asked for."""
    found = datasets(book(history=True))
    assert ["BRO-001", "BRO", "inclusion", 1, "person", "height", "nd", None] in found["_notes.json"]["rows"]
    changed = ["BRO-001", "BRO", "inclusion", 1, "person", "weight", "60.5", "u2", "BRO", "2026-11-01T12:00:00+01:00"]
    assert [*changed, "typing error"] in found["_history.json"]["rows"]
    bare = datasets(book(statuses=False))
    assert not {"_notes.json", "_history.json"} & {*bare}


def test_labels_in_place_of_codes() -> None:
    """Asked for labels, choices are told in the language of the export."""
    data = study()
    data["pages"][0]["groups"][0]["items"][3]["choices"][0]["label"] = {"en": "Female", "fr": "Femme"}
    person = datasets(book(data, labels=True, language="fr"))["person.json"]
    place = [column["name"] for column in person["columns"]].index("sex")
    assert person["rows"][0][place] == "Femme"


def test_own_columns_have_their_names() -> None:
    """An item that is called as a column of the export gets another name."""
    data = study()
    data["pages"][2]["groups"][0]["items"][0]["key"] = "site"
    record = Record("BRO-001", "BRO", "safety", "events_page", 1, values={"site": "arm"})
    found = datasets(book(data, [record]))["events_page.json"]
    names = [column["name"] for column in found["columns"]]
    assert (names.count("site"), found["rows"][0][names.index("site_item")]) == (1, "arm")


def test_lines_of_json() -> None:
    """As NDJSON the first line says what the rest is: the same rows, a line each."""
    lines = unzipped(written(book(), "dataset-ndjson")[0])["person.ndjson"].decode().splitlines()
    about, *rows = map(json.loads, lines)
    assert list(DATASET.iter_errors(about)) == []
    assert rows == datasets(book())["person.json"]["rows"]


def test_a_bundle_of_responses() -> None:
    """The form and a response per record are a valid R4 Bundle; addresses are the same each time; all is read back."""
    given = book(records=[replace(one, saved_at="2026-11-01T08:00:00+01:00") for one in book().records()])
    content, losses = written(given, "fhir-bundle")
    bundle = json.loads(content)
    Bundle.model_validate(bundle)
    form, *responses = [entry["resource"] for entry in bundle["entry"]]
    assert (form["resourceType"], form["version"], losses) == ("Questionnaire", "3", [])
    assert {one["questionnaire"] for one in responses} == {form["url"]}
    assert responses[0]["authored"] == "2026-11-01T08:00:00+01:00"
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len({*addresses}) == len(addresses) == 5
    assert content == written(given, "fhir-bundle")[0]
    found = read_records(content, given.definition)
    assert [record.values for record in found.records][1:3] == [record.values for record in given.records()][1:3]


def test_what_has_no_place_is_told() -> None:
    """What was asked for and a format can't hold is listed."""
    given = book(history=True, labels=True)
    told = {name: [loss.code for loss in written(given, name)[1]] for name in ("redcap-csv", "fhir-bundle", "odm-2.0")}
    assert told == {
        "redcap-csv": ["export_without_labels", "export_without_history", "export_without_comments"],
        "fhir-bundle": ["export_without_labels", "export_without_history"],
        "odm-2.0": ["export_without_labels"],
    }
