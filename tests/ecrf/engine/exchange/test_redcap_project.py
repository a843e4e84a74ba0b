"""REDCap's project XML: whole projects come in with their data, and go out so that REDCap can take them."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest

from ecrf import engine
from ecrf.engine.exchange.records import Attachment, Record
from ecrf.engine.redcap import write_dictionary
from ecrf.engine.redcap.export import write_records
from ecrf.engine.redcap.project import read_project, read_project_data, write_project, write_project_data
from tests.ecrf.engine.exchange.studies import sample, study
from tests.ecrf.engine.exchange.test_redcap_records import GOOD, HEADER, cells, named, project, read

NOW = datetime(2026, 11, 23, 14, 5)  # noqa: DTZ001  (forms have no zone)
PROJECTS = ["longitudinal", "repeating-instruments", "validation-types"]


def table(content: bytes | str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode() if isinstance(content, bytes) else content)))


@pytest.mark.parametrize("name", PROJECTS)
def test_real_projects(name: str) -> None:
    """A real project has the fields of its dictionary and the data of its export; its rights and reports are said."""
    content = sample(f"redcap/{name}/project.xml")
    definition, remarks = read_project(content)
    assert "roles_not_carried" in [remark.code for remark in remarks]
    written, wanted = table(write_dictionary(definition)[0]), table(sample(f"redcap/{name}/dictionary.csv"))
    different = {
        row[0] for row, other in zip(written, wanted, strict=True) if row != other
    }  # the XML has neither the limits of a slider nor the text of a query
    assert different <= {"f_slider", "f_sql"}
    reading = read_project_data(content, definition, now=NOW)
    assert (reading.faults, reading.warnings) == ([], [])
    export = table("".join(write_records(definition, reading.records, one_line=True)))
    for row, other in zip(export, table(sample(f"redcap/{name}/data.csv")), strict=True):
        given = [(title, a, b) for title, a, b in zip(export[0], row, other, strict=True) if a != b]
        assert given in ([], [("f_calculated", "7", "")])  # the XML has a result that the export was made without


@pytest.mark.parametrize("name", PROJECTS)
def test_real_projects_go_round(name: str) -> None:
    """A project that goes out is the same when it comes in again, its data and files included."""
    content = sample(f"redcap/{name}/project.xml")
    definition, _ = read_project(content)
    records = read_project_data(content, definition, now=NOW).records
    again = "".join(write_project_data(definition, records)).encode()
    assert read_project(again)[0].data == definition.data
    found = read_project_data(again, definition, now=NOW).records
    assert [(one.values, one.pages, one.files, one.instance) for one in found] == [
        (one.values, one.pages, one.files, one.instance) for one in records
    ]


def test_events_arms_and_repeats() -> None:
    """Arms, events with their days and forms, repeats and codes are those of the project."""
    definition = project()
    content, remarks = write_project(definition)
    again, _ = read_project(content)
    for part in ("arms", "events", "missing_codes"):
        assert again.data[part] == definition.data[part]
    assert [remark.code for remark in remarks] == []


def test_data_go_round() -> None:
    """Events, copies, states, groups of sites and line breaks of data stay."""
    definition, reading = project(), read(*GOOD)
    content = "".join(write_project_data(definition, reading.records)).encode()
    found = read_project_data(content, definition, now=NOW)
    assert (found.faults, found.warnings) == ([], [])
    assert cells("".join(write_records(definition, found.records, sites=True))) == cells("\n".join([HEADER, *GOOD]))


def test_line_breaks_of_redcap() -> None:
    """REDCap writes breaks bare into attributes: they stay breaks, and lines keep their numbers."""
    content = "".join(write_project_data(project(), read(*GOOD).records)).replace("two&#10;lines", "two\nlines\n")
    content = content.replace('Value="2026-01-01 08:00:05"', 'Value="yesterday"')
    reading = read_project_data(content.encode(), project(), now=NOW)
    assert reading.records[3].values["remark"] == "two\nlines"
    line = int(reading.faults[0].params["row"].removeprefix("line "))
    assert 'Value="yesterday"' in content.split("\n")[line - 1]


@pytest.mark.parametrize(
    ("change", "to", "column", "code"),
    [
        ('ItemOID="sex" Value="f"', 'ItemOID="sex" Value="x"', "sex", "unknown_choice"),
        ('ItemOID="sex" Value="f"', 'ItemOID="gender" Value="f"', "gender", "unknown_variable"),
        ('ItemOID="race___1" Value="1"', 'ItemOID="race___1" Value="true"', "race___1", "box_not_0_or_1"),
        ('UniqueEventName="visit_arm_1"', 'UniqueEventName="visit_arm_9"', "redcap_event_name", "unknown_event"),
        ('SubjectKey="2"', 'SubjectKey=""', "record_id", "cell_empty"),
        ('FormOID="Form.dose" FormRepeatKey="2"', 'FormOID="Form.dose" FormRepeatKey="1"', "record_id", "row_twice"),
    ],
)
def test_wrong_values_are_named(change: str, to: str, column: str, code: str) -> None:
    """A wrong value of a project's data is named with its line."""
    content = "".join(write_project_data(project(), read(*GOOD).records))
    begin = content.index("<ClinicalData")
    assert change in content[begin:]
    content = content[:begin] + content[begin:].replace(change, to, 1)
    reading = read_project_data(content.encode(), project(), now=NOW)
    assert [(where, what) for _, where, what in named(reading.faults)] == [(column, code)]
    assert reading.faults[0].place.startswith("line ")


def test_files_come_with_the_data() -> None:
    """A file keeps its name, its kind and its content; what is no file says so."""
    data = study()
    data["pages"][0]["groups"][0]["items"].append({"key": "scan", "type": "file", "label": {"en": "Scan"}})
    definition = engine.load(data)
    record = Record(
        "1",
        event="inclusion",
        values={"scan": "a.pdf"},
        files={"scan": Attachment("a.pdf", "application/pdf", b"%PDF")},
    )
    content = "".join(write_project_data(definition, [record]))
    (found,) = read_project_data(content.encode(), definition, now=NOW).records
    assert (found.values["scan"], found.files) == ("a.pdf", record.files)
    broken = read_project_data(content.replace("JVBERg==", "J").encode(), definition, now=NOW)
    assert [fault.code for fault in broken.faults] == ["not_base64"]


def test_what_a_project_cannot_say() -> None:
    """What REDCap has no room for is said with its place."""
    _, remarks = write_project(engine.load(study()))
    said = {(remark.place, remark.code) for remark in remarks}
    assert {
        ("pages.0.sign", "not_in_format"),
        ("events.2.kind", "not_in_format"),
        ("pages.1.groups.0.repeat", "not_in_format"),
        ("languages", "one_language_only"),
    } <= said


PARTS = """<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org" ODMVersion="1.3.1">
<Study OID="Project.X"><GlobalVariables><StudyName>X</StudyName>
<redcap:SecondaryUniqueField>code</redcap:SecondaryUniqueField>
<redcap:MissingDataCodes>NI, No information
-99, Lost | é, bad</redcap:MissingDataCodes>
<redcap:RepeatingInstrumentsAndEvents><redcap:RepeatingInstruments>
<redcap:RepeatingInstrument redcap:UniqueEventName="event_1_arm_1" redcap:RepeatInstrument="dose"
 redcap:CustomLabel="[drug] at [mg] mg"/>
<redcap:RepeatingInstrument redcap:UniqueEventName="event_1_arm_1" redcap:RepeatInstrument="gone"
 redcap:CustomLabel=""/>
</redcap:RepeatingInstruments></redcap:RepeatingInstrumentsAndEvents>
<redcap:DataAccessGroupsGroup><redcap:DataAccessGroups group_name="Brest"/><redcap:DataAccessGroups group_name="Lyon"/>
</redcap:DataAccessGroupsGroup>
<redcap:AlertsGroup><redcap:Alerts title="Mail"/></redcap:AlertsGroup>
</GlobalVariables>
<MetaDataVersion OID="M" Name="X" redcap:RecordIdField="record_id">
<FormDef OID="Form.dose" Name="Doses given" Repeating="No" redcap:FormName="dose">
<ItemGroupRef ItemGroupOID="g" Mandatory="No"/></FormDef>
<ItemGroupDef OID="g" Name="g" Repeating="No"><ItemRef ItemOID="record_id" Mandatory="No" redcap:Variable="record_id"/>
<ItemRef ItemOID="code" Mandatory="No" redcap:Variable="code"/>
<ItemRef ItemOID="drug" Mandatory="No" redcap:Variable="drug"/>
<ItemRef ItemOID="mg" Mandatory="No" redcap:Variable="mg"/></ItemGroupDef>
<ItemDef OID="record_id" Name="r" DataType="text" redcap:Variable="record_id" redcap:FieldType="text"/>
<ItemDef OID="code" Name="r" DataType="text" redcap:Variable="code" redcap:FieldType="text"/>
<ItemDef OID="drug" Name="d" DataType="text" redcap:Variable="drug" redcap:FieldType="text"/>
<ItemDef OID="mg" Name="m" DataType="integer" redcap:Variable="mg" redcap:FieldType="text"
 redcap:TextValidationType="int"/>
</MetaDataVersion></Study></ODM>"""


def test_parts_of_a_project() -> None:
    """Repeats with their labels, codes for what is missing and the unique field come in; groups and alerts are said."""
    definition, remarks = read_project(PARTS.encode())
    page = definition.data["pages"][0]
    assert page["title"] == {"en": "Doses given"}
    assert page["repeats"] is True
    assert page["row_title"] == ["concat", ["var", "drug"], ["text", " at "], ["text", ["var", "mg"]], ["text", " mg"]]
    assert [code["code"] for code in definition.data["missing_codes"]] == ["NI", "-99"]
    assert definition.items["code"].spec["unique"] is True
    said = [(remark.code, remark.params.get("names", remark.params.get("name"))) for remark in remarks]
    assert said == [
        ("repeat_of_nothing", "gone"),
        ("groups_reported", "Brest, Lyon"),
        ("alerts_not_carried", "Mail"),
    ]
    again, _ = read_project(write_project(definition)[0])
    assert again.data == definition.data


def test_labels_that_name_no_value() -> None:
    """A label that shows something else than values is kept, and shown by nobody."""
    definition, _ = read_project(PARTS.replace("[drug] at [mg] mg", "[drug] on [event-label]").encode())
    page = definition.data["pages"][0]
    assert "row_title" not in page
    assert page["source"]["redcap.repeat_label"] == "[drug] on [event-label]"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"<a/>", "not_redcap_xml"),
        (b"<ODM>", "not_xml"),
        (b"<!DOCTYPE a><ODM/>", "xml_with_dtd"),
        (PARTS.replace('<ItemGroupRef ItemGroupOID="g" Mandatory="No"/>', "").encode(), "file_empty"),
        (PARTS.replace('redcap:FieldType="text"', 'redcap:FieldType="hologram"', 1).encode(), "unknown_field_type"),
    ],
)
def test_no_projects(content: bytes, code: str) -> None:
    """What is no project is refused with a word on why."""
    with pytest.raises(engine.Refused) as caught:
        read_project(content)
    assert code in [fault.code for fault in caught.value.faults]
    assert [fault.code for fault in read_project_data(b"<a", project(), now=NOW).faults] == ["not_xml"]
