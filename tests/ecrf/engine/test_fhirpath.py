"""Expressions written in FHIRPath, for questionnaires."""

from __future__ import annotations

import pytest

from ecrf.engine.expressions.as_fhirpath import Unsayable, write
from ecrf.engine.expressions.native import parse

KINDS = {"sex": "choice", "race": "choices", "onset": "partial_date"}
ROWS = {"meds": {"dose", "drug"}}


def path(name: str) -> str:
    return f"%resource.repeat(item).where(linkId='{name}').answer.value"


AGE, SEX, RACE = path("age"), path("sex") + ".code", path("race") + ".code"
DOSE = "repeat(item).where(linkId='dose').answer.value"
MEDS = "%resource.repeat(item).where(linkId='meds')"


@pytest.mark.parametrize(
    ("text", "fhirpath"),
    [
        ("age > 18", f"{AGE} > 18"),
        ("sex = '1' and not age >= 18", f"{SEX} = '1' and ({AGE} >= 18).not()"),
        ("sex != '1'", f"{SEX} != '1'"),
        ("has(race, '2') or count(race) > 1", f"('2' in {RACE}) or {RACE}.count() > 1"),
        ("age is null", f"{AGE}.empty()"),
        ("age is not null", f"{AGE}.exists()"),
        ("same(sex, '1')", f"iif({SEX} = '1', true, false)"),
        ("(age + 1) * -2", f"({AGE} + 1) * -2"),
        ("-age", f"-{AGE}"),
        ("age ^ 2 / 3", f"{AGE}.power(2) / 3"),
        ("if(age > 1, 'it''s', null)", f"iif({AGE} > 1, 'it\\'s', {{}})"),
        ("dob < date('2024-05-01')", f"{path('dob')} < @2024-05-01"),
        ("seen > datetime('2024-05-01T10:00')", f"{path('seen')} > @2024-05-01T10:00"),
        ("year(dob) = 1986", f"{path('dob')}.toString().substring(0, 4).toInteger() = 1986"),
        ("coalesce(age, 1)", f"iif({AGE}.exists(), {AGE}, 1)"),
        ("matches(drug, '\\d+')", f"{path('drug')}.matches('^(?:\\\\d+)$')"),
        ("contains(drug, 'a')", f"{path('drug')}.lower().contains('a'.lower())"),
        ("rows(meds) > 1", f"{MEDS}.count() > 1"),
        ("any(dose > age in meds)", f"{MEDS}.where({DOSE} > {AGE}).exists()"),
        ("max(dose in meds)", f"{MEDS}.select({DOSE}).max()"),
        ("sum(dose in meds)", f"{MEDS}.select({DOSE}).aggregate($this + iif($total.empty(), 0, $total))"),
        ("max(age, 3)", f"{AGE}.combine(3).max()"),
    ],
)
def test_fhirpath(text: str, fhirpath: str) -> None:
    """A formula reads the answers by their linkId; choices by their code; rows from where they are."""
    assert write(parse(text), kinds=KINDS, repeats=ROWS) == fhirpath


def test_link_ids() -> None:
    """An item that has another linkId is read by it."""
    assert write(parse("age > 1"), links={"age": "1.2/a'b"}) == path("1.2/a\\'b") + " > 1"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("age@v1 > 1", "of"),
        ("has(previous(race), '1')", "previous"),
        ("datediff(dob, today(), 'y') > 1", "datediff"),
        ("status(age) = 'na'", "status"),
        ("onset < dob", "partial"),
        ("median(age, 1)", "median"),
        ("text(age > 1)", "text"),
        ("shift(dob, 1, 'd') < today()", "shift"),
    ],
)
def test_what_fhirpath_cannot_say(text: str, what: str) -> None:
    """What FHIRPath can't say is named."""
    with pytest.raises(Unsayable) as caught:
        write(parse(text), kinds=KINDS, repeats=ROWS)
    assert caught.value.what == what
