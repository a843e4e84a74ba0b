"""From the evidence of a field to the probability that it is right: a logistic model of what the reader noticed.

Features: the kind of field, why the reader doubts it (a letter repaired, a name only like another, a bare number, a
lost one…), the confidence that the rule gave, and whether other fields of the line are doubted. The weights are in
`confidence.json`, fitted by `manage.py prescriptions calibrate` on lines that no test set holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from math import exp, log
from typing import Any

from prescriptions.engine.schema import Evidence, Line

Json = dict[str, Any]
THRESHOLD = 0.8
"""Below it a field is to be checked."""
CAPPED = 0.79
"""What a rule has marked as to be checked stays so, however often the like of it was right."""
FLOOR, CEILING = 0.02, 0.998
EDGE = 0.01
"""Raw confidences are taken between this and one less it, so that their log odds are finite."""
UNTOUCHED = frozenset({"corrected"})
Optical = Callable[[int, int], float | None]
"""How sure an optical reader is of the weakest word of a place in the text; None where it wasn't read optically."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The fitted model: a weight for each feature; `fitted_on` tells of what. It is the one it is, so never changed."""

    weights: dict[str, float]
    fitted_on: Json


@lru_cache(maxsize=1)
def fitted() -> Weights:
    """The weights that come with the project."""
    text = resources.files("prescriptions.engine").joinpath("confidence.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return Weights(data["weights"], data["fittedOn"])


def features(kind: str, confidence: float, why: str, doubts: int) -> Iterator[tuple[str, float]]:
    """(feature, value) of one field; `doubts` counts the other fields of the line below the threshold."""
    raw = min(max(confidence, EDGE), 1 - EDGE)
    yield "bias", 1.0
    yield "raw", log(raw / (1 - raw))
    yield f"kind:{kind}", 1.0
    if why:
        yield f"why:{why}", 1.0
        yield f"why:{why}/{kind}", 1.0
    if doubts:
        yield "doubts", min(doubts, 3) / 3


def probability(item: Evidence, doubts: int, weights: dict[str, float]) -> float:
    """The probability that the field is right."""
    return _sure(features(item.kind, item.confidence, item.why, doubts), weights)


def _sure(noticed: Iterable[tuple[str, float]], weights: dict[str, float]) -> float:
    odds = sum(weights.get(name, 0.0) * value for name, value in noticed)
    return min(max(1 / (1 + exp(-odds)), FLOOR), CEILING)


@lru_cache(maxsize=8192)
def _probability(kind: str, confidence: float, why: str, doubts: int, model: Weights) -> float:
    """The same, worked out once for all fields that are alike."""
    return _sure(features(kind, confidence, why, doubts), model.weights)


def calibrated(line: Line, model: Weights | None = None, optical: Optical | None = None) -> Line:
    """The line with probabilities for confidences.

    What was to be checked stays to be checked; what a person corrected stays certain; no field is surer than the
    weakest word it was read from.
    """
    known = model or fitted()
    low = sum(item.confidence < THRESHOLD for item in line.evidence)
    return replace(line, evidence=tuple([_calibrated(item, low, known, optical) for item in line.evidence]))


def _calibrated(item: Evidence, low: int, model: Weights, optical: Optical | None) -> Evidence:
    if item.why in UNTOUCHED:
        return item
    marked = item.confidence < THRESHOLD
    sure = _probability(item.kind, item.confidence, item.why, low - marked, model)
    if marked:
        sure = min(sure, CAPPED)
    if optical is not None and (seen := optical(item.start, item.end)) is not None:
        sure = min(sure, seen)
    why = item.why
    if sure < THRESHOLD and not why:
        why = "others of the line are doubted" if low else "read from unsure words"
    return Evidence(item.path, item.kind, item.start, item.end, item.text, round(sure, 3), why)


def fit(rows: Sequence[tuple[Evidence, int, bool]], *, ridge: float = 1.0, fewest: int = 20) -> dict[str, float]:
    """Weights by penalised maximum likelihood (Newton's method; all but the bias shrink towards 0).

    Rows are (evidence, other doubts of its line, whether it was right). Features that occur fewer than `fewest` times
    are left out. The same rows give the same weights.
    """
    import numpy as np

    counts: dict[str, int] = {}
    for item, doubts, _right in rows:
        for name, _value in features(item.kind, item.confidence, item.why, doubts):
            counts[name] = counts.get(name, 0) + 1
    names = sorted(name for name, count in counts.items() if count >= fewest)
    place = {name: column for column, name in enumerate(names)}
    table = np.zeros((len(rows), len(names)))
    for row, (item, doubts, _right) in enumerate(rows):
        for name, value in features(item.kind, item.confidence, item.why, doubts):
            if name in place:
                table[row, place[name]] = value
    right = np.array([float(was) for _item, _doubts, was in rows])
    penalty = np.array([1e-6 if name == "bias" else ridge for name in names])
    weights = np.zeros(len(names))
    for _round in range(50):
        chance = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (right - chance) - penalty * weights
        curve = (table * (chance * (1 - chance))[:, None]).T @ table + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
