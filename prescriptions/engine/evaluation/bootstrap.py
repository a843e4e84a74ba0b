"""How much a figure would move had other cases been drawn: percentile bootstrap over cases (Efron 1979).

Cases that count alike are drawn together: a multinomial draw over the kinds of counts is the same as one over cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

ROUNDS = 1000
CONFIDENCE = 0.95
Interval = tuple[float, float]


def ratio_interval(tops: Sequence[float], bottoms: Sequence[float], seed: int) -> Interval | None:
    """The interval of sum(tops)/sum(bottoms), cases drawn with replacement; None without a base."""
    drawn = _sums(list(zip(tops, bottoms, strict=True)), seed)
    if drawn is None:
        return None
    with_base = drawn[drawn[:, 1] > 0]
    return _interval(with_base[:, 0] / with_base[:, 1])


def f1_interval(counts: Sequence[tuple[int, int, int]], seed: int) -> Interval | None:
    """The interval of the micro F1 of cases' (found, too much, missing)."""
    drawn = _sums(counts, seed)
    if drawn is None:
        return None
    base = 2 * drawn[:, 0] + drawn[:, 1] + drawn[:, 2]
    return _interval(2 * drawn[base > 0, 0] / base[base > 0])


def _sums(rows: Sequence[tuple[float, ...]], seed: int) -> Any:
    """The column sums of each round; None where nothing is counted."""
    if not rows:
        return None
    kinds, times = np.unique(np.asarray(rows, dtype=float), axis=0, return_counts=True)
    if kinds.sum() == 0:
        return None
    return np.random.default_rng(seed).multinomial(len(rows), times / len(rows), size=ROUNDS) @ kinds


def _interval(values: Any) -> Interval | None:
    if len(values) == 0:
        return None
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return round(float(low), 4), round(float(high), 4)
