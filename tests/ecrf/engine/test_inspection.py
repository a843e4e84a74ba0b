"""What an author surely or probably didn't mean is told, with its place; what is right isn't."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.expressions.native import parse
from ecrf.engine.inspection import inspect
from ecrf.engine.redcap import from_redcap
from ecrf.messages import WORDS
from tests.ecrf.engine.forms import choices, data, item

SEX = item("sex", "choice", choices=choices("1", "2"))
AGE = item("age", "integer", min=["number", "0"], max=["number", "120"], range="block")
BOXES = item("signs", "choices", choices=choices("1", "2"))
NAME, BORN = item("name"), item("born", "date")
FIRST = (SEX, AGE, BOXES, NAME, BORN)
LAST = f"pages.0.groups.0.items.{len(FIRST)}"


def found(*items: dict[str, Any], **page: Any) -> list[tuple[str, str, str]]:
    form = data(*FIRST, *items, **page)
    engine.load(form)
    return listed(form)


def listed(form: dict[str, Any]) -> list[tuple[str, str, str]]:
    problems = inspect(form)
    for problem in problems:
        assert str(WORDS[problem.code]) % dict(problem.params)
    return [(problem.place, problem.code, problem.severity) for problem in problems]


NEVER = [
    "false",
    "sex = '1' and sex = '2'",
    "sex = '1' and not (sex = '1')",
    "sex in ('1', '2') and sex is null",
    "age > 20 and age < 10",
    "age > 20 and age < 21",
    "age > 120",
    "age = 5 and age = 6",
    "age = 5 and (name = 'x' or name = 'y') and age != 5",
    "name = 'a' and name = 'b'",
    "name != name",
    "born < date('2020-01-01') and born > date('2021-01-01')",
    "has(signs, '1') and not has(signs, '1')",
    "(sex = '1' or sex = '2') and sex is null",
    "1 > 2",
    "null",
    "number(sex) > 2",
    "if(sex = '1', age < 0, false)",
    "not (sex = '1' or distinct(sex, '1'))",
    "if(name = 'a', name = 'b', name = 'a')",
]
ALWAYS = [
    "true",
    "1 < 2",
    "same(sex, '1') or distinct(sex, '1')",
    "sex is null or sex is not null",
    "sex is null or sex in ('1', '2')",
    "same(name, name)",
    "sex is null or number(sex) < 3",
    "age is null or age <= 120",
]
SOMETIMES = [
    "sex = '1'",
    "sex = '1' or sex = '2'",
    "age > 119",
    "age > 5 and age < 7",
    "not (age > 20 and age < 10) or sex = '1'",
    "age >= 120 and sex = '2'",
    "born = today()",
    "name = 'a' or name = 'b'",
    "name = 'a' and age > 3 and has(signs, '1') and has(signs, '2')",
    "age * 2 > 500",
    "sex is null or name is null",
]


@pytest.mark.parametrize("text", NEVER)
def test_condition_that_never_holds(text: str) -> None:
    """A condition that can't hold is told where it stands."""
    assert (f"{LAST}.visible_if", "never_shown", "warning") in found(item("last", visible_if=parse(text)))


@pytest.mark.parametrize("text", ALWAYS)
def test_condition_that_always_holds(text: str) -> None:
    """A condition that can't fail is useless, and told."""
    assert (f"{LAST}.visible_if", "always_holds", "notice") in found(item("last", visible_if=parse(text)))


@pytest.mark.parametrize("text", SOMETIMES)
def test_condition_that_may_hold(text: str) -> None:
    """Nothing is said of a condition that may hold or not."""
    assert found(item("last", visible_if=parse(text))) == []


def test_unknown_code() -> None:
    """A code that isn't among the choices is told by name, and the question isn't ever shown."""
    problems = found(item("last", visible_if=parse("sex = '3'")))
    assert [code for _, code, _ in problems] == ["unknown_choice", "never_shown"]


def test_check_that_never_fails() -> None:
    """A check that can't fail, or can't hold, is told."""
    checks = [
        {"key": key, "holds": parse(text), "severity": "warn", "message": {"en": "!"}}
        for key, text in (("a", "last <= 120"), ("b", "last > 200"), ("c", "last > 18"))
    ]
    limits = {"min": ["number", "0"], "max": ["number", "120"], "range": "block"}
    assert found(item("last", "integer", checks=checks, **limits)) == [
        (f"{LAST}.checks.0.holds", "always_holds", "notice"),
        (f"{LAST}.checks.1.holds", "check_never_holds", "warning"),
    ]


@pytest.mark.parametrize("text", ["null", "if(sex = '3', 'a', null)", "concat(null, if(age > 200, name, null))"])
def test_calculation_that_is_always_empty(text: str) -> None:
    """A calculation that never gives anything is told."""
    assert (f"{LAST}.calc", "always_empty", "warning") in found(item("last", calc=parse(text)))


def test_classic_bug() -> None:
    """A class computed from itself is always empty: the bug is told though the form can't even be loaded."""
    text = "if(cls < 18.5, 1, if(cls < 25, 2, if(cls >= 25, 3, null)))"
    form = data(*FIRST, item("cls", "decimal", calc=parse(text)))
    codes = [code for _, code, _ in listed(form)]
    assert "always_empty" in codes
    assert codes.count("dead_branch") == 3


def test_empty_makes_empty() -> None:
    """What reads only what is never shown is never shown, or empty, itself."""
    never = item("never", "integer", visible_if=parse("sex = '1' and sex = '2'"))
    problems = found(never, item("sum", "decimal", calc=parse("never + 1")), item("last", visible_if=parse("sum > 1")))
    assert [code for _, code, _ in problems] == [
        "never_shown",
        "reads_nothing",
        "always_empty",
        "reads_nothing",
        "never_shown",
    ]


def test_hidden_item_that_nothing_fills() -> None:
    """A hidden item without calculation or default has no value."""
    hidden = item("secret", "integer", hidden=True)
    assert "always_empty" in [code for _, code, _ in found(hidden, item("last", "decimal", calc=parse("secret + 1")))]


def test_dead_branch() -> None:
    """The way of an `if` that is never taken is told, given the ways taken before."""
    text = "if(age < 18, 'child', if(age < 10, 'small', if(age >= 18, 'adult', null)))"
    assert found(item("last", calc=parse(text))) == [(f"{LAST}.calc", "dead_branch", "warning")]


def test_dead_part() -> None:
    """A part of an `or` that never holds is told."""
    assert found(item("last", visible_if=parse("name = 'x' or (age > 3 and age < 2)"))) == [
        (f"{LAST}.visible_if", "dead_part", "warning")
    ]


def test_compared_with_itself() -> None:
    """A field compared with itself is told."""
    assert "compared_with_itself" in [code for _, code, _ in found(item("last", visible_if=parse("age >= age")))]


def test_conditions_around_count() -> None:
    """A question of a page for men only isn't shown to women."""
    form = data(*FIRST)
    group = {"items": [item("last", visible_if=parse("sex = '2'")), item("other")]}
    form["pages"].append({"key": "q", "title": {"en": "Q"}, "visible_if": parse("sex = '1'"), "groups": [group]})
    assert listed(form) == [("pages.1.groups.0.items.0.visible_if", "never_shown", "warning")]


def test_unreachable_page() -> None:
    """A page that nobody ever sees is told once, not for each of its questions."""
    form = data(*FIRST)
    group = {"items": [item("last", visible_if=parse("sex = '2'")), item("sum", "decimal", calc=parse("age + 1"))]}
    form["pages"].append({"key": "q", "title": {"en": "Q"}, "visible_if": parse("age < 0"), "groups": [group]})
    assert listed(form) == [("pages.1.visible_if", "page_never_shown", "warning")]


def test_range_without_value() -> None:
    """Limits between which there is nothing are told."""
    problems = found(item("last", "integer", min=["number", "5"], max=["number", "3"]))
    assert problems == [(f"{LAST}.min", "range_empty", "warning")]


def test_asked_later() -> None:
    """A condition on a question that comes further down is told."""
    form = data(item("a", visible_if=parse("b = 'x'")), item("b"))
    assert listed(form) == [("pages.0.groups.0.items.0.visible_if", "asked_later", "notice")]


def test_unused_list() -> None:
    """A shared list that no question uses is told."""
    form = {**data(*FIRST), "lists": {"countries": choices("fr")}}
    assert listed(form) == [("lists.countries", "list_unused", "notice")]


def over_events(condition: str, **more: Any) -> dict[str, Any]:
    """Age at inclusion; a follow-up with this condition; a page that no event has."""
    pages = [
        {"key": "inclusion", "title": {"en": "I"}, "groups": [{"items": [AGE, SEX]}]},
        {"key": "both", "title": {"en": "B"}, "groups": [{"items": [item("weight", "integer")]}]},
        {"key": "follow", "title": {"en": "F"}, "groups": [{"items": [item("last", visible_if=parse(condition))]}]},
        *more.get("pages", ()),
    ]
    events = [
        {"key": "v1", "title": {"en": "1"}, "pages": ["inclusion", "both"]},
        {"key": "v2", "title": {"en": "2"}, "pages": ["follow", "both"]},
    ]
    return {"format": 1, "title": {"en": "Form"}, "languages": ["en"], "pages": pages, "events": events}


FOLLOW = "pages.2.groups.0.items.0.visible_if"


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("weight > 3", []),
        ("age@v1 > 3", []),
        ("previous(weight) > 3", []),
        ("age > 3", ["not_asked_together", "never_shown"]),
        ("age@v2 > 3", ["not_asked_there", "never_shown"]),
        ("previous(last) = 'x'", ["never_asked_before", "never_shown"]),
        ("sex@v1 = '3'", ["unknown_choice"]),
    ],
)
def test_events(condition: str, codes: list[str]) -> None:
    """What another event doesn't ask can't be read there, nor what isn't asked together be read here."""
    problems = listed(over_events(condition))
    assert [code for place, code, _ in problems if place == FOLLOW] == codes
    assert len(problems) == len(codes)


def test_page_of_no_event() -> None:
    """A page that no event has is never asked."""
    page = {"key": "lost", "title": {"en": "L"}, "groups": [{"items": [item("lost_")]}]}
    assert listed(over_events("weight > 3", pages=[page])) == [("pages.3", "page_never_asked", "notice")]


def test_long_conditions_end() -> None:
    """A condition of any shape is looked at in a moment, and in doubt nothing is said."""
    either = " and ".join(f"(age = {n} or name = '{n}' or sex = '1')" for n in range(60))
    start = process_time()
    assert found(item("last", visible_if=parse(either))) == []
    assert process_time() - start < 5


def test_large_form_is_inspected_quickly() -> None:
    """1,900 questions with hundreds of conditions take a moment."""
    items = [item(f"n{n}", "integer") for n in range(1900)]
    for n in range(3, 1900, 3):
        items[n]["visible_if"] = parse(f"n{n - 1} > {n} and n{n - 2} is not null")
    start = process_time()
    assert listed(data(*items)) == []
    assert process_time() - start < 10


def test_demo_form_is_clean() -> None:
    """Nothing is said of the demonstration form."""
    demo = Path(__file__).parents[3] / "ecrf/demo/sepsis.csv"
    assert listed(from_redcap(demo.read_bytes(), language="fr")[0].data) == []
