"""How much a figure would move had other cases been drawn: percentile bootstrap over cases (Efron 1979)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

ROUNDS = 1000
CONFIDENCE = 0.95
Interval = tuple[float, float]


def ratio_interval(tops: Sequence[float], bottoms: Sequence[float], seed: int) -> Interval | None:
    """The interval of sum(tops)/sum(bottoms), cases drawn with replacement; None without a base."""
    top, bottom = np.asarray(tops, dtype=float), np.asarray(bottoms, dtype=float)
    if len(top) == 0 or bottom.sum() == 0:
        return None
    draws = _draws(len(top), seed)
    below = draws @ bottom
    return _interval((draws @ top)[below > 0] / below[below > 0])


def f1_interval(counts: Sequence[tuple[int, int, int]], seed: int) -> Interval | None:
    """The interval of the micro F1 of cases' (found, too much, missing)."""
    table = np.asarray(counts, dtype=float)
    if len(table) == 0 or table.sum() == 0:
        return None
    drawn = _draws(len(table), seed) @ table
    base = 2 * drawn[:, 0] + drawn[:, 1] + drawn[:, 2]
    return _interval(2 * drawn[base > 0, 0] / base[base > 0])


def _draws(size: int, seed: int) -> Any:
    chance = np.random.default_rng(seed)
    return chance.multinomial(size, np.full(size, 1 / size), size=ROUNDS)


def _interval(values: Any) -> Interval | None:
    if len(values) == 0:
        return None
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return round(float(low), 4), round(float(high), 4)
