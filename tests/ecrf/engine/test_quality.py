"""Rules of data quality on one record, outliers over many, and rules that a study writes itself."""

from __future__ import annotations

from typing import Any

import pytest

from ecrf import engine
from ecrf.engine import quality
from ecrf.engine.quality.own import broken, with_rules
from tests.ecrf.engine.forms import NOW, choices, data, item

FORM = data(
    item("sex", "choice", choices=choices("1", "2"), required=True),
    item("weight", "decimal", min=["number", "30"], max=["number", "250"]),
    item("day", "date"),
    item("pregnant", "choice", choices=choices("0", "1"), visible_if=["=", ["var", "sex"], ["text", "1"]]),
    item("double", "decimal", calc=["*", ["var", "weight"], ["number", "2"]]),
)


def found(values: dict[str, Any], notes: dict[str, Any] | None = None, **more: Any) -> list[tuple[str, str]]:
    form = engine.load({**FORM, **more})
    return [(one.rule, one.item) for one in quality.examine(form, values, NOW, notes=notes)[0]]


COMPLETE = {"sex": "2", "weight": "70", "day": "2026-01-05", "double": "140"}


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, []),
        ({"weight": None, "double": None}, [("A", "weight")]),
        ({"sex": None}, [("A", "sex"), ("B", "sex")]),
        ({"weight": "heavy", "double": None}, [("C", "weight")]),
        ({"day": "2026-02-30"}, [("C", "day")]),
        ({"weight": "20", "double": "40"}, [("D", "weight")]),
        ({"weight": "300", "double": "600"}, [("D", "weight")]),
        ({"pregnant": "1"}, [("F", "pregnant")]),
        ({"sex": "7"}, [("G", "sex")]),
        ({"double": "141"}, [("H", "double")]),
    ],
)
def test_built_in_rules(values: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Each built-in rule finds what its letter says, and nothing else."""
    assert found({**COMPLETE, **values}) == wanted


def test_reasons_for_missing_data() -> None:
    """Rule I finds items that hold a reason instead of a value, which rule A then leaves alone."""
    notes = {"weight": {"status": "nd"}, "day": {"status": "LOST"}, "sex": {"status": "wait"}}
    values = {"sex": "2"}
    codes = [{"code": "LOST", "label": {"en": "Lost"}}]
    assert found(values, notes, missing_codes=codes) == [("I", "weight"), ("I", "day")]


def test_a_calculation_that_was_never_kept_is_not_wrong() -> None:
    """A record from before the form had a calculation doesn't break rule H."""
    assert found({"sex": "2", "weight": "70", "day": "2026-01-05"}) == []


def test_only_the_rules_that_are_asked_for() -> None:
    """One may run some rules and not the others."""
    form = engine.load(FORM)
    one, _state = quality.examine(form, {"weight": "20"}, NOW, rules={"D"})
    assert [found_.rule for found_ in one] == ["D"]


@pytest.mark.parametrize("method", ["iqr", "mad", "sd"])
def test_outliers(method: Any) -> None:
    """One wild value among forty is found by each method; the usual ones are not."""
    values = [60.0 + number % 20 for number in range(40)] + [480.0]
    fence = quality.fences(values, method)
    assert fence is not None
    assert [value for value in values if fence.out(value)] == [480.0]


def test_robust_methods_are_not_widened_by_wild_values() -> None:
    """Several wild values hide each other from the standard deviation, not from quartiles or medians."""
    values = [60.0 + number % 20 for number in range(40)] + [480.0] * 8
    out = {name: sum(map(quality.fences(values, name).out, values)) for name in ("iqr", "mad", "sd")}  # type: ignore
    assert (out["iqr"], out["mad"]) == (8, 8)
    assert quality.fences(values, "sd", 3.0).out(480.0) is False  # type: ignore[union-attr]


def test_values_without_outliers() -> None:
    """Few values, and values that are all the same, have no outliers."""
    assert quality.fences([1.0] * 9) is None
    assert quality.fences([1.0] * 50) is None
    assert quality.fences([1.0, 2.0, 3.0], least=3) is not None


def test_fences_by_hand() -> None:
    """The fences of 1 to 12 are those that one computes by hand: quartiles 3.75 and 9.25."""
    fence = quality.fences([float(number) for number in range(1, 13)])
    assert fence == quality.Fences(-4.5, 17.5, 12)


def rule(text: str, item_: str = "", key: str = "rule_a") -> quality.OwnRule:
    tree, about = quality.read_rule(engine.load(FORM), text, item_)
    return quality.OwnRule(key, about, tree, {"en": "Look"})


def held(*rules: quality.OwnRule, **values: str) -> list[tuple[str, str]]:
    form = with_rules(engine.load(FORM), rules)
    state = engine.evaluate(form, values, NOW)
    return [(one.rule, one.item) for one in broken(form, state.warnings, {one.key: one.key for one in rules})]


def test_an_own_rule_holds_or_not() -> None:
    """A rule is found where its expression holds; where it is false or unknown it is not."""
    heavy = rule("[weight] > 120 and [sex] = '1'")
    assert heavy.item == "weight"
    assert held(heavy, weight="130", sex="1") == [("rule_a", "weight")]
    assert held(heavy, weight="130", sex="2") == []
    assert held(heavy, sex="1") == []


def test_an_own_rule_about_another_item() -> None:
    """A rule may be about another item than the first that it reads."""
    assert held(rule("[weight] > 120", "sex"), weight="130", sex="1") == [("rule_a", "sex")]


@pytest.mark.parametrize(
    ("text", "item_", "code"),
    [
        ("[nobody] > 1", "", "unknown_variable"),
        ("[weight] >", "", "unexpected"),
        ("1 = 1", "", "rule_of_no_item"),
        ("[weight] > 1", "nobody", "unknown_variable"),
    ],
)
def test_rules_that_are_none(text: str, item_: str, code: str) -> None:
    """What can't be a rule is refused, and why is said."""
    with pytest.raises(quality.Unusable) as refused:
        quality.read_rule(engine.load(FORM), text, item_)
    assert refused.value.faults[0].code == code


def test_a_rule_that_a_later_form_has_outgrown() -> None:
    """A rule on an item that a version of the form doesn't have is left out; the others are run."""
    gone = quality.OwnRule("rule_b", "weight", [">", ["var", "nobody"], ["number", "1"]], {"en": "x"})
    assert held(gone, rule("[weight] > 120"), weight="130") == [("rule_a", "weight")]
