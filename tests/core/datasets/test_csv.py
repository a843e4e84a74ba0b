"""CSV files of any kind: detected, read whole or refused whole with every fault, written harmless."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.engine.csv import detection, export, parsing, values
from core.datasets.engine.csv.detection import Column, Dialect, detect
from core.datasets.engine.csv.parsing import BadCsv, parse
from core.datasets.engine.csv.values import Notation
from core.web.formulas import DANGEROUS

FRENCH = (
    "séjour;âge;lactate;entrée;décédé\n1;71;4,5;23/11/2026;oui\n2;;12 345,6;01/02/2026;non\n3;64;NA;05/06/2026;oui\n"
)


def read(data: bytes, detected=None) -> pa.Table:
    found = detected or detect(data)
    return parse(io.BytesIO(data), found.dialect, found.columns).read_all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding):
    """A French file is read the same from each encoding, with its semicolons, decimal commas and day-first dates."""
    data = (FRENCH).encode(encoding)
    found = detect(data)
    assert (found.dialect.delimiter, found.dialect.header) == (";", True)
    assert found.dialect.notation == Notation(decimal=",", day_first=True)
    assert [(column.name, column.type) for column in found.columns] == [
        ("séjour", "integer"), ("âge", "integer"), ("lactate", "number"), ("entrée", "date"), ("décédé", "boolean")
    ]  # fmt: skip
    assert read(data).to_pydict() == {
        "séjour": [1, 2, 3],
        "âge": [71, None, 64],
        "lactate": [4.5, 12345.6, None],
        "entrée": [date(2026, 11, 23), date(2026, 2, 1), date(2026, 6, 5)],
        "décédé": [True, False, True],
    }


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman"])
@pytest.mark.parametrize("rows", [1, 2, 200])
def test_windows_and_mac(encoding, rows):
    """A French file of Windows isn't taken for one of a Mac, nor the other way round, however short it is."""
    text = "séjour;âge;entrée;décédé\n" + "12;71;23/11/2026;oui\n" * rows
    assert detect(text.encode(encoding)).dialect.encoding == encoding


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter):
    """Each usual delimiter is found, also where cells hold the others in quotes."""
    rows = [["id", "note"], *([str(n), f'"a, b; c | d {n}"'] for n in range(5))]
    data = "\n".join(delimiter.join(row) for row in rows).encode()
    assert detect(data).dialect.delimiter == delimiter
    assert read(data)["note"].to_pylist()[0] == "a, b; c | d 0"


@pytest.mark.parametrize(
    ("cells", "type_"),
    [
        (["1", "-2", "+3"], "integer"),
        (["007", "12"], "text"),
        (["1234567890123456789"], "text"),
        (["1.5", "2e3", "-0.1"], "number"),
        (["inf", "nan"], "text"),
        (["2026-11-23", "2024-02-29"], "date"),
        (["2025-02-29"], "text"),
        (["2026-11-23T14:05", "2026-11-23 14:05:06.7"], "datetime"),
        (["2026-11-23T14:05:00+02:00"], "datetime"),
        (["true", "FALSE"], "boolean"),
        (["0", "1"], "integer"),
        (["", "NA"], "text"),
        (["é", "1"], "text"),
        (["=1+1"], "text"),
    ],
)
def test_types(cells, type_):
    """A column has the narrowest type that all its cells have; codes with zeros in front stay text."""
    data = "\n".join(["name,other", *(f"{cell},x" for cell in cells)]).encode()
    assert detect(data).columns[0].type == type_


def test_american_dates():
    """A date that can only be month first makes all of them so."""
    data = b"id,seen\n1,03/04/2026\n2,12/25/2026\n"
    assert read(data)["seen"].to_pylist() == [date(2026, 3, 4), date(2026, 12, 25)]


def test_times_with_an_offset():
    """A moment with an offset is brought to UTC; one without is kept."""
    assert values.moment("2026-11-23T14:05:00+02:00", True) == datetime(2026, 11, 23, 12, 5)  # noqa: DTZ001
    assert values.moment("23/11/2026 9:05", True) == datetime(2026, 11, 23, 9, 5)  # noqa: DTZ001


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-05:00"])
def test_times_outside_the_calendar(moment):
    """A time that is in no year of the calendar once it is brought to UTC is no time."""
    with pytest.raises(ValueError, match=moment[:4]):
        values.moment(moment, day_first=False)


def test_no_header():
    """A first row with a number or a date in it is data, and columns are named by their place."""
    found = detect(b"1,a\n2,b\n")
    assert not found.dialect.header
    assert [column.name for column in found.columns] == ["column_1", "column_2"]
    assert read(b"1,a\n2,b\n").num_rows == 2


def test_lines_in_cells():
    """A quoted cell may hold line ends, delimiters and quotes."""
    data = b'id,note\r\n1,"two\r\nlines, and ""quotes"""\r\n2,x\r\n'
    assert read(data)["note"].to_pylist() == ['two\r\nlines, and "quotes"', "x"]


def refused(data: bytes, found=None) -> tuple[list[tuple[int, str, str]], int]:
    with pytest.raises(BadCsv) as error:
        read(data, found)
    return [(fault.row, fault.column, fault.code) for fault in error.value.faults], error.value.count


NUMBERS = (Column("id", "integer"), Column("age", "integer"), Column("seen", "date"))
PLAIN = Dialect("utf-8", ",", True, Notation())


def with_(columns=NUMBERS, dialect=PLAIN):
    return detection.Detected(dialect, tuple(columns), ())


def test_every_fault_has_its_place():
    """A broken file is refused with every fault: the row, the column and what is wrong."""
    data = b"id,age,seen\n1,71,2026-01-01\nx,72,2026-01-02\n3,old,2026-13-01\n4,5\n5,6,2026-01-05,7\n"
    faults, count = refused(data, with_())
    assert faults == [
        (3, "id", "not_integer"), (4, "age", "not_integer"), (4, "seen", "not_date"), (5, "", "cells"), (6, "", "cells")
    ]  # fmt: skip
    assert count == 5


def test_many_faults_are_counted():
    """Of very many faults the first are listed and all are counted."""
    data = b"id,age,seen\n" + b"x,1,2026-01-01\n" * 1000
    faults, count = refused(data, with_())
    assert (len(faults), count) == (parsing.MOST_FAULTS, 1000)


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [
        (b"id,note\n1,a\x00b\n", "nul", 2),
        ("id,note\n1,été\n".encode() + "2,été\n".encode("cp1252"), "encoding", 3),
        (b'id,note\n1,"never closed\n2,x\n', "quotes", 2),
        (b'id,note\n1,"a"b\n', "quotes", 2),
        (b"id,note\n", "no_rows", 1),
        (b"", "no_rows", 1),
    ],
    ids=["NUL", "mixed encodings", "open quote", "text after a quote", "no rows", "empty"],
)
def test_hostile_files(data, code, row):
    """A NUL, bytes of another encoding, broken quotes or no rows at all are faults, not crashes."""
    columns = (Column("id", "text"), Column("note", "text"))
    faults, _count = refused(data, with_(columns))
    assert (faults[0][2], faults[0][0]) == (code, row)


def test_a_line_without_end_is_not_brought_into_memory(monkeypatch):
    """A gigabyte without a line end is refused after its first megabytes."""
    monkeypatch.setattr(parsing, "LONGEST_LINE", 1 << 16)

    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            Endless.given += len(buffer)
            assert Endless.given < 1 << 20, "the whole line is being read"
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    with pytest.raises(BadCsv) as error:
        parse(io.BufferedReader(Endless()), PLAIN, (Column("a", "text"),)).read_all()
    assert error.value.faults[0].code == "line_too_long"


def test_a_long_cell_is_refused(monkeypatch):
    """A cell past the limit is a fault of its place."""
    monkeypatch.setattr(parsing, "LONGEST_FIELD", 100)
    columns = (Column("id", "text"), Column("note", "text"))
    assert refused(b"id,note\n1," + b"x" * 101 + b"\n", with_(columns))[0] == [(2, "note", "too_long")]


def test_too_many_columns():
    """Ten thousand columns are refused, and detected in a moment all the same."""
    data = (",".join(f"c{n}" for n in range(10_000)) + "\n" + ",".join(["1"] * 10_000) + "\n").encode()
    assert refused(data)[0] == [(1, "", "too_many_columns")]


def test_a_column_may_be_corrected():
    """The type a person chose is used: codes read as text, numbers refused where they aren't dates."""
    data = b"id,age,seen\n1,71,2026-01-01\n"
    table = read(data, with_([Column("id", "text"), Column("years", "number"), Column("seen", "text")]))
    assert table.to_pydict() == {"id": ["1"], "years": [71.0], "seen": ["2026-01-01"]}


def test_a_dialect_may_be_corrected():
    """With another delimiter, header or notation the columns are detected anew."""
    data = b"a;b\n1,5;2\n"
    found = detection.again(data, Dialect("utf-8", ";", True, Notation(decimal=",")))
    assert [(column.name, column.type) for column in found.columns] == [("a", "number"), ("b", "integer")]
    found = detection.again(data, Dialect("utf-8", "|", False, Notation()))
    assert [column.name for column in found.columns] == ["column_1"]


@given(st.binary(max_size=2000))
def test_detection_never_fails(data):
    """Whatever the bytes, detection answers and parsing reads them or says what is wrong."""
    found = detect(data)
    try:
        table = read(data, found)
    except BadCsv:
        return
    assert table.num_columns == len(found.columns)


rows_of_any_kind = st.lists(st.tuples(st.integers(-(10**17), 10**17), st.text(max_size=30)), max_size=30)


@given(rows_of_any_kind)
def test_what_is_written_is_harmless_and_read_again(rows):
    """Exported text never starts a formula, and comes back as it was but for the apostrophe."""
    numbers, texts = [number for number, _ in rows], [text for _, text in rows]
    table = pa.table({"number": pa.array(numbers, pa.int64()), "text": pa.array(texts, pa.string())})
    data = b"".join(export.export(table.column_names, table.to_batches()))
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert lines[0] == ["number", "text"]
    for (number, text), (number_cell, text_cell) in zip(rows, lines[1:], strict=True):
        assert int(number_cell) == number
        assert text_cell.lstrip("'") == text.lstrip("'")
        assert not text_cell.lstrip().startswith(DANGEROUS)


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-2", "@SUM(A1)", "\t=1", " =1", "\uff1d1"])
def test_formulas_are_disarmed(text):
    """Text that a spreadsheet would run is preceded by an apostrophe, in cells and in headings; numbers are not."""
    batch = pa.record_batch({text: pa.array([text])})
    data = b"".join(export.export([text], [batch])).decode("utf-8-sig")
    assert data.count("'" + text) == 2
    assert export.cell(-2) == -2
    assert export.cell(-2.5) == -2.5


def test_values_are_exported():
    """Missing values are empty, dates ISO 8601, booleans words."""
    batch = pa.record_batch(
        {"a": pa.array([None, 1]), "b": [True, None], "c": pa.array([date(2026, 11, 23), None]), "d": ["x", None]}
    )
    data = b"".join(export.export(["a", "b", "c", "d"], [batch])).decode("utf-8-sig")
    assert data == "a,b,c,d\r\n,true,2026-11-23,x\r\n1,,,\r\n"


def test_decimals_are_numbers():
    """A negative decimal is not taken for a formula."""
    batch = pa.record_batch({"balance": pa.array([Decimal("-1.50")], pa.decimal128(6, 2))})
    assert b"".join(export.export(["balance"], [batch])).decode("utf-8-sig") == "balance\r\n-1.50\r\n"
