"""Rule E: numbers far from the others of the same item.

``iqr``, the default: Tukey's fences (Exploratory Data Analysis, 1977), beyond k times the distance between the
quartiles below the first or above the third; k = 1.5 finds outliers, k = 3 those far out. A few wild values don't move
the fences.
``sd``: more than k standard deviations from the mean (REDCap: k = 2). Wild values widen it, so that it may miss them.
``mad``: more than k scaled median absolute deviations from the median (Iglewicz and Hoaglin 1993; k = 3.5).
Fewer than `least` values, or values without spread, have no outliers.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Method = Literal["iqr", "sd", "mad"]
USUAL_K: dict[Method, float] = {"iqr": 1.5, "sd": 2.0, "mad": 3.5}
LEAST = 10
MAD_TO_SD = 1.4826
"""Makes the median absolute deviation of a normal distribution its standard deviation."""


@dataclass(frozen=True)
class Fences:
    """Values below `low` or above `high` are outliers of `count` values."""

    low: float
    high: float
    count: int

    def out(self, value: float) -> bool:
        return value < self.low or value > self.high


def fences(
    values: Sequence[float], method: Method = "iqr", k: float | None = None, *, least: int = LEAST
) -> Fences | None:
    """Where the outliers of these values begin; None where they can't have any."""
    if len(values) < max(least, 2):
        return None
    k = USUAL_K[method] if k is None else k
    if method == "sd":
        middle, spread = statistics.fmean(values), statistics.stdev(values)
        low, high = middle - k * spread, middle + k * spread
    elif method == "mad":
        middle = statistics.median(values)
        spread = MAD_TO_SD * statistics.median([abs(value - middle) for value in values])
        low, high = middle - k * spread, middle + k * spread
    else:
        first, _middle, third = statistics.quantiles(values, n=4, method="inclusive")
        spread = third - first
        low, high = first - k * spread, third + k * spread
    return Fences(low, high, len(values)) if spread > 0 else None
