"""XLSForms' XPath is read with its meaning, or refused by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ecrf.engine.expressions import Scope, check, from_xpath
from ecrf.engine.redcap.logic_tokens import LogicError
from ecrf.engine.redcap.lowering import Fields
from ecrf.messages import WORDS
from tests.ecrf.engine import running

TYPES = {"age": "number", "sex": "text", "race": "codes", "dob": "date", "seen": "datetime", "name_": "text"}
CODES = {"sex": frozenset({"m", "f"}), "race": frozenset("123")}
REPEATS = {"meds": {"dose": "number", "drug": "text", "since": "date", "kinds": "codes"}}
FIELDS = Fields(TYPES, CODES, repeats=REPEATS)
CONTEXT = {"now": "2026-11-23T14:05", "rows": {"meds": [{"dose": "2"}, {"dose": "3"}]}}
VALUES = {"age": "40", "sex": "f", "race": ["1", "2"], "dob": "1986-01-31", "name_": "Anne-Marie"}


def value(text: str, wanted: str = "boolean", **more: Any) -> Any:
    """What an expression gives for the values above, once it has passed the check."""
    node, _ = from_xpath.read(text, FIELDS, wanted, this="age", **more)
    scope = Scope(TYPES, CODES, REPEATS, attributes=frozenset({"region"}))
    assert check(node, scope) == (wanted, []), node
    types = {**TYPES, **REPEATS["meds"]}
    context = {**CONTEXT, "choice": {"code": "x", "region": "north"}}
    return running.run(node, VALUES, types, context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${age} > 18 and selected(${race}, '2')", True),
        ("${age} > 18 and selected(${race}, '3')", False),
        ("selected(${sex}, 'f') or false()", True),
        ("${sex} = 'm' or ${sex} != 'f'", False),
        ("not(selected(${race}, '3'))", True),
        (". >= 0 and . < 120", True),
        ("count-selected(${race}) = 2", True),
        ("count-selected(${sex}) = 1", True),
        ("${dob} < today()", True),
        ("${dob} < date('1986-02-01')", True),
        ("${dob} < '1986-02-01'", True),
        ("${seen} = ''", True),
        ("regex(${name_}, '[A-Z][a-z]+-[A-Z][a-z]+')", True),
        ("contains(${name_}, 'marie')", False),
        ("contains(${name_}, 'Marie')", True),
        ("starts-with(${name_}, 'Anne-')", True),
        ("ends-with(${name_}, '.*')", False),
        ("string-length(${name_}) = 10", True),
        ("1 < 2 = true()", True),
        ("format-date(${dob}, '%Y') = '1986'", True),
        ("number(format-date(${dob}, '%Y%m%d')) = 19860131", True),
        ("decimal-date-time(today()) - decimal-date-time(${dob}) > 14000", True),
        ("count(${meds}) = 2 and count(${dose}) = 2", True),
        ("sum(${dose}) = 5 and max(${dose}) = 3", True),
        ("(${age} + 2) mod 5 = 2", True),
        ("${age} = 40", True),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    """A condition holds where it holds in the XLSForm."""
    assert value(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${age} div 3", "13.33333333333333333333333333333333"),
        ("round(${age} div 3, 1)", "13.3"),
        ("int(-7.9)", "-7"),
        ("int(7.9)", "7"),
        ("number('12') + 1", "13"),
        ("if(${age} > 18, 1, 2)", "1"),
        ("coalesce(${age}, 3)", "40"),
        ("pow(2, 3) + sqrt(16) + abs(-1)", "13"),
        ("log10(1000)", "3"),
        ("min(${age}, 3)", "3"),
        ("-${age} + 1", "-39"),
        ("- 2 * 3", "-6"),
    ],
)
def test_calculations(text: str, expected: str) -> None:
    """A calculation gives its number."""
    assert value(text, "number") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("substr(${name_}, 0, 4)", "Anne"),
        ("substr(${name_}, 5)", "Marie"),
        ("concat(${name_}, ' (', ${age}, ')')", "Anne-Marie (40)"),
        ("string(${age})", "40"),
        ("coalesce(${sex}, 'x')", "f"),
        ('if(${sex} = "f", "Mrs", "Mr")', "Mrs"),
    ],
)
def test_texts(text: str, expected: str) -> None:
    """A text is put together as in the XLSForm; positions count from 0 there."""
    assert value(text, "text") == expected


def test_filters_of_choices() -> None:
    """In a choice_filter, columns of the choices stand by their bare names, and `name` is the code."""
    attributes = frozenset({"region"})
    assert value("region = 'north' and name != ${sex}", attributes=attributes) is True


def test_names_that_are_no_keys() -> None:
    """A field whose name can't be a key is found under the key that it has."""
    assert value("${how.old-are} > 18", keys={"how.old-are": "age"}) is True


@pytest.mark.parametrize(
    ("text", "code", "unsupported"),
    [
        ("${nobody} = 1", "unknown_variable", False),
        ("${age} >", "unexpected", False),
        ("${age", "unreadable_logic", False),
        ("(1 + 2", "expected", False),
        ("1 2", "unexpected", False),
        ("${race} = '1'", "checkbox_without_choice", False),
        ("selected(${race})", "wrong_number_of_arguments", False),
        ("${age} > 'many'", "text_is_no_number", False),
        ("../age > 1", "path_not_supported", True),
        ("instance('x')/all/item[name = 1]/label", "path_not_supported", True),
        ("position(..)", "path_not_supported", True),
        ("jr:choice-name(${sex}, '${sex}') = 'F'", "unknown_function", True),
        ("format-date(${dob}, '%B') = 'May'", "wrong_argument", True),
        ("regex(${name_}, '(?=a)')", "pattern_not_supported", True),
        ("${last-saved#age} > 1", "unknown_function", True),
        ("join(' ', ${drug}) = ''", "repeat_not_gathered", True),
        ("(" * 200 + "1" + ")" * 200, "expression_too_deep", False),
        ("1" + " div 1" * 3000, "expression_too_deep", False),
        ("int(" * 30 + "1" + ")" * 30 + " = 1", "expression_too_deep", False),
        ("${dose} > 1", "repeat_not_gathered", True),
    ],
)
def test_refused(text: str, code: str, unsupported: bool) -> None:
    """What is wrong, and what can't be said here, has a name each."""
    with pytest.raises(LogicError) as caught:
        value(text)
    assert (caught.value.code, caught.value.unsupported) == (code, unsupported)
    assert str(WORDS[code]) % caught.value.params


def test_blank_is_a_value() -> None:
    """What has no answer is different from any code, as in the XLSForm."""
    node, _ = from_xpath.read("${sex} != 'm'", FIELDS, "boolean")
    assert running.run(node, {}, TYPES, {"now": str(datetime(2026, 1, 1))}) is True  # noqa: DTZ001
