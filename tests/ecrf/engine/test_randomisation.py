"""Random allocation: exact, reproducible by seed, hard to foresee, and nothing wrong gets in unseen."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrf.engine.faults import Refused
from ecrf.engine.randomisation import Arm, Factor, Plan, Stream, balance, blocks, files, guessing, problems, table
from ecrf.engine.randomisation.strata import combinations

SEX, SITE = Factor("sex", ("1", "2")), Factor("site", ("BRO", "KER", "QUI"))


def plan(*ratios: int, sizes: tuple[int, ...] = (4, 6), **more: object) -> Plan:
    arms = tuple(Arm(chr(65 + place), f"Arm {place}", ratio) for place, ratio in enumerate(ratios or (1, 1)))
    return Plan(arms, more.pop("factors", (SEX, SITE)), sizes, **more)  # type: ignore[arg-type]


def test_the_stream_never_changes() -> None:
    """What a seed gives is written down here: a version that gave something else could not prove an old table."""
    stream = Stream("2026", "table", "sex=1")
    assert [stream.below(1000) for _draw in range(8)] == KNOWN
    assert Stream("2026").shuffled("ABCDEF") == list(SHUFFLED)
    with pytest.raises(ValueError, match="limit"):
        Stream("2026").below(0)


KNOWN = [178, 20, 786, 803, 332, 49, 873, 825]
SHUFFLED = "FECDBA"


def test_draws_are_even() -> None:
    """Every number below a limit comes equally often, and weights are kept (chi square below its 0.001 point)."""
    stream = Stream("even")
    counts = Counter(stream.below(10) for _draw in range(20_000))
    assert sum((counts[number] - 2000) ** 2 / 2000 for number in range(10)) < 27.9
    picked = Counter(stream.pick([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]) for _draw in range(12_000))
    assert sum((picked[place] - wanted) ** 2 / wanted for place, wanted in enumerate((6000, 4000, 2000))) < 13.9


def test_shuffles_are_even() -> None:
    """Each order of four comes equally often (chi square of 24 orders below its 0.001 point)."""
    stream = Stream("orders")
    counts = Counter("".join(stream.shuffled("ABCD")) for _draw in range(24_000))
    assert len(counts) == 24
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 49.8


@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True),
    st.text(max_size=20),
)
def test_every_block_is_balanced(ratios: list[int], times: list[int], seed: str) -> None:
    """At the end of each block every arm has exactly its share, whatever the ratio, the sizes and the seed."""
    whole = sum(ratios)
    drawn = blocks.blocks(Stream(seed), ratios, [whole * time for time in times])
    for _number in range(5):
        block = next(drawn)
        assert len(block) // whole in times
        assert Counter(block) == {arm: ratio * len(block) // whole for arm, ratio in enumerate(ratios)}


@given(st.text(max_size=20), st.integers(1, 60), st.integers(1, 60))
def test_a_longer_table_begins_as_the_shorter(seed: str, short: int, more: int) -> None:
    """The same seed gives the same list, and a table that is made longer keeps what it had."""
    one, two = (blocks.sequence(Stream(seed), (2, 1), (3, 6), length) for length in (short, short + more))
    assert two[: len(one)] == one
    assert short <= len(one) < short + 6


def test_sizes_must_fit_the_ratio() -> None:
    """A block that can't hold the ratio is refused before anything is drawn."""
    with pytest.raises(ValueError, match="multiple of 3"):
        blocks.blocks(Stream("x"), (2, 1), (4,))


def test_the_sizes_of_blocks_vary() -> None:
    """Each of the sizes comes about as often as the others."""
    drawn = blocks.blocks(Stream("sizes"), (1, 1), (2, 4, 6))
    counts = Counter(len(next(drawn)) for _block in range(3000))
    assert set(counts) == {2, 4, 6}
    assert max(counts.values()) - min(counts.values()) < 150


def test_a_table_covers_every_stratum() -> None:
    """Six strata of at least 20 places, each level after each block; another seed gives another table."""
    made = table.generate("seed", plan(), 20)
    assert made == table.generate("seed", plan(), 20) != table.generate("other", plan(), 20)
    by_stratum = Counter(tuple(row.levels.values()) for row in made)
    assert set(by_stratum) == {tuple(levels.values()) for levels in combinations((SEX, SITE))}
    assert all(20 <= count < 26 for count in by_stratum.values())
    assert (
        len({tuple(row.arm for row in made if row.levels == levels)[:16] for levels in combinations((SEX, SITE))}) > 4
    )


def test_kit_numbers_tell_nothing() -> None:
    """Kit numbers are all different, five digits, and in no order; those that are taken don't come again."""
    rows = table.with_kits("seed", table.generate("seed", plan(), 100))
    numbers = [row.kit for row in rows]
    assert len(set(numbers)) == len(rows)
    assert all(len(number) == 5 for number in numbers)
    later = table.with_kits("seed", table.generate("more", plan(), 100), taken=numbers)
    assert not {row.kit for row in later} & set(numbers)
    mean = {
        arm: sum(int(row.kit) for row in rows if row.arm == arm) / sum(row.arm == arm for row in rows) for arm in "AB"
    }
    assert abs(mean["A"] - mean["B"]) < 8000


def test_a_table_goes_out_and_comes_in() -> None:
    """What is written is read back the same, without a remark."""
    rows = table.with_kits("seed", table.generate("seed", plan(2, 1, sizes=(3, 6)), 12))
    assert files.read(files.write(rows, plan(2, 1)).encode(), plan(2, 1), kits=True) == (rows, [])


def test_every_wrong_cell_is_named() -> None:
    """A bad table is refused whole: each wrong cell by row and column, and no right one."""
    content = "arm;kit;sex;site\nA;1;1;BRO\nC;2;1;BRO\nB;1;3;BRO\n;4;1;\nA;5;2\n\nB;;2;QUI\nB;{};2;QUI\n".format(
        "9" * 31
    )
    with pytest.raises(Refused) as caught:
        files.read(content.encode(), plan(), kits=True)
    assert sorted((fault.place, fault.code) for fault in caught.value.faults) == [
        ("row 3, arm", "unknown_arm"),
        ("row 4, kit", "kit_twice"),
        ("row 4, sex", "unknown_level"),
        ("row 5, arm", "cell_empty"),
        ("row 5, site", "cell_empty"),
        ("row 6", "cell_count"),
        ("row 8, kit", "cell_empty"),
        ("row 9, kit", "bad_kit"),
    ]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", ["table_empty"]),
        (b"arm,sex,site\n", ["table_empty"]),
        (b"arm,sex\n", ["column_missing"]),
        (b"arm,sex,site,sex,weight\n", ["column_twice", "unknown_column"]),
        (b"arm\0", ["not_text_file"]),
        (b'arm,sex,site\n"A,1,BRO', ["not_csv"]),
        (b"x" * (files.MAX_BYTES + 1), ["file_too_large"]),
        (b"arm,sex,site\n" + b"A,1,BRO\n" * 20_001, ["table_too_long"]),
    ],
    ids=["nothing", "titles only", "two columns", "strange columns", "NUL", "open quotes", "large", "long"],
)
def test_files_that_are_no_table(content: bytes, codes: list[str]) -> None:
    """A file without the columns, or that is no file of this kind, is refused with what it lacks."""
    with pytest.raises(Refused) as caught:
        files.read(content, plan())
    assert [fault.code for fault in caught.value.faults] == codes


def test_what_a_table_lacks_is_remarked() -> None:
    """Strata without a place and arms out of their ratio are told, and don't refuse the table."""
    _rows, remarks = files.read(b"arm,sex,site\nA,1,BRO\nB,1,BRO\nA,2,BRO\n", plan())
    assert Counter(remark.code for remark in remarks) == {"stratum_without_rows": 4, "ratio_not_kept": 1}


@pytest.mark.parametrize(
    ("wrong", "method", "length", "places"),
    [
        (plan(1), "blocks", 8, {"arms"}),
        (plan(2, 1), "blocks", 8, {"sizes"}),
        (plan(1, 1, sizes=()), "blocks", 8, {"sizes"}),
        (plan(1, 1, sizes=(62,)), "blocks", 8, {"sizes"}),
        (plan(1, 0), "uploaded", 0, {"arms"}),
        (plan(1, 1), "blocks", 0, {"length"}),
        (plan(1, 1), "blocks", 5000, {"length"}),
        (plan(1, 1, factors=(Factor("n", tuple(map(str, range(401)))),)), "uploaded", 0, {"strata"}),
        (plan(1, 1, factors=(Factor("n", ()),)), "uploaded", 0, {"strata"}),
        (plan(1, 1, factors=()), "minimisation", 0, {"strata"}),
        (plan(1, 1, probability=Fraction(1, 2)), "minimisation", 0, {"probability"}),
        (plan(1, 1, measure="guess"), "minimisation", 0, {"measure"}),
        (plan(1, 1, weights={"age": Fraction(1), "sex": Fraction(0)}), "minimisation", 0, {"weights"}),
        (Plan((Arm("A", "x"), Arm("a", " "), Arm("é", "y"))), "uploaded", 0, {"arms"}),
    ],
)
def test_what_is_wrong_with_a_plan(wrong: Plan, method: str, length: int, places: set[str]) -> None:
    """Each thing that is wrong is found where it is, before anything is drawn."""
    assert {fault.place for fault in problems(wrong, method, length)} == places


def test_a_good_plan_has_no_fault() -> None:
    """What can be carried out is not refused."""
    assert problems(plan(), "blocks", 40) == problems(plan(), "minimisation") == problems(plan(), "uploaded") == []


def test_balance_counts_every_level() -> None:
    """All subjects, then each level of each factor, those that nobody has too."""
    lines = balance.marginal(plan(), [({"sex": "1", "site": "BRO"}, 0), ({"sex": "1", "site": "KER"}, 0)])
    assert [(line.factor, line.level, line.counts) for line in lines] == [
        ("", "", (2, 0)),
        ("sex", "1", (2, 0)),
        ("sex", "2", (0, 0)),
        ("site", "BRO", (1, 0)),
        ("site", "KER", (1, 0)),
        ("site", "QUI", (0, 0)),
    ]
    assert balance.largest_gap(plan(), lines) == 1
    assert balance.gap((4, 2), (2, 1)) == 0


def test_larger_and_varied_blocks_are_guessed_less() -> None:
    """Blocks of two are guessed right three times in four, as theory says; longer and varied ones less, chance half."""
    shares = [guessing.of_blocks(plan(sizes=sizes, factors=()), "guess", times=80) for sizes in ((2,), (4,), (4, 6, 8))]
    assert shares[0] == 0.75
    assert shares[0] > shares[1] > shares[2] > 0.6
    coins = Random(1)
    fair = [guessing.share_guessed([coins.randrange(2) for _toss in range(60)], (1, 1)) for _time in range(300)]
    assert abs(float(sum(fair, Fraction(0)) / 300) - 0.5) < 0.02
