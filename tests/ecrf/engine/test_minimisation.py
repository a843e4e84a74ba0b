"""Minimisation after Pocock and Simon: as in the paper, and better balanced than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest

from ecrf.engine.randomisation import Arm, Factor, Plan, Stream, balance
from ecrf.engine.randomisation.inequality import counted, inequality
from ecrf.engine.randomisation.minimisation import chances, choose

FACTORS = (Factor("sex", ("1", "2")), Factor("age", ("young", "old")), Factor("site", ("BRO", "KER", "QUI", "BRE")))


def plan(*ratios: int, **more: object) -> Plan:
    arms = tuple(Arm(chr(65 + place), "Arm", ratio) for place, ratio in enumerate(ratios or (1, 1)))
    return Plan(arms, FACTORS, **more)  # type: ignore[arg-type]


def someone(stream: Stream) -> dict[str, str]:
    return {factor.key: factor.levels[stream.below(len(factor.levels))] for factor in FACTORS}


def trial(number: int, subjects: int, allocate: Callable[..., int]) -> list[tuple[dict[str, str], int]]:
    people, past = Stream("people", str(number)), list[tuple[dict[str, str], int]]()
    for place in range(subjects):
        levels = someone(people)
        past.append((levels, allocate(past, levels, Stream("draws", str(number), str(place)))))
    return past


def test_the_example_of_a_trial() -> None:
    """Sums of ranges by hand: with 3 and 1 women, 2 and 2 young, 1 and 0 here, the second arm is preferred."""
    past = [
        *[({"sex": "1", "age": "young", "site": "BRO"}, 0)],
        *[({"sex": "1", "age": "young", "site": "KER"}, 0)],
        *[({"sex": "1", "age": "old", "site": "KER"}, 0)],
        *[({"sex": "1", "age": "young", "site": "KER"}, 1)],
        *[({"sex": "2", "age": "young", "site": "KER"}, 1)],
    ]
    new = {"sex": "1", "age": "young", "site": "BRO"}
    assert counted(plan(), past, new) == {"sex": [3, 1], "age": [2, 2], "site": [1, 0]}
    choice = choose(plan(probability=Fraction(1)), past, new, Stream("any"))
    assert choice.scores == (3 + 1 + 2, 1 + 1 + 0)
    assert (choice.arm, choice.tied) == (1, (1,))
    heavy = plan(weights={"sex": Fraction(3)}, probability=Fraction(1))
    assert choose(heavy, past, new, Stream("any")).scores == (9 + 1 + 2, 3 + 1 + 0)


def test_measures_of_inequality() -> None:
    """Range, variance and standard deviation of the counts, each divided by its ratio."""
    assert inequality((4, 2, 0), (1, 1, 1), "range") == 4
    assert inequality((4, 2, 0), (1, 1, 1), "variance") == 4
    assert inequality((4, 2, 0), (1, 1, 1), "deviation") == 2
    assert inequality((4, 2), (2, 1), "variance") == 0


def test_chances() -> None:
    """The preferred of two arms has p; of more, the others share the rest; with unequal ratios the ratio is kept."""
    assert chances(plan(probability=Fraction(4, 5)), 1) == [Fraction(1, 5), Fraction(4, 5)]
    assert chances(plan(1, 1, 1, probability=Fraction(4, 5)), 0) == [Fraction(8, 10), Fraction(1, 10), Fraction(1, 10)]
    for ratios in ((1, 2), (1, 2, 3), (3, 1)):
        unequal = plan(*ratios, probability=Fraction(7, 10))
        expected = [Fraction(0)] * len(ratios)
        for preferred, ratio in enumerate(ratios):
            for arm, chance in enumerate(chances(unequal, preferred)):
                assert 0 <= chance <= 1
                expected[arm] += Fraction(ratio, sum(ratios)) * chance
        assert expected == [Fraction(ratio, sum(ratios)) for ratio in ratios]


def test_ties_are_drawn() -> None:
    """The first subject goes to either arm, each as likely as its ratio."""
    new = {"sex": "1", "age": "old", "site": "BRO"}
    first = Counter(choose(plan(1, 1, 1), [], new, Stream("tie", str(time))).arm for time in range(900))
    assert all(240 < first[arm] < 360 for arm in range(3))


def test_the_same_seed_gives_the_same_arm() -> None:
    """An allocation can be done again and shown to be right."""
    past, new = [({"sex": "1", "age": "old", "site": "BRO"}, 0)], {"sex": "2", "age": "old", "site": "KER"}
    assert choose(plan(), past, new, Stream("s", "1")) == choose(plan(), past, new, Stream("s", "1"))


@pytest.mark.parametrize("measure", ["range", "variance", "deviation"])
def test_better_balanced_than_chance(measure: str) -> None:
    """Over 200 trials of 60 subjects the worst level of a factor is far less out of balance than by tossing a coin."""
    chosen = plan(measure=measure)
    gaps = {"minimised": 0.0, "tossed": 0.0}
    for number in range(200 if measure == "range" else 40):
        minimised = trial(number, 60, lambda past, levels, stream: choose(chosen, past, levels, stream).arm)
        tossed = trial(number, 60, lambda _past, _levels, stream: stream.below(2))
        for name, past in (("minimised", minimised), ("tossed", tossed)):
            gaps[name] += float(balance.largest_gap(chosen, balance.marginal(chosen, past)))
    assert gaps["minimised"] < 0.6 * gaps["tossed"]


def test_unequal_ratios_are_kept() -> None:
    """With two subjects in the first arm for one in the second, 600 subjects come out at two for one."""
    unequal = plan(2, 1)
    arms = Counter(arm for _levels, arm in trial(1, 600, lambda p, le, s: choose(unequal, p, le, s).arm))
    assert 390 <= arms[0] <= 410
