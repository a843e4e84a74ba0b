"""Words with places become rows of text."""

from __future__ import annotations

import math
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from prescriptions import engine
from prescriptions.engine.scans.layout import Placed, written
from prescriptions.engine.scans.legibility import WHY, doubted
from prescriptions.engine.scans.letters import is_nonsense, normalised
from prescriptions.engine.scans.page import Box, Page, Scan, Word

SIZE = (595.0, 842.0)


def row(top: float, *words: tuple[float, str], rise: float = 0.0) -> list[Placed]:
    """Words of one row, each from where it begins; the row rises by `rise` per page width."""
    return [
        Placed(text, Box(left, top - rise * left, left + 0.01 * len(text), top + 0.015 - rise * left))
        for left, text in words
    ]


def alone(words: Iterable[Placed]) -> list[tuple[Placed]]:
    """Words that nobody found together."""
    return [(word,) for word in words]


def test_rows_from_top_to_bottom() -> None:
    """Rows come in order whatever the order of words, cells of a table apart, a block after an empty row."""
    words = [
        *row(0.30, (0.1, "1"), (0.12, "cp"), (0.15, "le"), (0.18, "soir")),
        *row(0.10, (0.1, "Dr"), (0.13, "Fictif"), (0.7, "le"), (0.73, "3"), (0.75, "mars")),
        *row(0.12, (0.1, "Paris")),
        *row(0.28, (0.1, "DOLIPRANE")),
    ]
    text, places = written(alone(reversed(words)), SIZE)
    assert text == "Dr Fictif   le 3 mars\nParis\n\nDOLIPRANE\n1 cp le soir\n"
    assert [text[word.start : word.end] for word in places] == text.split()


def test_a_line_that_goes_on_is_indented() -> None:
    """What begins a little to the right of the line above goes on with it."""
    words = (
        row(0.1, (0.1, "DOLIPRANE"), (0.2, "1000")) + row(0.12, (0.13, "1"), (0.15, "cp")) + row(0.14, (0.1, "OGAST"))
    )
    assert written(alone(words), SIZE)[0] == "DOLIPRANE 1000\n  1 cp\nOGAST\n"


def test_rows_of_a_crooked_page() -> None:
    """Rows that rise by more than their height are told apart by their tilt."""
    tops = (0.2, 0.22, 0.24)
    words = [word for top in tops for word in row(top, (0.1, "ici"), (0.5, "au"), (0.85, "bout"), rise=0.05)]
    tilt = math.degrees(math.atan(0.05))
    assert written(alone(words), (842.0, 842.0), tilt)[0] == "ici   au   bout\n" * 3


def test_rows_of_an_unsteady_hand() -> None:
    """Lines that were found whole stay whole, even where one rises and the next falls into it."""
    lines = [
        row(top, (0.1, "ici"), (0.3, "jusqu'au"), (0.5, "bout"), rise=rise)
        for top, rise in ((0.2, -0.03), (0.225, 0.02), (0.25, -0.02))
    ]
    assert written(lines, SIZE)[0] == "ici   jusqu'au   bout\n" * 3
    assert written(alone(word for line in lines for word in line), SIZE)[0] != written(lines, SIZE)[0]


@given(st.lists(st.tuples(st.floats(0, 0.9), st.floats(0, 0.9), st.text("abc1µ", min_size=1, max_size=5)), max_size=30))
def test_no_word_is_lost(found: list[tuple[float, float, str]]) -> None:
    """Every word stands in the text once, at the place that is told."""
    words = [Placed(text, Box(left, top, left + 0.05, top + 0.02)) for left, top, text in found]
    text, places = written(alone(words), SIZE, start=7)
    assert sorted(text[place.start - 7 : place.end - 7] for place in places) == sorted(word.text for word in words)


def test_letters() -> None:
    """Signs that look the same are the same, and a misread microgram is one."""
    assert normalised("75 μg （1/2） l’œil ﬁn") == "75 µg (1/2) l'œil fin"
    written = ("ug", "75ug", "25 pg/h", "drug", "paṭch", "œil ½")
    assert [normalised(text) for text in written] == ["µg", "75µg", "25 µg/h", "drug", "patch", "œil ½"]


def test_nonsense() -> None:
    """Text of a font without a map to characters is none."""
    assert is_nonsense("\ue000\ue001\ue002abc")
    assert not is_nonsense("1 cp ½ – 75 µg « à jeun »")


def test_what_is_hard_to_read_is_doubted() -> None:
    """A value is no surer than the words on the page that say it; the others stay as sure as they were."""
    text = "DOLIPRANE 1000 mg : 1 cp le soir pendant 7 jours\n"
    start = text.index("7")
    word = Word(start, start + 1, Box(0, 0, 0.1, 0.1), 0.4)
    scan = Scan(text, (Page(1, 595, 842, "both", (word,)),))
    before = engine.read_ordonnance(text).lines[0].evidence
    after = doubted(engine.read_ordonnance(text), scan).lines[0].evidence
    told = {item.path: (item.confidence, item.why) for item in after}
    assert told["dosage.0.bounds"] == (0.4, WHY)
    assert [a for a in after if a.path != "dosage.0.bounds"] == [b for b in before if b.path != "dosage.0.bounds"]
