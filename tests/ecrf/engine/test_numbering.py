"""Numbers of subjects by a pattern, and their check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrf.engine import check_digits
from ecrf.engine.numbering import LONGEST, Rule

OF = {"site": "BRO", "arm": "new", "year": 2026}


@pytest.mark.parametrize(
    ("rule", "number"),
    [
        (Rule("{site}-{sequence:03}"), "BRO-007"),
        (Rule("{site}{sequence}"), "BRO7"),
        (Rule("{yy}/{arm}/{site}/{sequence:05}"), "26/new/BRO/00007"),
        (Rule("S{sequence:04}", per_site=False, check="luhn"), "S0007" + check_digits.check("luhn", "S0007")),
        (Rule("{site}-{sequence:03}-{check}", check="mod97"), "BRO-007-" + check_digits.check("mod97", "BRO-007-")),
    ],
)
def test_a_pattern_makes_a_number(rule: Rule, number: str) -> None:
    """Site, arm, year and sequence stand where the pattern says, the check digit at the end."""
    assert rule.problems() == []
    assert rule.number(**OF, sequence=7) == number


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        (Rule("{site}"), ["pattern_sequence"]),
        (Rule("{site}{sequence}{sequence}"), ["pattern_sequence"]),
        (Rule("{sequence:03}"), ["pattern_site"]),
        (Rule("{site}{sequence}é"), ["pattern_signs"]),
        (Rule("{site}{sequence}{name}"), ["pattern_signs"]),
        (Rule("{site}{sequence}{check}"), ["pattern_check"]),
        (Rule("{site}{check}{sequence}", check="damm"), ["pattern_check"]),
        (Rule("{site}" * 6 + "{sequence}"), ["too_long"]),
        (Rule("{site}{sequence}", typed_pattern="("), ["pattern_unreadable"]),
    ],
)
def test_what_is_no_pattern_is_refused(rule: Rule, codes: list[str]) -> None:
    """A rule that could make two equal numbers, or none, is named for what it lacks."""
    assert [fault.code for fault in rule.problems()] == codes


def test_a_year_or_an_arm_begins_a_count_of_its_own() -> None:
    """What stands in the number keeps equal sequences apart."""
    rule = Rule("{site}-{year}-{sequence}")
    assert rule.count(**OF) == "site BRO, year 2026"
    assert Rule("{arm}{sequence}", per_site=False).count(**OF) == "study, arm new"


@pytest.mark.parametrize(
    ("method", "text", "digits"),
    [("luhn", "7992739871", "3"), ("damm", "572", "4"), ("mod97", "794", "44"), ("luhn", "US037833100", "5")],
)
def test_known_check_digits(method: str, text: str, digits: str) -> None:
    """Published examples: Luhn's, Damm's, ISO 7064's, and an ISIN, whose letters count as two digits."""
    assert check_digits.check(method, text) == digits


@given(st.sampled_from(sorted(check_digits.LENGTHS)), st.text("0123456789", min_size=2, max_size=12), st.data())
def test_one_wrong_digit_is_found(method: str, text: str, data: st.DataObject) -> None:
    """A number holds with its check digits, and with any one digit changed it doesn't."""
    number = text + check_digits.check(method, text)
    assert check_digits.holds(method, number)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[at]]))
    assert not check_digits.holds(method, number[:at] + other + number[at + 1 :])


@pytest.mark.parametrize(
    ("rule", "number", "code"),
    [
        (Rule(""), "P 12", None),
        (Rule(""), "x" * (LONGEST + 1), "bad_subject"),
        (Rule(""), "a\nb", "bad_subject"),
        (Rule("", typed_pattern="[A-Z]{2}[0-9]{3}"), "AB123", None),
        (Rule("", typed_pattern="[A-Z]{2}[0-9]{3}"), "AB1234", "number_pattern"),
        (Rule("", check="luhn"), "79927398713", None),
        (Rule("", check="luhn"), "79927398710", "number_check"),
    ],
)
def test_a_typed_number_is_checked(rule: Rule, number: str, code: str | None) -> None:
    """What a study's numbers look like, and their check digit, hold for typed ones too."""
    fault = rule.fault_of(number)
    assert (fault.code if fault else None) == code
