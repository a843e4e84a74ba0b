"""XLSForms in and out: read through pyxform, written so that pyxform takes them, read again as the same form."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from pyxform.xls2xform import convert as to_xform

from core.embedded.folder import ROOT
from ecrf.engine import exchange
from ecrf.engine.exchange import xlsform
from ecrf.engine.exchange.xlsform import workbook
from ecrf.engine.faults import Refused

DATA = Path(__file__).parents[2] / "data"
TRIAL = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared" / "data"))
"""Workbooks of others, where they are at hand."""
SHARED = sorted((TRIAL / "ecrf/xlsform").glob("*"))
HOUSEHOLD = DATA / "exchange/household.md"


def read(*survey: str, choices: str = "", settings: str = "", language: str = "en") -> tuple[dict[str, Any], list[Any]]:
    text = "\n".join(["| survey |", *survey, choices, settings]).encode()
    return xlsform.read(text, language=language)


def items(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["key"]: item for page in data["pages"] for group in page["groups"] for item in group["items"]}


@pytest.fixture
def household() -> exchange.Read:
    return exchange.read(HOUSEHOLD.read_bytes(), filename="household.md")


def test_types_and_looks(household: exchange.Read) -> None:
    """Types, lists, ranges, groups, repeats and languages find their place."""
    data = household.definition.data
    found = items(data)
    assert data["languages"] == ["en", "fr"]
    assert data["title"] == {"en": "Household"}
    assert found["q1"]["list"] == "yn"
    assert found["q1"]["look"] == "likert"
    assert found["q1"]["help"] == {"en": "hint"}
    assert (found["q2"]["type"], found["q2"]["max"], found["q2"]["decimals"]) == ("decimal", ["number", "10"], 1)
    assert (found["q0"]["look"], found["q0"]["rows"]) == ("lines", 5)
    assert (found["sig"]["type"], found["sig"]["look"]) == ("file", "signature")
    assert found["start"]["hidden"] is True
    repeat = next(group for group in data["pages"][0]["groups"] if "repeat" in group)
    assert repeat["repeat"] == {"key": "r", "min": 3, "max": 3}
    assert repeat["title"] == {"en": "Group A – Rep", "fr": "Groupe A – Rép"}
    assert found["q9"]["label"] == {"en": "after", "fr": "après"}


def test_formulas(household: exchange.Read) -> None:
    """XPath becomes expressions; a calculation gets the type of what it gives."""
    found = items(household.definition.data)
    assert found["d"]["checks"][0]["holds"] == ["<=", ["var", "d"], ["today"]]
    assert found["d"]["default"] == ["date", "2020-01-01"]
    assert found["q2"]["checks"][0]["message"] == {"en": "too low"}
    assert [found[key]["type"] for key in ("c1", "c2", "c3")] == ["decimal", "text", "decimal"]
    assert found["q1_other"]["visible_if"][2] == ["same", ["var", "q1"], ["text", "other"]]
    assert found["q1"]["visible_if"][2][1] == "3"


def test_what_is_not_carried_is_told(household: exchange.Read) -> None:
    """What has no effect here is reported at its row, and comes back in an export."""
    told = {(remark.place, remark.code) for remark in household.remarks}
    assert ("row 12, type", "kept_as_text") in told
    assert ("row 19, type", "choices_elsewhere") in told
    assert ("row 8, guidance_hint", "column_kept") in told
    assert ("choices, yn", "column_kept") in told
    written, _ = xlsform.write(household.definition)
    again = workbook.opened(written).survey
    assert "select one" in json.dumps(again)
    assert "yes.png" in json.dumps(again)
    assert "a.csv" in json.dumps(again)


def samples() -> Iterator[Path]:
    yield HOUSEHOLD
    yield from SHARED


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_round_trip(path: Path) -> None:
    """What is read, written and read again is the same definition, and nothing of it is lost."""
    definition = exchange.read(path.read_bytes(), filename=path.name).definition
    written, losses = xlsform.write(definition)
    assert losses == []
    assert exchange.read(written, filename=path.name).definition.data == definition.data


@pytest.mark.parametrize("name", ["household.md", "visit.csv", "questionnaire.json"])
def test_pyxform_takes_what_is_written(name: str) -> None:
    """A form of any origin is written as a workbook that pyxform makes an XForm of."""
    content = next(DATA.rglob(name)).read_bytes()
    definition = exchange.read(content, filename=name, title={"en": "Visit"}).definition
    written, _ = xlsform.write(definition)
    made = to_xform(written, file_type=".xlsx").xform
    for key in definition.items:
        assert key in made or definition.items[key].spec.get("source")


def test_the_same_form_is_the_same_file(household: exchange.Read) -> None:
    """Writing twice gives the same bytes."""
    assert xlsform.write(household.definition) == xlsform.write(household.definition)


def test_a_name_that_comes_twice_in_a_list() -> None:
    """Choices of one name under two parents are one choice, which the filter finds for both."""
    data, remarks = read(
        "| | type | name | label | choice_filter |",
        "| | select_one states | state | State | |",
        "| | select_one counties | county | County | state=${state} |",
        choices="| choices |\n| | list_name | name | label | state |\n"
        "| | states | tx | Texas | |\n| | states | wa | Washington | |\n"
        "| | counties | king | King | tx |\n| | counties | king | King | wa |\n| | counties | pierce | Pierce | wa |",
        settings="| settings |\n| | allow_choice_duplicates |\n| | yes |",
    )
    assert remarks == []
    assert [choice["code"] for choice in data["lists"]["counties"]] == ["king", "pierce"]
    assert data["lists"]["counties"][0]["attributes"]["state"] == "tx wa"
    assert items(data)["county"]["choice_filter"][0] == "contains"


def test_groups_alone_are_pages() -> None:
    """A form of groups only has a page for each; a repeat among them is a page that repeats."""
    data, _ = read(
        "| | type | name | label | relevant |",
        "| | begin_group | visit | The visit | |",
        "| | integer | age | Age | |",
        "| | end_group | | | |",
        "| | begin_repeat | events | Adverse events | ${age} > 17 |",
        "| | text | what | What | |",
        "| | end_repeat | | | |",
    )
    assert [(page["key"], page.get("repeats", False)) for page in data["pages"]] == [("visit", False), ("events", True)]
    assert data["pages"][1]["visible_if"] == [">", ["var", "age"], ["number", "17"]]


def test_tables_keep_their_title() -> None:
    """A table of questions is a matrix, without what pyxform adds to draw it."""
    data, _ = read(
        "| | type | name | label | appearance |",
        "| | text | t | T | |",
        "| | begin_group | g | How often? | table-list |",
        "| | select_one yn | a | A | |",
        "| | select_one yn | b | B | |",
        "| | end_group | | | |",
        choices="| choices |\n| | list_name | name | label |\n| | yn | 1 | Yes |\n| | yn | 0 | No |",
    )
    table = data["pages"][0]["groups"][1]
    assert (table["matrix"], table["title"]) == ("g", {"en": "How often?"})
    assert [item["key"] for item in table["items"]] == ["a", "b"]


def test_loops_are_unrolled() -> None:
    """A loop asks its questions once for each choice, each with a name of its own."""
    survey = (
        b"survey,,,\n,type,name,label\n,begin loop over fruits,l,\n,integer,number,How many %(label)s?\n,end loop,,\n"
    )
    content = survey + b"choices,,,\n,list name,name,label\n,fruits,apple,apples\n,fruits,pear,pears\n"
    found = items(xlsform.read(content)[0])
    assert {key: item["label"] for key, item in found.items()} == {
        "apple_number": {"en": "How many apples?"},
        "pear_number": {"en": "How many pears?"},
    }


def test_languages_by_name() -> None:
    """Languages are known by their code in parentheses or by their name; others get a code for private use."""
    data, _ = read(
        "| | type | name | label::English (en) | label::French | label::Klingon |",
        "| | text | a | A | Â | qA |",
    )
    assert data["languages"] == ["en", "fr", "qaa"]
    data, _ = read("| | type | name | label | label::English (en) |", "| | text | a | Â | A |", language="fr")
    assert items(data)["a"]["label"] == {"fr": "Â", "en": "A"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("| | text | b | B | position(..) > 1 | |", "path_not_supported"),
        ("| | calculate | b | | | pulldata('x', 'y', 'z', ${a}) |", "unknown_function"),
    ],
)
def test_formulas_that_cannot_be_said(row: str, code: str) -> None:
    """A formula that can't be an expression here is reported, and kept as it was written."""
    data, remarks = read("| | type | name | label | relevant | calculation |", "| | text | a | A | | |", row)
    assert remarks[0].place.startswith("row 3, ")
    assert items(data)["b"]["unconverted"][0]["text"]
    assert remarks[0].code == code


def refused(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as error:
        xlsform.read(content)
    return [(fault.place, fault.code) for fault in error.value.faults]


def test_broken_workbooks() -> None:
    """What is no workbook, or no XLSForm, is refused in words, with the row where pyxform knows it."""
    assert refused(b"PK\x03\x04nothing") == [("file", "not_a_workbook")]
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1nothing")[0][0] == "file"
    assert refused(b"survey,,\n,type,name,label\n,text,a,A\n,text,a,B\n")[0][1] == "xlsform_refused"
    assert refused(b"survey,,\n,type,name,label\n,select_one nolist,a,A\n")[0][1] == "xlsform_refused"
    assert refused(b"\0\0\0")[0][1] == "not_a_workbook"


def test_bombs_are_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that unfolds too far, and sheets that are too long, are refused before they are read."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (workbook.MAX_UNFOLDED + 1))
    assert refused(stream.getvalue()) == [("file", "unfolds_too_far")]
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    long = b"survey,,\n,type,name,label\n" + b"".join(b",text,a%d,A\n" % number for number in range(4))
    assert refused(long) == [("survey", "too_many_rows")]
    deep = b"survey,,\n,type,name,label\n" + b",begin group,g,G\n" * 50
    monkeypatch.setattr(workbook, "MAX_ROWS", 1000)
    assert refused(deep)[0][1] == "too_deep"


def test_cells_are_texts() -> None:
    """What looks like a formula of a spreadsheet is written as a text."""
    data, _ = read("| | type | name | label |", "| | text | a | =1+1 |")
    definition = exchange.read(json.dumps({**data, "title": {"en": "T"}}).encode()).definition
    written, _ = xlsform.write(definition)
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_columns_without_end() -> None:
    """A sheet with more columns than anybody needs is refused."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("survey")
        sheet.write_row(0, 0, ["type", "name", "label", *(f"c{number}" for number in range(workbook.MAX_COLUMNS))])
        sheet.write_row(1, 0, ["text", "a", "A"])
    assert refused(stream.getvalue()) == [("survey", "too_many_columns")]
