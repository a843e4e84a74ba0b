"""What rules begin with, derived from what they are made of."""

from __future__ import annotations

import pytest

from prescriptions import engine
from prescriptions.engine.grammar import starts
from prescriptions.engine.grammar.parsing import (
    Choices,
    before,
    digits,
    either,
    maybe,
    not_before,
    sequence,
    several,
    words,
)
from prescriptions.engine.grammar.starts import Start
from tests.prescriptions import own_cases

A_B = sequence(words("a"), words("b"))


@pytest.mark.parametrize(
    ("start", "good", "bad"),
    [
        (words("a b", "c").start, ["a b", "c x"], ["a x", "b a", "x a"]),
        (digits().start, ["# x"], ["x #"]),
        (A_B.start, ["a b"], ["a x", "b a"]),
        (sequence(maybe(words("x")), A_B).start, ["a b", "x a"], ["a x", "x b"]),
        (sequence(words("a"), maybe(words("x"))).start, ["a x", "a y"], ["x a"]),
        (sequence(words("a"), maybe(words("x")), words("b")).start, ["a x", "a b"], ["a y", "x b"]),
        (either(A_B, digits()).start, ["a b", "# a"], ["a a", "b a"]),
        (several(words("a"), words(",")).start, ["a ,", "a x"], [", a"]),
        (several(words("a"), words(","), least=2).start, ["a ,"], ["a x"]),
        (several(words("a"), maybe(words(",")), least=2).start, ["a ,", "a a"], ["a x"]),
        (sequence(digits(), before(words("a"))).start, ["# a"], ["# x"]),
        (sequence(digits(), not_before(words("a"))).start, ["# x"], ["x #"]),
        (sequence(before(A_B), words("a")).start, ["a b"], ["a x"]),
    ],
)  # fmt: skip
def test_first_two_words(start: Start, good: list[str], bad: list[str]) -> None:
    """A parser is tried where its first two words may stand, and nowhere else."""
    assert [pair for pair in good + bad if start.allows(tuple(pair.split()))] == good


@pytest.mark.parametrize("parser", [maybe(A_B), sequence(maybe(words("a")), maybe(words("b")))])
def test_what_may_be_empty_is_tried_everywhere(parser) -> None:
    """What may read nothing is never ruled out by the words at hand."""
    assert parser.start.allows(("x", "y"))


def test_needs() -> None:
    """A rule is not tried in a text that lacks a word without which it reads nothing, however it begins."""
    choices = Choices([(sequence(digits(), maybe(words("x")), words("yy", "zz")), "rule")])
    [(needs, _)] = choices["#", "x"]
    assert [bool(needs & starts.missing(said)) for said in ({"#", "yy"}, {"#", "zz"}, {"#", "x"})] == [
        False,
        False,
        True,
    ]


def test_nothing_readable_is_ruled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are read alike when every rule is tried whose first word is at hand."""
    written = [case["text"] for case in own_cases.lines()]
    sooner = [engine.read_line(line) for line in written]

    def by_first_word(choices, pair):
        return tuple((0, thing) for start, _, thing in choices._all if start.heads is None or pair[0] in start.heads)

    monkeypatch.setattr(Choices, "__getitem__", by_first_word, raising=False)
    assert [engine.read_line(line) for line in written] == sooner
