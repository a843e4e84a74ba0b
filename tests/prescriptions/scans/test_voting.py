"""Two voices on one line."""

from __future__ import annotations

import numpy as np

from prescriptions.engine.scans.voices.heard import Line, Said
from prescriptions.engine.scans.voting import DIGITS_DIFFER, voted


def said(text: str, left: float = 0.0, sure: float = 0.9) -> Said:
    return Said(text, left, 10, left + 10 * len(text), 30, sure)


def line(*words: Said) -> Line:
    right = max(word.right for word in words)
    return Line(np.array([[0, 8], [right, 8], [right, 32], [0, 32]], float), words)


def vote(first: list[Said], second: list[Said], known: frozenset[str] = frozenset()) -> list[tuple[str, float]]:
    found = voted([line(*first)], second, lambda word: word.lower() in known)
    return [(word.text, round(word.confidence, 2)) for piece in found for word in piece]


def test_what_both_say_is_sure() -> None:
    """A word on which both agree is surer than either said."""
    assert vote([said("DOLIPRANE", sure=0.6)], [said("DOLIPRANE", sure=0.5)]) == [("DOLIPRANE", 0.97)]


def test_a_digit_on_which_they_differ_is_doubted() -> None:
    """Whoever is believed, a digit that one of them read otherwise stays to be checked."""
    assert vote([said("75", sure=0.99)], [said("15", sure=0.99)]) == [("75", DIGITS_DIFFER)]
    assert vote([said("75", sure=0.4)], [said("15", sure=0.95)]) == [("15", DIGITS_DIFFER)]


def test_micrograms_are_kept() -> None:
    """The second voice reads µg as 9 or ug: the first one's unit stays."""
    assert vote([said("75", sure=0.9), said("µg", 30, 0.9)], [said("75", sure=0.9), said("9", 30, 0.95)]) == [
        ("75", 0.97),
        ("µg", 0.45),
    ]


def test_a_known_word_wins() -> None:
    """Of two readings the one that is a word is taken, and a little doubted."""
    assert vote([said("rnatin", sure=0.6)], [said("matin", sure=0.9)], frozenset({"matin"})) == [("matin", 0.7)]


def test_glued_words_come_apart() -> None:
    """Where the second voice sees a space, a word of the first is two, each as wide as its letters."""
    [[first, second]] = voted([line(said("soirpdt"))], [said("soir", 0), said("pdt", 42)], lambda _word: False)
    assert (first.text, second.text) == ("soir", "pdt")
    assert first.right == second.left == 40


def test_what_the_first_missed_is_added() -> None:
    """A line that only the second voice saw is taken where it is sure, and doubted."""
    missed = Said("RAMIPRIL", 0, 100, 80, 120, 0.9)
    noise = Said("~", 0, 200, 10, 210, 0.9)
    assert vote([said("DOLIPRANE")], [said("DOLIPRANE"), missed, noise]) == [("DOLIPRANE", 0.97), ("RAMIPRIL", 0.7)]
