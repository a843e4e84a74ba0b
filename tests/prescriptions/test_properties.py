"""What holds for any text: places are true, nothing is lost, nothing fails, time grows with length only."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prescriptions import engine
from prescriptions.engine import wording
from prescriptions.examples import EXAMPLES

WORDS = [
    "1",
    "2",
    "3",
    "1/2",
    "½",
    "0,5",
    "500",
    "1000",
    "cp",
    "gél",
    "gel",
    "sachet",
    "mg",
    "g",
    "µg",
    "UI",
    "mL",
    "matin",
    "midi",
    "soir",
    "coucher",
    "et",
    "à",
    "le",
    "la",
    "pendant",
    "pdt",
    "7",
    "j",
    "jours",
    "semaines",
    "mois",
    "si",
    "besoin",
    "douleur",
    "fièvre",
    "x",
    "fois",
    "par",
    "jour",
    "/j",
    "toutes",
    "les",
    "6",
    "h",
    "heures",
    "max",
    "maximum",
    "4",
    "sans",
    "dépasser",
    "avant",
    "repas",
    "puis",
    "stop",
    "1-0-1",
    "-",
    "/",
    ",",
    ";",
    ":",
    ".",
    "(",
    ")",
    "|",
    "DOLIPRANE",
    "amoxicilline",
    "LEVOTHYR0X",
    "Bactrim",
    "forte",
    "QSP",
    "AR",
    "NS",
    "ALD",
    "SC",
    "IV",
    "lundi",
    "J1",
    "J8",
    "J15",
    "sur",
    "œil",
    "droit",
    "dans",
    "chaque",
    "narine",
    "un",
    "deux",
    "trois",
    "quart",
    "demi",
    "cuillère",
    "café",
    "l",
    "O",
    "\n",
    "\n\n",
    "É",
    "®",
    "👍",
    "1er",
    "14/11/2026",
    "Dr",
    "Mme",
    "né",
    "kg",
    "Poids",
    "paliers",
    "de",
]
PIECES = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
TEXTS = st.one_of(st.text(max_size=200), PIECES, st.builds(lambda one, two: one + two, PIECES, st.text(max_size=20)))
CALM = settings(max_examples=300, deadline=None)


def check(text: str) -> None:
    found = engine.read_ordonnance(text)
    for line in (*found.lines, engine.read_line(text)):
        assert text[line.start : line.end] == line.text
        for item in line.evidence:
            assert text[item.start : item.end] == item.text, item
            assert line.start <= item.start <= item.end <= line.end
            assert 0 <= item.confidence <= 1
    for passage in found.passages:
        assert text[passage.start : passage.end] == passage.text
    covered = sorted((one.start, one.end) for one in (*found.lines, *found.passages))
    place = 0
    for start, end in [*covered, (len(text), len(text))]:
        assert not text[place:start].strip(), f"in no line and no passage: {text[place:start]!r}"
        place = max(place, end)


@CALM
@given(TEXTS)
def test_places_are_true_and_nothing_is_lost(text: str) -> None:
    """Every place slices to the text it claims, and every character is in a line or a passage."""
    check(text)


@CALM
@given(PIECES)
def test_readings_survive_json(text: str) -> None:
    """A line written as JSON and read again is the same line."""
    line = engine.read_line(text)
    assert engine.decode(engine.Line, engine.encode(line)) == line


@CALM
@given(PIECES)
def test_numbers_are_never_dropped(text: str) -> None:
    """Each number of a line is in the evidence of some field, even where it wasn't understood."""
    text = f"prendre {text}"  # so that no number is the line's own
    line = engine.read_line(text)
    covered = {place for item in line.evidence for place in range(item.start, item.end)}
    lost = [place for place, character in enumerate(text) if character.isdigit() and place not in covered]
    assert not lost, (text, lost)


def test_ten_thousand_random_texts() -> None:
    """Whatever comes, a reading comes back."""
    rng = random.Random(20261123)
    for number in range(10_000):
        if number % 2:
            text = " ".join(rng.choices(WORDS, k=rng.randint(0, 14)))
        else:
            text = "".join(
                chr(rng.choice((rng.randint(32, 126), rng.randint(0, 0x2FFF)))) for _ in range(rng.randint(0, 30))
            )
        engine.read_ordonnance(text)


REPEATED = ("1-", "1/2/", "si douleur ou ", "(", "m. s. ", "et un ", "J1 J8 ", "max 4 g et ", "abcdef gh;",
    "cent mille ", "1 cp le matin et ",
            "DOLIPRANE 1 g : 1 cp x3/j ; ", "\n \n", "avant ", "à 8h ", "lundi ", "x 3 ", "½")  # fmt: skip


@pytest.mark.parametrize("piece", REPEATED)
def test_time_grows_with_length_only(piece: str) -> None:
    """Eight times the text takes about eight times as long: nobody stalls the server with a crafted line."""
    short, long = ((piece * 20_000)[:length] for length in (1_000, 8_000))
    assert least(long) < 8 * 3 * least(short) + 0.5


def least(text: str) -> float:
    """Seconds of this thread in the best of three readings: memory is now and then cleared up in one of them."""

    def seconds() -> float:
        started = time.thread_time()
        engine.read_ordonnance(text)
        return time.thread_time() - started

    return min(seconds() for _ in range(3))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.text[:20]))
def test_examples_are_read_whole(example: object) -> None:
    """The fictitious ordonnances that the page offers leave nothing unread."""
    found = engine.read_ordonnance(example.text)  # type: ignore[attr-defined]
    assert found.lines
    assert [passage.text for passage in found.passages if passage.kind == "unread"] == []
    assert all(line.medication.atc for line in found.lines)


@CALM
@given(
    st.integers(1, 400),
    st.sampled_from(["cp", "gélules", "mg", "gouttes", "UI"]),
    st.sampled_from(["matin et soir", "3 fois par jour", "toutes les 8 h"]),
)
def test_doses_are_never_multiplied(count: int, unit: str, rhythm: str) -> None:
    """The dose read is the number written, whatever it is: no factor of ten or a thousand comes in."""
    found = engine.read_line(f"{count} {unit} {rhythm}").medication.dosage
    assert [one.dose.value for one in found if one.dose] == [count]


SAID = [
    "{} cp", "{} mg", "{} UI", "{} gouttes", "{} le matin", "{} fois par jour", "toutes les {} h", "tous les {} jours",
    "pendant {} jours", "{}/j", "à {} h", "max {} cp/j", "max {} mg par prise", "QSP {} jours", "1 jour sur {}", "J{}",
    "{} boîtes", "à renouveler {} fois", "si fièvre > {}", "les {} premiers jours", "sur {} minutes",
    "le matin", "le soir ou le midi", "au coucher", "puis", "et", ",", "les autres jours", "lundi", "sauf le jeudi",
    "après les repas", "stop",
]  # fmt: skip


@CALM
@given(st.lists(st.sampled_from(SAID), min_size=1, max_size=7), st.permutations([3, 5, 7, 11, 13, 17, 23]))
def test_a_sure_reading_drops_no_number(said: list[str], numbers: list[int]) -> None:
    """Each number of a line that nobody is asked to check stands in the reading of it, itself or as a factor."""
    written = " ".join(piece.format(number) for piece, number in zip(said, numbers, strict=False))
    line = engine.read_line(f"DOLIPRANE 19 mg : {written}")
    if min(item.confidence for item in line.evidence) < 0.8:
        return
    found = line.medication
    read = f"{wording.posology(found)} {wording.supply(found.dispense, found.substitution, found.ald)}"
    stands = [int(digits) for digits in re.findall(r"\d+", read)]
    for number in map(int, re.findall(r"\d+", written)):
        assert any(number == one or one % number == 0 < one for one in stands), (number, written, read)
