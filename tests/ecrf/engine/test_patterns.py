"""Patterns mean what regular expressions mean, the same on both sides, and end quickly whatever the text."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrf.engine import patterns
from tests.ecrf.engine import node

atoms = st.sampled_from(
    [
        "a",
        "b",
        "é",
        "😀",
        ".",
        "[ab]",
        "[^a]",
        "[a-é]",
        "[^\\d]",
        r"\d",
        r"\D",
        r"\w",
        r"\s",
        r"\.",
        r"[\s\-b]",
        r"\n",
        "-",
    ]
)


def grown(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    times = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"])
    return st.one_of(
        st.tuples(parts, times).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.lists(parts, min_size=1, max_size=4).map("".join),
        st.lists(parts, min_size=1, max_size=3).map(lambda found: f"({'|'.join(found)})"),
    )


sources = st.recursive(atoms, grown, max_leaves=8).map(lambda source: source).filter(lambda source: len(source) < 200)
anchored = st.tuples(st.sampled_from(["", "^"]), sources, st.sampled_from(["", "$"])).map("".join)
texts = st.text(alphabet="abé😀1 .-\n", max_size=8)


@settings(max_examples=300, deadline=None)
@given(anchored, st.lists(texts, min_size=1, max_size=5))
def test_patterns_are_regular_expressions(source: str, given_: list[str]) -> None:
    """A pattern matches a whole text where Python's regular expression does."""
    compiled = patterns.compile_pattern(source)
    for text in given_:
        assert compiled.matches(text) == bool(re.fullmatch(source.removesuffix("$"), text, re.ASCII)), (source, text)


@settings(max_examples=4, deadline=None)
@given(st.lists(st.tuples(anchored, texts), min_size=100, max_size=150))
def test_browser_matches_the_same(cases: list[tuple[str, str]]) -> None:
    """The browser's automaton gives what the server's gives."""
    requests = [{"source": source, "text": text} for source, text in cases]
    expected = [patterns.compile_pattern(source).matches(text) for source, text in cases]
    assert node.run({"patterns": requests})["patterns"] == expected


BAD = [
    ("(", 1),
    ("a)", 2),
    ("*a", 1),
    ("a**", 3),
    ("a{2,1}", 6),
    ("a{,3}", 3),
    ("[", 1),
    ("[b-a]", 4),
    ("[]", 2),
    ("(?=a)", 3),
    ("(?i)a", 3),
    (r"(a)\1", 5),
    (r"\bword", 2),
    (r"\p{L}", 2),
    ("^*", 2),
    ("a" * 301, 300),
    ("(a{99}){99}", 1),
    ("(" * 30 + "a" + ")" * 30, 21),
    ("\\", 1),
]


@pytest.mark.parametrize(("source", "place"), BAD, ids=[source[:12] for source, _ in BAD])
def test_bad_patterns(source: str, place: int) -> None:
    """What a pattern can't hold is told by its place, and the browser agrees."""
    assert patterns.wrong(source) == place
    assert node.run({"patterns": [{"source": source, "text": ""}]})["patterns"] == [{"place": place}]


HEAVY = [
    ("(a|a)*b", "a" * 10_000),
    ("(a*)*b", "a" * 10_000),
    ("(.*a){20}", "ab" * 5_000),
    ("[ab]*a[ab]{300}", "".join("ab"[n * n % 7 % 2] for n in range(10_000))),
    (".{0,400}", "".join(chr(0x4E00 + n) for n in range(10_000))),
]


@pytest.mark.parametrize(("source", "text"), HEAVY, ids=[source for source, _ in HEAVY])
def test_patterns_end_quickly(source: str, text: str) -> None:
    """Ten thousand characters take no pattern more than a moment."""
    start = process_time()
    patterns.compile_pattern(source).matches(text)
    assert process_time() - start < 5


def test_patterns_end_quickly_in_the_browser() -> None:
    """The browser doesn't hang on them either."""
    answers = node.run({"patterns": [{"source": source, "text": text} for source, text in HEAVY]})["patterns"]
    assert answers == [patterns.compile_pattern(source).matches(text) for source, text in HEAVY]
