"""Two people's work on one entry: what only one changed is kept, what both changed is told."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ecrf.engine.merging import Clash, Given, merge, merge_rows

A, B, C = {"name": "Aspirin", "dose": "75"}, {"name": "Metformin", "dose": "1000"}, {"name": "Ramipril", "dose": "5"}


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "kept", "clashes"),
    [
        (None, "80", None, {"w": "80"}, ()),
        ("70", "80", "70", {"w": "80"}, ()),
        ("70", "80", "80", {}, ()),
        ("70", "80", "75", {}, (Clash("w", "value", "80", "75"),)),
        ("70", None, "75", {}, (Clash("w", "value", None, "75"),)),
        ("70", "80", None, {}, (Clash("w", "value", "80", None),)),
        ("", "80", None, {"w": "80"}, ()),
        (["1"], ["1", "2"], ["1"], {"w": ["1", "2"]}, ()),
    ],
)
def test_a_field(base: Any, mine: Any, theirs: Any, kept: dict[str, Any], clashes: tuple[Clash, ...]) -> None:
    """Untouched by others it is mine, the same is nothing, changed by both it stays as it is there."""
    merged = merge(Given({"w": base}), Given({"w": mine}), Given({"w": theirs, "other": "1"}))
    assert (merged.values, merged.clashes) == (kept, clashes)


def test_what_was_not_said_to_be_read_is_not_overwritten() -> None:
    """Whoever doesn't say what he read can't have seen what is there."""
    assert merge(Given(), Given({"w": "80"}), Given({"w": "70"})).values == {}


def test_a_status_in_place_of_a_value() -> None:
    """A reason given by one and a value typed by the other are a clash, whichever came first."""
    lost = {"w": {"status": "nd"}}
    typed = merge(Given({"w": None}), Given({"w": "80"}), Given({}, lost))
    assert typed.clashes == (Clash("w", "value", "80", "nd"),)
    noted = merge(Given({"w": None}), Given({}, lost), Given({"w": "80"}))
    assert (noted.notes, noted.clashes) == ({}, (Clash("w", "status", "nd", None),))


def test_notes_are_merged_by_part() -> None:
    """A comment of mine joins a status of theirs."""
    merged = merge(Given(), Given({}, {"w": {"comment": "Seen"}}), Given({}, {"w": {"status": "check"}}))
    assert merged.notes == {"w": {"status": "check", "comment": "Seen"}}
    assert merge(Given(), Given({}, {"w": {"comment": "a"}}), Given({}, {"w": {"comment": "b"}})).clashes == (
        Clash("w", "comment", "a", "b"),
    )


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "rows"),
    [
        ([A], [A, B], [A, C], [A, C, B]),
        ([A], [A, B], [A, B], [A, B]),
        ([A, B, C], [A, C], [A, B, C], [A, C]),
        ([A, B], [{**A, "dose": "100"}, B], [A, {**B, "dose": "500"}], [{**A, "dose": "100"}, {**B, "dose": "500"}]),
        ([A, B, C], [B, C], [A, B, {**C, "dose": "10"}], [B, {**C, "dose": "10"}]),
        ([], [A], [B], [B, A]),
        ([A, B], [A, B, C], [B], [B, C]),
        ([A], [{**A, "since": "2026"}], [{**A, "dose": "160"}], [{"name": "Aspirin", "dose": "160", "since": "2026"}]),
    ],
)
def test_rows(base: list[Any], mine: list[Any], theirs: list[Any], rows: list[Any]) -> None:
    """Rows are told apart by what they hold and where they stand; what one added, changed or took away is done."""
    merged = merge_rows(base, mine, theirs)
    assert (merged.rows, merged.clashes) == (rows, ())


def test_rows_that_clash() -> None:
    """One cell changed by both, and a row that one took away and the other changed, stay as they are there."""
    cell = merge_rows([A], [{**A, "dose": "100"}], [{**A, "dose": "160"}])
    assert cell.rows == [{**A, "dose": "160"}]
    assert [(one.key, one.mine, one.theirs) for one in cell.clashes] == [("dose", "100", "160")]
    gone = merge_rows([A, B], [{**A, "dose": "100"}, B], [B])
    assert (gone.rows, [one.mine for one in gone.clashes]) == ([B], [{**A, "dose": "100"}])
    kept = merge_rows([A, B], [B], [{**A, "dose": "160"}, B])
    assert (kept.rows[0]["dose"], [one.mine for one in kept.clashes]) == ("160", [None])


def test_notes_follow_their_rows() -> None:
    """A note on my second row is beside it where it stands after the merge."""
    mine = Given({"drug": [A, B]}, {"drug[1].dose": {"comment": "Boîte"}})
    merged = merge(Given({"drug": [A]}), mine, Given({"drug": [C, A]}), rows_of={"drug"})
    assert merged.values == {"drug": [C, A, B]}
    assert merged.notes == {"drug[2].dose": {"comment": "Boîte"}}


def test_notes_of_others_follow_theirs() -> None:
    """Where I took the row before theirs away, their note moves up with its row."""
    theirs = Given({"drug": [A, {**B, "dose": "500"}]}, {"drug[1].dose": {"status": "check"}})
    merged = merge(Given({"drug": [A, B]}), Given({"drug": [B]}), theirs, rows_of={"drug"})
    assert merged.values == {"drug": [{**B, "dose": "500"}]}
    assert merged.notes == {"drug[0].dose": {"status": "check"}, "drug[1].dose": None}


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost(seed: int) -> None:
    """Each cell that I changed is in the result or in a clash, and each of theirs is in the result."""
    chance = random.Random(seed)
    base = [{"k": str(number), "v": "0", "x": "0"} for number in range(chance.randint(0, 6))]
    mine, theirs = ([dict(row) for row in base] for _ in range(2))
    for number, rows in enumerate((mine, theirs)):
        for row in rows:
            if chance.random() < 0.4:
                row["v" if chance.random() < 0.5 else "x"] = f"{number}{chance.randint(1, 9)}"
        rows += [{"k": f"new {number}{chance.randint(1, 99)}"} for _ in range(chance.randint(0, 2))]
    merged = merge_rows(base, mine, theirs)
    said = {value for row in merged.rows for value in row.values()}
    said |= {one.mine for one in merged.clashes}
    assert {value for rows in (mine, theirs) for row in rows for value in row.values()} - {"0"} <= said
    assert merge_rows(base, mine, base).rows == mine
    assert merge_rows(base, base, theirs).rows == theirs
