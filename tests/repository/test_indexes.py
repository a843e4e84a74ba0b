"""The tables that say which test shows what name tests that exist, and every test of faults stands in its table."""

from __future__ import annotations

import re

import pytest

from tests.repository.files import ROOT
from tests.repository.test_asvs import functions

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("page", ["docs/faults.md", "tests/security/README.md"])
def test_what_is_named_is_there(page: str) -> None:
    """Each row names at least one test, and each test that is named exists."""
    rows = [line for line in (ROOT / page).read_text().splitlines() if line.startswith("| ") and "shown by" not in line]
    assert len(rows) > 10
    for row in rows:
        named = NAMED.findall(row)
        assert named, row
        assert [f"{path}::{name}" for path, name in named if name not in functions(ROOT / path)] == []


def test_every_fault_has_its_row() -> None:
    """No test of `make faults` is left out of docs/faults.md, but those that only say that all was whole at the end."""
    page = (ROOT / "docs" / "faults.md").read_text()
    tests = {
        name
        for path in (ROOT / "tests" / "faults").rglob("test_*.py")
        for name in functions(path)
        if name[:5] == "test_"
    }
    beside = {
        "test_the_journal_outlives_it_all",
        "test_codes_of_an_app_are_refused",
        "test_a_good_one_is_spoken_with",
        "test_where_it_can_not_be_seen",
    }
    assert sorted(name for name in tests - beside if name not in page) == []
