"""Which packs are worth writing anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backup.engine.format import layout, packs
from backup.engine.keeping.judging import MOST_SMALL, Allowance, Economy, Pack, choose

FULL = packs.TARGET
ANNE, BERT = frozenset({b"a" * 16}), frozenset({b"b" * 16})


def pack(number: int, size: int, used: int, *, kind: bytes = layout.DATA_PACK, owners: frozenset[bytes] = ANNE) -> Pack:
    return Pack(number.to_bytes(32, "big"), kind, owners, size, used, 10, number)


def chosen(found: list[Pack], economy: Economy | None = None) -> list[int]:
    return [int.from_bytes(one.name, "big") for one in choose(found, economy or Economy()).packs]


def test_more_waste_than_use() -> None:
    """A pack is written anew once more than half of it is waste, the emptiest first, those of trees before all."""
    found = [pack(1, FULL, FULL * 6 // 10), pack(2, FULL, FULL * 4 // 10), pack(3, FULL, FULL // 10)]
    assert chosen(found) == [3, 2]
    assert chosen([*found, pack(4, FULL, FULL * 4 // 10, kind=layout.META_PACK)]) == [4, 3, 2]
    assert chosen(found, Economy(most_waste=0.3)) == [3, 2, 1]


def test_what_an_allowance_leaves() -> None:
    """Where an allowance is given, the emptiest are written anew until what is left fits it, and no more."""
    found = [pack(number, FULL, FULL * number // 10) for number in range(1, 10)]
    waste = sum(one.waste for one in found)
    assert chosen(found, Economy(max_unused=Allowance(share=float("inf")))) == []
    assert chosen(found, Economy(max_unused=Allowance())) == list(range(1, 10))
    assert chosen(found, Economy(max_unused=Allowance(size=waste - 1))) == [1]
    assert chosen(found, Economy(max_unused=Allowance(share=0.5))) == [1, 2, 3]


def test_small_packs_wait_until_they_fill_one() -> None:
    """Small packs are joined once they fill a pack together; those of other writers or another kind don't count."""
    quarter = FULL // 4
    three = [pack(number, quarter, quarter) for number in (1, 2, 3)]
    assert chosen(three) == []
    assert chosen([*three, pack(4, quarter, quarter, owners=BERT)]) == []
    assert chosen([*three, pack(4, quarter, quarter, kind=layout.META_PACK)]) == []
    assert chosen([*three, pack(4, quarter, quarter)]) == [1, 2, 3, 4]
    assert chosen([*three, pack(4, quarter, quarter)], Economy(join=False)) == []
    assert chosen([*three, pack(4, FULL, FULL)]) == []


def test_small_packs_fill_up_what_is_written_anyhow() -> None:
    """What is left of wasteful packs is filled up with small ones, if that makes it a full pack."""
    assert chosen([pack(1, FULL, FULL // 3), pack(2, FULL // 2, FULL // 2)]) == [1]
    assert chosen([pack(1, FULL, FULL // 3), *(pack(n, FULL // 2, FULL // 2) for n in (2, 3))]) == [1, 2, 3]


def test_too_many_small_packs() -> None:
    """Very many tiny packs are joined though they fill none: each object costs a request."""
    found = [pack(number, 1000, 300) for number in range(MOST_SMALL)]
    assert chosen(found) == []
    assert len(chosen([*found, pack(999, 1000, 300)])) == MOST_SMALL + 1


def test_a_limit_is_kept() -> None:
    """Not more is written than the limit allows; what doesn't fit is counted."""
    found = [pack(number, FULL, 1000 * number) for number in (1, 2, 3)]
    done = choose(found, Economy(max_rewrite=3500))
    assert ([one.used for one in done.packs], done.size, done.put_off) == ([1000, 2000], 3000, 1)


def test_padding_is_waste_and_lists_are_not() -> None:
    """What an entry and the keys take isn't waste."""
    one = pack(1, packs.START + 10 * 52 + 5000, 5000)
    assert one.waste == 0
    assert replace(one, size=one.size + 100).waste == 100


def test_allowances_as_people_write_them() -> None:
    """A share, a size, or unlimited; nothing else."""
    assert Allowance.parse("5%").of(1000) == 50
    assert Allowance.parse("500M").of(1) == 500 << 20
    assert Allowance.parse("2GiB").of(0) == 2 << 30
    assert Allowance.parse("unlimited").of(1) == float("inf")
    for text in ("", "-1%", "5 %", "M", "5X"):
        with pytest.raises(ValueError, match="allowance"):
            Allowance.parse(text)
