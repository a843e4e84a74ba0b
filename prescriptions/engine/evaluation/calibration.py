"""Whether a confidence of 0.9 is right nine times in ten, and how much can be read at a wished precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Sample = tuple[float, bool]
"""(confidence, whether the value was right)"""
BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Values of like confidence: how many, how sure on average, how often right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`ece`: expected calibration error (Naeini et al., AAAI 2015); `brier`: mean squared error (Brier 1950)."""

    count: int
    ece: float
    brier: float
    bins: tuple[Bin, ...]


def calibration(samples: Sequence[Sample], bins: int = BINS) -> Calibration:
    """Reliability in bins of equal width; empty ones are left out."""
    if not samples:
        return Calibration(0, 0.0, 0.0, ())
    groups: list[list[Sample]] = [[] for _bin in range(bins)]
    for sure, right in samples:
        groups[min(bins - 1, int(sure * bins))].append((sure, right))
    made = tuple(
        Bin(place / bins, (place + 1) / bins, len(group), sum(sure for sure, _right in group) / len(group),
            sum(right for _sure, right in group) / len(group))
        for place, group in enumerate(groups) if group
    )  # fmt: skip
    count = len(samples)
    ece = sum(one.count * abs(one.accuracy - one.confidence) for one in made) / count
    brier = sum((sure - right) ** 2 for sure, right in samples) / count
    return Calibration(count, ece, brier, made)


@dataclass(frozen=True, slots=True)
class Step:
    """What is left when everything below `threshold` goes to a person: the share kept, and the share of it right."""

    threshold: float
    coverage: float
    precision: float


def coverage(samples: Sequence[Sample]) -> tuple[Step, ...]:
    """The curve from «only the surest» to «everything»: one step for each confidence that occurs."""
    if not samples:
        return ()
    ordered = sorted(samples, key=lambda sample: -sample[0])
    steps: list[Step] = []
    right = 0
    for place, (sure, is_right) in enumerate(ordered, 1):
        right += is_right
        if place == len(ordered) or ordered[place][0] != sure:
            steps.append(Step(sure, place / len(ordered), right / place))
    return tuple(steps)


def threshold_for(samples: Sequence[Sample], precision: float) -> Step | None:
    """The lowest threshold at or above which the wished share is right; None where no threshold gives it."""
    reaching = [step for step in coverage(samples) if step.precision >= precision]
    return max(reaching, key=lambda step: step.coverage, default=None)
