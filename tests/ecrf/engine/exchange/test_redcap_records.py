"""REDCap's flat data: real files come in without a word and go out as they came; bad cells are named."""

from __future__ import annotations

import copy
import csv
import io
from datetime import datetime
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.exchange.records import Reading, Record
from ecrf.engine.redcap.dictionary_file import table
from ecrf.engine.redcap.export import write_records
from ecrf.engine.redcap.from_rows import from_rows
from ecrf.engine.redcap.project import read_project
from ecrf.engine.redcap.project.event_tables import event_tables
from ecrf.engine.redcap.project.tables import read_tables
from ecrf.engine.redcap.records import read_records
from tests.ecrf.engine.exchange.studies import sample
from tests.ecrf.engine.test_redcap import FIRST, dictionary

NOW = datetime(2026, 11, 23, 14, 5)  # noqa: DTZ001  (forms have no zone)


def cells(content: bytes | str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode() if isinstance(content, bytes) else content)))


@pytest.mark.parametrize("project", ["longitudinal", "repeating-instruments", "validation-types"])
def test_real_data_stay(project: str) -> None:
    """Real data come in without fault or warning, and an export has the same cells."""
    definition, _ = read_project(sample(f"redcap/{project}/project.xml"))
    content = sample(f"redcap/{project}/data.csv")
    reading = read_records(content, definition, now=NOW)
    assert (reading.faults, reading.warnings) == ([], [])
    assert cells("".join(write_records(definition, reading.records))) == cells(content)


FIELDS = (
    {"form": "person", "name": "sex", "type": "radio", "choices": "f, F | m, M"},
    {"form": "person", "name": "race", "type": "checkbox", "choices": "1, A | 2, B | -9, Unknown"},
    {"form": "person", "name": "births", "validation": "integer", "min": "0", "max": "20", "branching": "[sex] = 'f'"},
    {"form": "person", "name": "born", "validation": "date_dmy"},
    {"form": "person", "name": "kg", "validation": "number_1dp"},
    {"form": "person", "name": "cm", "validation": "number", "min": "30", "max": "250"},
    {"form": "person", "name": "bmi", "type": "calc", "choices": "round([kg]*10000/([cm]^2),1)"},
    {"form": "person", "name": "mail", "validation": "email"},
    {"form": "person", "name": "price", "validation": "number_comma_decimal"},
    {"form": "visit", "name": "seen", "validation": "datetime_seconds_ymd"},
    {"form": "visit", "name": "remark", "type": "notes"},
    {"form": "visit", "name": "late", "branching": "[kg] > 100"},
    {"form": "dose", "name": "drug"},
    {"form": "dose", "name": "mg", "validation": "integer"},
    {"form": "dose", "name": "why", "branching": "[sex] = 'f' and [mg] > 5"},
)
ARMS = b"arm_num,name\n1,Drug\n2,Placebo\n"
EVENTS = (
    b"event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name,custom_event_label\n"
    b"Start,1,0,0,0,start_arm_1,\nVisit,1,7,1,2,visit_arm_1,[seen]\nStart,2,0,0,0,start_arm_2,\n"
)
MAPPING = (
    b"arm_num,unique_event_name,form\n1,start_arm_1,person\n1,start_arm_1,dose\n1,visit_arm_1,visit\n"
    b"1,visit_arm_1,person\n2,start_arm_2,person\n"
)


def project(*, codes: bool = True) -> engine.Definition:
    """Two arms, three events, doses that repeat at the first, and a code for what is missing."""
    complete, _, _ = event_tables(ARMS, EVENTS, MAPPING, "en")

    def all_of_it(data: dict[str, Any]) -> None:
        complete(data)
        data["events"][0]["repeating_pages"] = ["dose"]
        if codes:
            data["missing_codes"] = [{"code": "-99", "label": {"en": "Lost"}}]

    first = {**FIRST, "form": "person"}
    return from_rows(*table(dictionary(first, *FIELDS)), complete=all_of_it)[0]


HEADER = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,redcap_data_access_group,"
    "sex,race___1,race___2,race____9,births,born,kg,cm,bmi,mail,price,person_complete,seen,remark,late,visit_complete,"
    "drug,mg,why,dose_complete"
)
GOOD = [
    '1,start_arm_1,,,bro,f,1,0,0,2,1980-02-29,60.0,170,20.8,a@b.org,"1,5",2,,,,,,,,',
    "1,start_arm_1,dose,1,bro,,,,,,,,,,,,,,,,,A,10,because,2",
    "1,start_arm_1,dose,2,bro,,,,,,,,,,,,,,,,,B,5,,0",
    '1,visit_arm_1,,,bro,f,0,0,1,-99,,,,,,,1,2026-01-01 08:00:05,"two\nlines",,2,,,,',
    "2,start_arm_2,,,lyo,m,0,0,0,,,,,,,,0,,,,,,,,",
]


def read(*lines: str, header: str = HEADER, **more: Any) -> Reading:
    return read_records("\n".join([header, *lines]) + "\n", project(), now=NOW, **more)


def named(faults: list[engine.Fault]) -> list[tuple[int, str, str]]:
    return [(fault.params["row"], fault.params["column"], fault.code) for fault in faults]


def changed(row: int, column: str, to: str) -> list[str]:
    """The good rows with one cell changed; rows are numbered as in a spreadsheet."""
    rows = [next(csv.reader(io.StringIO(line, newline=""))) for line in GOOD]
    rows[row - 2][HEADER.split(",").index(column)] = to
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return [text.getvalue().rstrip("\n")]


def test_good_rows() -> None:
    """Events, repeats, groups of sites, boxes, codes and states are where they belong."""
    reading = read(*GOOD)
    assert (named(reading.faults), named(reading.warnings)) == ([], [])
    first, dose, _, visit, other = reading.records
    assert (first.subject, first.site, first.event, first.page, first.instance) == ("1", "bro", "start_arm_1", "", 1)
    assert first.values == {
        "sex": "f",
        "race": ["1"],
        "births": "2",
        "born": "1980-02-29",
        "kg": "60",
        "cm": "170",
        "bmi": "20.8",
        "mail": "a@b.org",
        "price": "1.5",
    }
    assert first.pages == {"person": "complete"}
    assert (dose.page, dose.instance, dose.values) == ("dose", 1, {"drug": "A", "mg": "10", "why": "because"})
    assert visit.notes == {"births": {"status": "-99"}}
    assert visit.values["race"] == ["-9"]
    assert visit.values["seen"] == "2026-01-01T08:00:05"
    assert other.values == {"sex": "m", "race": []}
    assert cells("".join(write_records(project(), reading.records, sites=True))) == cells("\n".join([HEADER, *GOOD]))


@pytest.mark.parametrize(
    ("row", "column", "to", "code"),
    [
        (2, "record_id", "", "cell_empty"),
        (2, "record_id", 'a"b', "bad_subject"),
        (2, "record_id", "x" * 101, "bad_subject"),
        (2, "redcap_event_name", "", "cell_empty"),
        (2, "redcap_event_name", "start_arm_9", "unknown_event"),
        (3, "redcap_repeat_instrument", "doses", "unknown_page"),
        (3, "redcap_repeat_instrument", "visit", "page_not_at_event"),
        (3, "redcap_repeat_instrument", "person", "page_repeats_not"),
        (3, "redcap_repeat_instance", "0", "bad_instance"),
        (3, "redcap_repeat_instance", "first", "bad_instance"),
        (3, "redcap_repeat_instance", "1.5", "bad_instance"),
        (3, "redcap_repeat_instance", "", "cell_empty"),
        (2, "redcap_repeat_instance", "3", "instance_misplaced"),
        (4, "redcap_repeat_instance", "1", "row_twice"),
        (2, "sex", "x", "unknown_choice"),
        (2, "race___1", "yes", "box_not_0_or_1"),
        (2, "race____9", "2", "box_not_0_or_1"),
        (2, "births", "two", "not_whole"),
        (2, "births", "1.5", "not_whole"),
        (2, "born", "29/02/1980", "not_date"),
        (2, "born", "1981-02-29", "not_date"),
        (2, "kg", "60,5", "not_number"),
        (2, "kg", "60.55", "too_many_decimals"),
        (2, "cm", "1e2", "not_number"),
        (2, "cm", "tall", "not_number"),
        (2, "bmi", "fat", "not_number"),
        (2, "mail", "a at b", "bad_format"),
        (2, "person_complete", "3", "bad_status"),
        (2, "person_complete", "Complete", "bad_status"),
        (5, "seen", "01/01/2026 08:00", "not_datetime"),
        (2, "seen", "2026-01-01 08:00:00", "page_not_at_event"),
        (2, "visit_complete", "2", "page_not_at_event"),
        (2, "drug", "A", "page_repeats"),
        (3, "sex", "f", "not_of_this_page"),
        (3, "race___1", "1", "not_of_this_page"),
        (6, "mg", "5", "page_not_at_event"),
    ],
)
def test_a_wrong_cell_is_named(row: int, column: str, to: str, code: str) -> None:
    """One wrong cell is one fault, at its row and column."""
    reading = read(*changed(row, column, to))
    expected = "record_id" if code == "row_twice" else column
    assert named(reading.faults) == [(row, expected, code)]


def test_wrong_key_hides_no_wrong_value() -> None:
    """Where an event or a repeat is wrong, the other cells of the row are looked at all the same."""
    assert named(read(*changed(2, "redcap_event_name", "nowhere")).faults) == [
        (2, "redcap_event_name", "unknown_event")
    ]
    lines = "\n".join(changed(2, "redcap_event_name", "nowhere")).replace("1980-02-29", "yesterday")
    assert [code for _, _, code in named(read(lines).faults)] == ["unknown_event", "not_date"]


def test_several_wrong_cells() -> None:
    """All wrong cells of a file are named in one go, by row."""
    lines = GOOD[0].replace("1980-02-29", "x").replace(",170,", ",y,"), GOOD[1], GOOD[4].replace("lyo,m", "lyo,z")
    assert named(read(*lines).faults) == [
        (2, "born", "not_date"),
        (2, "cm", "not_number"),
        (4, "sex", "unknown_choice"),
    ]


@pytest.mark.parametrize(
    ("row", "column", "to", "code"),
    [
        (2, "births", "21", "above_max"),
        (2, "cm", "20", "below_min"),
        (2, "bmi", "20.9", "calc_differs"),
        (6, "births", "1", "hidden_value"),
        (4, "why", "no reason", "hidden_value"),
        (5, "late", "yes", "hidden_value"),
    ],
)
def test_a_doubtful_cell_is_warned_about(row: int, column: str, to: str, code: str) -> None:
    """Beyond its limits, not shown, computed otherwise: said, not refused."""
    reading = read(*changed(row, column, to))
    assert reading.faults == []
    assert (row, column, code) in named(reading.warnings)
    assert {at for at, _, _ in named(reading.warnings)} == {row}


def test_what_a_part_of_the_data_cannot_tell() -> None:
    """Where the file lacks what a condition or a calculation reads, nothing is said about it."""
    header = "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,why,births,bmi,cm"
    reading = read("1,start_arm_1,dose,1,because,,,", "2,start_arm_1,,,,1,20,170", header=header)
    assert (named(reading.faults), named(reading.warnings)) == ([], [])


@pytest.mark.parametrize(
    ("header", "faults"),
    [
        (HEADER.replace("mail", "male"), [(1, "male", "column_unknown_data")]),
        (HEADER.replace("kg,", "cm,"), [(1, "cm", "column_twice")]),
        (HEADER.replace("race___2", "race___7"), [(1, "race___7", "column_unknown_data")]),
        (
            HEADER.replace("record_id", "patient"),
            [(1, "patient", "column_unknown_data"), (1, "record_id", "column_missing")],
        ),
        (HEADER.replace("redcap_event_name", "redcap_survey_identifier"), [(1, "redcap_event_name", "column_missing")]),
    ],
)
def test_wrong_headers(header: str, faults: list[tuple[int, str, str]]) -> None:
    """Columns that nobody knows, that come twice or that are missing are named in row 1."""
    assert named(read(*GOOD, header=header).faults)[: len(faults)] == faults


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        (["1,start_arm_1"], [(2, "", "cell_count")]),
        ([GOOD[0] + ",,"], [(2, "", "cell_count")]),
        (["", GOOD[0], ""], []),
        ([GOOD[0], GOOD[0]], [(3, "record_id", "row_twice")]),
        (['1,"start'], [(2, "", "not_csv")]),
    ],
)
def test_wrong_rows(lines: list[str], faults: list[tuple[int, str, str]]) -> None:
    """Rows too short or too long, the same row twice, and what is no CSV."""
    assert named(read(*lines).faults) == faults


@pytest.mark.parametrize(("content", "code"), [("", "file_empty"), (b"a\0b", "not_text_file")])
def test_no_files_of_data(content: bytes | str, code: str) -> None:
    """What is no table says so."""
    assert [fault.code for fault in read_records(content, project(), now=NOW).faults] == [code]


def test_spreadsheets_of_here() -> None:
    """Semicolons, a BOM and Windows' letters are read; the last is said."""
    text = "record_id;redcap_event_name;remark\n1;visit_arm_1;été\n"
    reading = read_records(b"\xef\xbb\xbf" + text.encode(), project(), now=NOW)
    assert (reading.faults, reading.records[0].values) == ([], {"remark": "été"})
    reading = read_records(text.encode("cp1252"), project(), now=NOW)
    assert [warning.code for warning in reading.warnings] == ["encoding_guessed"]
    assert reading.records[0].values == {"remark": "été"}


def test_sites_and_subjects_that_exist() -> None:
    """Where they are known, a group or a number that nobody has is a fault."""
    reading = read(*GOOD, sites={"bro": "BRO"}, subjects={"2"})
    assert set(named(reading.faults)) == {
        (2, "record_id", "unknown_subject"),
        (3, "record_id", "unknown_subject"),
        (4, "record_id", "unknown_subject"),
        (5, "record_id", "unknown_subject"),
        (6, "redcap_data_access_group", "unknown_site"),
    }
    assert read(*GOOD, sites={"bro": "BRO", "lyo": "LYO"}).records[0].site == "BRO"


def test_events_of_a_project_without_any() -> None:
    """A project without events has no name for one; an empty column does no harm."""
    definition, _ = from_rows(*table(dictionary(FIRST, {"name": "a"})))
    text = "record_id,redcap_event_name,a\n1,,x\n2,start,y\n"
    reading = read_records(text, definition, now=NOW)
    assert named(reading.faults) == [(3, "redcap_event_name", "no_events_here")]
    assert reading.records[0].values == {"a": "x"}


def test_spellings_stay() -> None:
    """A number is itself whatever its spelling, and is written as it came."""
    definition, _ = from_rows(
        *table(dictionary(FIRST, {"name": "a", "validation": "number"}, {"name": "b", "type": "notes"}))
    )
    text = "record_id,a,b,visit_complete\n1,.50, x ,2\n"
    reading = read_records(text, definition, now=NOW)
    assert reading.records[0].values == {"a": "0.5", "b": "x"}
    assert "".join(write_records(definition, reading.records)) == text


def test_exports_go_out_in_pieces() -> None:
    """An export is never whole in memory."""
    definition, _ = from_rows(*table(dictionary(FIRST, {"name": "a", "type": "notes"})))
    taken = 0

    def records() -> Any:
        nonlocal taken
        for number in range(1000):
            taken = number
            yield Record(str(number), values={"a": "x" * 1000})

    pieces = write_records(definition, records())
    next(pieces)
    assert taken < 100
    assert sum(piece.count("\n") for piece in pieces) > 900


def test_what_redcap_asks_of_values() -> None:
    """Seconds, decimals and commas are written as the field's validation there wants them; breaks only where wanted."""
    definition = project()
    record = Record(
        "1",
        event="visit_arm_1",
        values={"kg": "60", "price": "1.5", "seen": "2026-01-01T08:00", "remark": "a\nb"},
    )
    header, row = cells("".join(write_records(definition, [record], one_line=True)))
    found = dict(zip(header, row, strict=True))
    assert (found["kg"], found["price"], found["seen"], found["remark"]) == (
        "60.0",
        "1,5",
        "2026-01-01 08:00:00",
        "a  b",
    )


def test_an_event_in_several_arms() -> None:
    """An event that all arms have goes by the name that it has in the subject's arm."""
    data = copy.deepcopy(project().data)
    data["events"][1].pop("arms")
    definition = engine.load({**data})
    record = Record("1", event="visit_arm_1", values={"remark": "x"})
    rows = cells("".join(write_records(definition, [record], arms={"1": "arm_2"})))
    assert rows[1][1] == "visit_arm_1_arm_2"


def test_events_without_a_mapping() -> None:
    """Without the list of forms at events every form is at every event, which is said."""
    definition, remarks = read_tables(dictionary({**FIRST, "form": "person"}, *FIELDS).encode(), ARMS, EVENTS)
    assert [remark.code for remark in remarks] == ["mapping_missing"]
    assert all(event["pages"] == ["person", "visit", "dose"] for event in definition.data["events"])
    assert definition.data["events"][1]["day"] == 7
    with pytest.raises(engine.Refused) as caught:
        event_tables(ARMS, b"event_name\nx\n", None, "en")
    assert [fault.code for fault in caught.value.faults] == ["column_missing", "column_missing"]
