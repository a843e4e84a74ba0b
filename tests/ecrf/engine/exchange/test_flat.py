"""Our own flat layout: rows of groups in columns, boxes, statuses; every wrong cell is named."""

from __future__ import annotations

from datetime import datetime

import pytest

from ecrf import engine
from ecrf.engine.exchange.flat import read_flat
from ecrf.engine.exchange.records import Reading
from tests.ecrf.engine.exchange.studies import study
from tests.ecrf.engine.exchange.test_redcap_records import named
from tests.ecrf.engine.forms import data, item

NOW = datetime(2026, 11, 23, 14, 5)  # noqa: DTZ001  (forms have no zone)
HEADER = (
    "subject,site,event,page,instance,saved_at,Sex,pregnant,race___1,race___2,weight,weight.status,weight.comment,height,bmi,"
    "meds[1].drug,meds[1].dose,meds[1].route___po,meds[2].drug,meds[2].route___iv,term"
)
GOOD = [
    "1,BRO,inclusion,,,x,f,1,1,0,60.5,check,on our scales,-99,,A,2.5,1,B,1,",
    "1,BRO,week_4,events_page,1,,,,,,,,,,,,,,,,Fever",
    "1,BRO,week_4,events_page,2,,,,,,,,,,,,,,,,Rash",
    "1,BRO,week_4,,,,,,,,,,,,,C,,,,,",
    "2,LYO,inclusion,,,,m,,,,70,,,180,21.6,,,,,,",
]


def read(*lines: str, header: str = HEADER, **more: object) -> Reading:
    return read_flat("\n".join([header, *lines]) + "\n", engine.load(study()), now=NOW, **more)  # type: ignore[arg-type]


def test_good_rows() -> None:
    """Rows of a group are a list, boxes a list of codes, statuses notes; columns of an export are let be."""
    reading = read(*GOOD)
    assert (named(reading.faults), named(reading.warnings)) == ([], [])
    first, fever, rash, visit, other = reading.records
    assert first.values == {
        "sex": "f",
        "pregnant": "1",
        "race": ["1"],
        "weight": "60.5",
        "meds": [{"drug": "A", "dose": "2.5", "route": ["po"]}, {"drug": "B", "route": ["iv"]}],
    }
    assert first.notes == {"weight": {"status": "check", "comment": "on our scales"}, "height": {"status": "-99"}}
    assert (fever.page, fever.instance, rash.instance) == ("events_page", 1, 2)
    assert visit.values == {"meds": [{"drug": "C"}]}
    assert (other.site, other.values["bmi"]) == ("LYO", "21.6")


@pytest.mark.parametrize(
    ("row", "change", "to", "column", "code"),
    [
        (2, "1,BRO", ",BRO", "subject", "cell_empty"),
        (2, "1,BRO", "x" * 101 + ",BRO", "subject", "bad_subject"),
        (2, "inclusion", "", "event", "cell_empty"),
        (2, "inclusion", "exclusion", "event", "unknown_event"),
        (3, "events_page", "pages", "page", "unknown_page"),
        (3, "events_page", "person", "page", "page_not_at_event"),
        (3, "events_page", "drugs", "page", "page_repeats_not"),
        (3, "page,1", "page,", "instance", "cell_empty"),
        (3, "page,1", "page,0", "instance", "bad_instance"),
        (4, "page,2", "page,1", "subject", "row_twice"),
        (2, "inclusion,,,", "inclusion,,2,", "instance", "instance_misplaced"),
        (2, ",f,1", ",x,1", "Sex", "unknown_choice"),
        (2, ",1,0,60.5", ",1,2,60.5", "race___2", "box_not_0_or_1"),
        (2, "60.5", "heavy", "weight", "not_number"),
        (2, "60.5", "60.55", "weight", "too_many_decimals"),
        (2, "check", "perhaps", "weight.status", "unknown_status"),
        (2, "2.5", "two", "meds[1].dose", "not_number"),
        (2, "B,1,", "B,x,", "meds[2].route___iv", "box_not_0_or_1"),
        (2, "B,1,", "B,1,Fever", "term", "page_not_at_event"),
        (3, "Fever", "Fever,", "", "cell_count"),
        (3, ",Fever", "1,Fever", "meds[2].route___iv", "not_of_this_page"),
        (5, "C,,,,,", "C,,,,,Fever", "term", "page_repeats"),
    ],
)
def test_a_wrong_cell_is_named(row: int, change: str, to: str, column: str, code: str) -> None:
    """One wrong cell is one fault, at its row and column."""
    lines = list(GOOD)
    assert change in lines[row - 2]
    lines[row - 2] = lines[row - 2].replace(change, to, 1)
    assert (row, column, code) in named(read(*lines).faults)
    assert {(at, where) for at, where, _ in named(read(*lines).faults)} <= {(row, column), (row, "meds[2].route___iv")}


def test_a_note_lets_a_limit_through() -> None:
    """A value beyond a blocking limit is a fault, unless its status says that somebody has seen it."""
    lines = list(GOOD)
    lines[0] = lines[0].replace("60.5", "301", 1)
    assert (2, "weight", "above_max") in named(read(*lines).warnings)
    assert not read(*lines).faults
    lines[0] = lines[0].replace("check,on our scales", ",", 1)
    assert (2, "weight", "above_max") in [(row, column, code) for row, column, code in named(read(*lines).faults)]


@pytest.mark.parametrize(
    ("header", "column", "code"),
    [
        (HEADER.replace("Sex", "sexe"), "sexe", "column_unknown_data"),
        (HEADER.replace("height", "SEX"), "SEX", "column_twice"),
        (HEADER.replace("meds[1].drug", "meds[1].term"), "meds[1].term", "column_unknown_data"),
        (HEADER.replace("meds[1].drug", "drug"), "drug", "column_unknown_data"),
        (HEADER.replace("meds[1].drug", "drugs[1].drug"), "drugs[1].drug", "column_unknown_data"),
        (HEADER.replace("race___2", "race___7"), "race___7", "column_unknown_data"),
        (HEADER.replace("race___2", "race"), "race", "column_unknown_data"),
        (HEADER.replace("weight.comment", "weight.remark"), "weight.remark", "column_unknown_data"),
        (HEADER.replace("event", "visit", 1), "event", "column_missing"),
        (HEADER.replace("subject", "patient"), "subject", "column_missing"),
    ],
)
def test_wrong_headers(header: str, column: str, code: str) -> None:
    """Columns that nobody knows, that come twice or that are missing are named in row 1."""
    assert (1, column, code) in named(read(*GOOD, header=header).faults)


def test_doubtful_cells() -> None:
    """Beyond its limits, not shown or computed otherwise: said, not refused."""
    reading = read(GOOD[0].replace("-99", "20"), GOOD[4].replace("21.6", "22").replace(",m,,", ",m,1,"))
    assert reading.faults == []
    assert named(reading.warnings) == [
        (2, "height", "below_min"),
        (3, "pregnant", "hidden_value"),
        (3, "bmi", "calc_differs"),
    ]


def test_sites_and_subjects_that_exist() -> None:
    """Where they are known, a site or a number that nobody has is a fault."""
    reading = read(GOOD[0], GOOD[4], sites={"BRO"}, subjects={"1"})
    assert set(named(reading.faults)) == {(3, "subject", "unknown_subject"), (3, "site", "unknown_site")}


def test_a_form_without_events() -> None:
    """A form without events asks for none; an item called like one of the first columns has a longer name."""
    definition = engine.load(data(item("site"), item("a___b"), item("kept", annotate=False)))
    reading = read_flat("subject,site,site_item,a___b,kept.status\n1,BRO,here,x,na\n", definition, now=NOW)
    assert named(reading.faults) == [(2, "kept.status", "not_annotated")]
    assert reading.records[0].site == "BRO"
    assert reading.records[0].values == {"site": "here", "a___b": "x"}
    assert named(read_flat("subject,event,a___b\n1,start,x\n", definition, now=NOW).faults) == [
        (2, "event", "no_events_here")
    ]
    assert [fault.code for fault in read_flat("", definition, now=NOW).faults] == ["file_empty"]
