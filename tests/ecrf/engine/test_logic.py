"""REDCap's logic that speaks of other events, of moments and of instances."""

from __future__ import annotations

from typing import Any

import pytest

from ecrf.engine.expressions import Scope, check
from ecrf.engine.redcap.logic import parse
from ecrf.engine.redcap.logic_tokens import LogicError
from ecrf.engine.redcap.lowering import Fields, lower

TYPES = {"age": "number", "sex": "text", "race": "codes", "dob": "date", "onset": "partial", "seen": "datetime"}
CODES = {"sex": frozenset("12"), "race": frozenset("123")}
EVENTS = frozenset({"v1_arm_1", "v2_arm_1"})
LONGITUDINAL = Fields(TYPES, CODES, events=EVENTS)
ONE_ARM = Fields(TYPES, CODES, events=EVENTS, order=("v1_arm_1", "v2_arm_1"))


def condition(text: str, fields: Fields = LONGITUDINAL) -> Any:
    node, _ = lower(parse(text), fields, "boolean")
    assert check(node, Scope(TYPES, CODES, events=EVENTS)) == ("boolean", [])
    return node


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("[v1_arm_1][age] > 18", [">", ["of", "v1_arm_1", "age"], ["number", "18"]]),
        ("[V1_ARM_1][age] > [age]", [">", ["of", "v1_arm_1", "age"], ["var", "age"]]),
        ("[v1_arm_1][sex] = 1", ["same", ["of", "v1_arm_1", "sex"], ["text", "1"]]),
        ("[v1_arm_1][race(2)] = '1'", ["ticked", ["of", "v1_arm_1", "race"], "2"]),
        ("[previous-event-name][age] = ''", ["same", ["previous", "age"], ["null"]]),
        ("[first-event-name][age] > 1", [">", ["first", "age"], ["number", "1"]]),
        ("[last-event-name][age:value] > 1", [">", ["last", "age"], ["number", "1"]]),
        ("[event-name][age] > 1", [">", ["var", "age"], ["number", "1"]]),
        ("[event-name] = 'v1_arm_1'", ["same", ["event"], ["text", "v1_arm_1"]]),
        ("[current-instance] > 1", [">", ["instance"], ["number", "1"]]),
        ("[age][current-instance] > 1", [">", ["var", "age"], ["number", "1"]]),
        ("[dob] < today", ["<", ["var", "dob"], ["today"]]),
        ("[seen] < now()", ["<", ["var", "seen"], ["now"]]),
        ("datediff([dob], today(), 'y') > 1", None),
        ("[onset] < '2024-05'", ["<", ["var", "onset"], ["partial", "2024-05"]]),
        ("[onset] <= [dob]", ["<=", ["var", "onset"], ["var", "dob"]]),
        ("[onset] = [dob]", ["same", ["var", "onset"], ["var", "dob"]]),
        ("left([sex], 1) = '1'", None),
    ],
)
def test_events_and_moments(text: str, node: Any) -> None:
    """A field of another event, the event, the instance and the moment are read as REDCap writes them."""
    found = condition(text)
    assert node is None or found == node


def test_first_and_last_event_of_one_arm() -> None:
    """With one arm the first and the last event are known by name."""
    assert condition("[first-event-name][age] > 1", ONE_ARM)[1] == ["of", "v1_arm_1", "age"]
    assert condition("[last-event-name][age] > 1", ONE_ARM)[1] == ["of", "v2_arm_1", "age"]


def test_first_and_last_event_of_several_arms() -> None:
    """With several arms they are taken among the events before, and that is said."""
    _, remarks = lower(parse("[last-event-name][age] > 1"), LONGITUDINAL, "boolean")
    assert [remark.code for remark in remarks] == ["event_before_this"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[v9_arm_1][age] > 18", "other_event"),
        ("[next-event-name][age] > 18", "other_event"),
        ("[age][2] > 18", "other_instance"),
        ("[age][last-instance] > 18", "other_instance"),
        ("[v1_arm_1][age][3] > 18", "other_instance"),
        ("[arm-name] = 'a'", "smart_variable"),
    ],
)
def test_what_only_redcap_knows(text: str, code: str) -> None:
    """What can't be said here is told apart from what is wrong."""
    with pytest.raises(LogicError) as caught:
        lower(parse(text), LONGITUDINAL, "boolean")
    assert (caught.value.code, caught.value.unsupported) == (code, True)


def test_choices_of_other_events() -> None:
    """A choice that the field at another event doesn't have is remarked."""
    _, remarks = lower(parse("[v1_arm_1][sex] = '9' or [v1_arm_1][race(9)] = '1'"), LONGITUDINAL, "boolean")
    assert [remark.code for remark in remarks] == ["unknown_choice", "unknown_choice"]
