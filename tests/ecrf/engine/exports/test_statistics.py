"""Files of statistics programs, read back by another library or checked sign by sign."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyreadstat
import pytest

from ecrf.engine.exports import frames, r
from ecrf.engine.faults import Fault, Refused
from tests.ecrf.engine.exports.books import LONG, book, unzipped, written


def opened(content: bytes, name: str, folder: Path, read: Any, **options: Any) -> tuple[Any, Any]:
    path = folder / Path(name).name
    path.write_bytes(unzipped(content)[name])
    found: tuple[Any, Any] = read(path, **options)
    return found


def codes(losses: list[Fault]) -> set[tuple[str, str]]:
    return {(loss.place, loss.code) for loss in losses}


def test_stata(tmp_path: Path) -> None:
    """Types, labels and labels of values; statuses in place of numbers are .a to .z with their words."""
    content, losses = written("stata")
    data, meta = opened(content, "records.dta", tmp_path, pyreadstat.read_dta, user_missing=True)
    assert data["weight"].tolist() == [72.5, -3.0]
    assert data["born"].tolist() == [date(1981, 2, 3), date(1890, 1, 1)]
    assert data["seen"].tolist()[0] == datetime(2026, 1, 5, 14, 5)  # noqa: DTZ001
    assert data["age"].tolist() == [45.0, "d"]
    assert data["sex"].tolist() == [1.0, "a"]
    assert meta.variable_value_labels["age"]["d"] == "Lost"
    assert meta.variable_value_labels["sex"] == {1: "Choice 1", 2: "Choice 2", "a": "Does not wish to answer"}
    assert meta.column_names_to_labels["weight"] == "Weight"
    assert data["note"].tolist()[0].startswith("=HYPERLINK")
    assert ("blood", "codes_numbered") in codes(losses)
    assert data["blood"].tolist()[0] == 3
    rows, _ = opened(content, "drugs.dta", tmp_path, pyreadstat.read_dta)
    assert rows["dose"].tolist()[0] == 500


def test_names_that_are_too_long() -> None:
    """A name that a program doesn't take is cut, told apart from its like, and reported."""
    _, losses = written("stata")
    renamed = {loss.place: loss.params["name"] for loss in losses if loss.code == "column_renamed"}
    assert renamed[f"{LONG}_1"] == LONG[:32]
    assert renamed[f"{LONG}_2"] == f"{LONG[:30]}_4"
    assert len(set(renamed.values())) == len(renamed)


def test_spss(tmp_path: Path) -> None:
    """Statuses in place of numbers are user-missing numbers below all others, with their words."""
    content, _ = written("spss")
    data, meta = opened(content, "records.sav", tmp_path, pyreadstat.read_sav, user_missing=True)
    code = data["age"].tolist()[1]
    assert code < -900
    assert meta.variable_value_labels["age"][code] == "Lost"
    assert meta.missing_ranges["age"] == [{"lo": code, "hi": code}]
    assert meta.variable_value_labels["sex"][1.0] == "Choice 1"
    plain, _ = opened(content, "records.sav", tmp_path, pyreadstat.read_sav)
    assert math.isnan(plain["age"].tolist()[1])
    assert plain["weight"].tolist() == [72.5, -3.0]


def test_sas(tmp_path: Path) -> None:
    """Version 5 takes 8 signs of a name and 200 bytes of a text, version 8 more; labels are in a program beside."""
    content, losses = written("sas-xpt")
    old, meta = opened(content, "v5/records.xpt", tmp_path, pyreadstat.read_xport)
    assert old["WEIGHT"].tolist() == [72.5, -3.0]
    assert all(len(name) <= 8 for name in meta.column_names)
    new, _ = opened(content, "v8/records.xpt", tmp_path, pyreadstat.read_xport)
    assert len(new[LONG[:32]].tolist()[0]) == 300
    assert ("records." + f"{LONG}_1", "text_cut") in codes(losses)
    assert ("records", "statuses_beside") in codes(losses)
    program = unzipped(content)["formats.sas"].decode()
    assert "1 = 'Choice 1'" in program
    assert program.count("proc format;") == 1


def test_too_much_for_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these formats would hold in memory has a limit, which is said."""
    monkeypatch.setattr(frames, "MOST_CELLS", 10)
    with pytest.raises(Refused) as caught:
        written("spss")
    assert caught.value.faults[0].code == "too_many_cells"


OPENING = {"(": ")", "[": "]", "{": "}"}


def statements(text: str) -> Iterator[str]:
    """The statements of an R script: whatever lies between line ends outside of brackets. Raises ValueError."""
    waiting: list[str] = []
    quote = current = ""
    skip = comment = False
    for sign in text:
        if comment:
            comment = sign != "\n"
            continue
        if quote:
            if skip:
                if sign not in '\\"ntr':
                    raise ValueError(f"\\{sign} is no sign of a text")
                skip = False
            elif sign == "\\":
                skip = True
            elif sign == quote:
                quote = ""
            elif sign == "\n":
                raise ValueError("a text goes on in the next line")
        elif sign == '"':
            quote = sign
        elif sign == "#":
            comment = True
            continue
        elif sign in OPENING:
            waiting.append(OPENING[sign])
        elif sign in OPENING.values() and (not waiting or waiting.pop() != sign):
            raise ValueError(f"{sign} closes nothing")
        if sign == "\n" and not waiting and not quote:
            if current.strip():
                yield current.strip()
            current = ""
        else:
            current += sign
    if waiting or quote:
        raise ValueError("something isn't closed")


def test_r_script() -> None:
    """The script reads each table and tells types, labels and units; every text in it is closed."""
    found = unzipped(written("r")[0])
    assert set(found) == {"records.csv", "adverse.csv", "drugs.csv", "codebook.csv", "read.R"}
    lines = list(statements(found["read.R"].decode()))
    assert all("<-" in line for line in lines)
    assert 'records <- read_table("records")' in lines
    assert 'attr(records[["weight"]], "unit") <- "kg"' in lines
    assert any(line.startswith('records[["sex"]] <- factor(records[["sex"]], levels = c("1", "2")') for line in lines)
    assert 'records[["born"]] <- as.Date(records[["born"]])' in lines


@pytest.mark.parametrize("text", ['plain"quote', "back\\slash", "two\nlines", "(", "# no comment", "é"])
def test_texts_of_r(text: str) -> None:
    """Whatever a label says, it is one text of the script."""
    assert list(statements(f"x <- {r.quoted(text)}\n")) == [f"x <- {r.quoted(text)}"]


@pytest.mark.parametrize("text", ['x <- "open', "x <- c(1", "x <- 1)", 'x <- "a\nb"', 'x <- "\\q"'])
def test_broken_r_is_noticed(text: str) -> None:
    """The reader of these tests refuses what R would."""
    with pytest.raises(ValueError, match=r"sign|line|clos"):
        list(statements(text))


def test_labels_of_the_language() -> None:
    """Labels are in the language of the export."""
    assert b'"Choice 1 (fr)"' in unzipped(written("r", book(language="fr"))[0])["read.R"]
