"""What is written in other languages means the same when it is read again, or isn't written at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecrf.engine.expressions import as_fhirpath, as_redcap, as_xpath, from_xpath
from ecrf.engine.expressions.native import parse
from ecrf.engine.expressions.saying import Unsayable
from ecrf.engine.redcap import logic
from ecrf.engine.redcap.logic_tokens import LogicError
from ecrf.engine.redcap.lowering import Fields, lower
from tests.ecrf.engine import running
from tests.ecrf.engine.strategies import ALL_TYPES, CODES, EVENTS, OF_ROWS, TYPES, contexts, node, values

CONTEXT = {"now": "2026-11-23T14:05:09", "subject": "BRO-001"}
FIELDS = Fields(TYPES, CODES, events=frozenset(EVENTS), repeats=OF_ROWS)
KINDS = st.sampled_from(["number", "boolean"])
cases = KINDS.flatmap(lambda kind: st.tuples(st.just(kind), st.one_of(node(kind, 1), node(kind, 2)), values, contexts))
hundreds = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
NOT_READ = frozenset({"text_is_no_number", "type_clash", "smart_variable"})
"""A text used as a number, two types in one place, a smart variable: written, and right for the other tool."""


def compare(kind: str, written: Any, again: Any, held: dict[str, Any], around: dict[str, Any]) -> None:
    """A condition holds or it doesn't; a number is the same."""
    context = {**CONTEXT, **around}
    first, second = (running.run(part, held, ALL_TYPES, context) for part in (written, again))
    if kind == "boolean":
        first, second = first is True, second is True
    if kind == "number" and first != second:  # logarithms are divided there, and here to a base
        assert first is not None
        assert second is not None
        assert abs(float(first) - float(second)) <= 1e-25 * abs(float(first))
    else:
        assert first == second


@hundreds
@given(cases)
def test_redcap_logic_keeps_its_meaning(case: tuple[str, Any, dict[str, Any], dict[str, Any]]) -> None:
    """Logic written for REDCap holds, read again, when the expression holds."""
    kind, expression, held, around = case
    try:
        text = as_redcap.write(expression, codes=CODES, types=ALL_TYPES)
    except Unsayable:
        return
    try:
        again, _ = lower(logic.parse(text), FIELDS, kind)
    except LogicError as error:
        if error.code not in NOT_READ:
            raise
        return
    compare(kind, expression, again, held, around)


@hundreds
@given(cases)
def test_xpath_keeps_its_meaning(case: tuple[str, Any, dict[str, Any], dict[str, Any]]) -> None:
    """XPath written for XLSForms holds, read again, when the expression holds."""
    kind, expression, held, around = case
    try:
        text = as_xpath.write(expression, types=ALL_TYPES)
    except Unsayable:
        return
    try:
        again, _ = from_xpath.read(text, FIELDS, kind, attributes=frozenset({"region"}))
    except LogicError as error:
        if error.code not in NOT_READ:
            raise
        return
    compare(kind, expression, again, held, around)


@pytest.mark.parametrize(
    ("text", "redcap", "xpath"),
    [
        ("sex = '1' and age@v1 > 18", "[sex] = '1' and [event_1_arm_1][age] > 18", None),
        ("sex = '1' and age > 18", "[sex] = '1' and [age] > 18", "${sex} = '1' and ${age} > 18"),
        ("sex != '1'", "[sex] <> '1' and [sex] <> ''", "${sex} != '1' and ${sex} != ''"),
        ("not (sex = '1' and age > 18)", None, "${sex} != '1' and ${sex} != '' or ${age} <= 18"),
        ("age is null", "[age] = ''", "${age} = ''"),
        ("has(race, '2')", "[race(2)] = '1'", "selected(${race}, '2')"),
        ("not has(race, '2')", "[race(2)] = '0'", "not(selected(${race}, '2'))"),
        ("count(race) > 1", "sum([race(1)], [race(2)]) > 1", "count-selected(${race}) > 1"),
        ("a - (b - c)", "[a] - ([b] - [c])", "${a} - (${b} - ${c})"),
        ("(a + b) * c / 2", "([a] + [b]) * [c] / 2", "(${a} + ${b}) * ${c} div 2"),
        ("round(a / 3, 1)", "round([a] / 3, 1)", "round(${a} div 3, 1)"),
        ("if(a > 1, 'x', null)", "if([a] > 1, 'x', '')", "if(${a} > 1, 'x', '')"),
        ("coalesce(a, b, 1)", "if([a] <> '', [a], if([b] <> '', [b], 1))", "coalesce(${a}, coalesce(${b}, 1))"),
        ("datediff(dob, today(), 'y')", "datediff([dob], 'today', 'y', false)", None),
        ("matches(sex, '[A-Z]+')", None, "regex(${sex}, '^([A-Z]+)$')"),
        ("sum(dose in meds)", None, "sum(${dose})"),
        ("rows(meds)", None, "count(${meds})"),
        ("previous(age) > 1", "[previous-event-name][age] > 1", None),
        ("dob > date('2024-05-01')", "[dob] > '2024-05-01'", "${dob} > date('2024-05-01')"),
        ('sex = "it\'s"', '[sex] = "it\'s"', '${sex} = "it\'s"'),
    ],
)
def test_written_texts(text: str, redcap: str | None, xpath: str | None) -> None:
    """Common formulas look as people of those tools write them."""
    expression = parse(text)
    if redcap is not None:
        assert as_redcap.write(expression, events={"v1": "event_1_arm_1"}, codes={"race": ("1", "2")}) == redcap
    if xpath is not None:
        assert as_xpath.write(expression) == xpath


def test_other_names() -> None:
    """A field that is called otherwise there is written with that name, the field itself as a point."""
    expression = parse("age > 18 and sex = '1'")
    assert as_redcap.write(expression, names={"age": "patient_age"}) == "[patient_age] > 18 and [sex] = '1'"
    assert as_xpath.write(expression, names={"sex": "sex.at-birth"}, this="age") == ". > 18 and ${sex.at-birth} = '1'"


AGE = ["var", "age"]
TWICE = [
    lambda part: ["bmi", part, AGE],
    lambda part: ["coalesce", part, AGE],
    lambda part: ["sum", part, AGE],
    lambda part: ["floor", part, ["number", "0"]],
    lambda part: ["if", ["<>", part, ["number", "1"]], part, AGE],
]


@pytest.mark.parametrize("wrap", TWICE)
@pytest.mark.parametrize("module", [as_redcap, as_xpath, as_fhirpath])
def test_texts_end(module: Any, wrap: Any) -> None:
    """What would become endless in another language, because it says things twice, is not written."""
    expression: Any = AGE
    for _ in range(90):
        expression = wrap(expression)
    try:
        assert len(module.write(expression)) < 200_000
    except Unsayable as error:
        assert error.what == "length"  # noqa: PT017  (either is right)


@pytest.mark.parametrize(
    ("text", "redcap", "xpath"),
    [
        ("sum(dose in meds) > 1", "over", None),
        ("age@v1 > 1", None, "of"),
        ("last(age) > 1", "last", "last"),
        ("status(age) = 'na'", "status", "status"),
        ("shift(dob, 1, 'M') < today()", "shift", "shift"),
        ("matches(sex, 'a')", "matches", None),
        ("(age > 1) is null", ">", ">"),
        ("onset < partial('2024')", "partial", "partial"),
        ("sex = 'it''s \"so\"'", "text", "text"),
        ("arm() = 'a'", "arm", "arm"),
    ],
)
def test_what_cannot_be_said(text: str, redcap: str | None, xpath: str | None) -> None:
    """What the other language can't say is named, never written otherwise."""
    for module, what in ((as_redcap, redcap), (as_xpath, xpath)):
        if what is not None:
            with pytest.raises(Unsayable) as caught:
                module.write(parse(text))  # type: ignore[attr-defined]
            assert caught.value.what == what
