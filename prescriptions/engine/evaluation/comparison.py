"""Two runs over the same set: which cases got better or worse, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True, slots=True)
class Comparison:
    """`p_value`: chance of a difference at least as large, were both runs equally good (McNemar 1947, exact)."""

    common: int
    better: tuple[str, ...]
    worse: tuple[str, ...]
    both_right: int
    both_wrong: int
    p_value: float


def compare(before: Mapping[str, bool], after: Mapping[str, bool]) -> Comparison:
    """Cases of both runs, by id, with whether each is exact."""
    common = [key for key in before if key in after]
    better = tuple(key for key in common if after[key] and not before[key])
    worse = tuple(key for key in common if before[key] and not after[key])
    return Comparison(
        common=len(common),
        better=better,
        worse=worse,
        both_right=sum(before[key] and after[key] for key in common),
        both_wrong=sum(not before[key] and not after[key] for key in common),
        p_value=mcnemar(len(better), len(worse)),
    )


def mcnemar(better: int, worse: int) -> float:
    """Two-sided exact test on the cases where the runs differ: a fair coin thrown as many times."""
    thrown = better + worse
    if not thrown:
        return 1.0
    tail = sum(comb(thrown, count) for count in range(min(better, worse) + 1))
    return float(min(1.0, 2 * tail / 2**thrown))
