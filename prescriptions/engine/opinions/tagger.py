"""The trained tagger: what each word of a line is about, by a conditional random field (Lafferty et al., ICML 2001)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pycrfsuite

from prescriptions.engine.evaluation.case import Case, Span
from prescriptions.engine.opinions.features import features, spans, tags, words

Json = dict[str, Any]
SETTINGS: Json = {"c1": 0.2, "c2": 0.02, "max_iterations": 80, "feature.minfreq": 3}
"""L1 and L2 weights (L1 keeps the model small), and how often a feature must occur."""


class NoModel(Exception):
    """There is no model at that place, or its card doesn't belong to it."""


def train(cases: Iterable[Case], path: Path) -> int:
    """Write the model that the cases' spans teach; how many lines. The same cases in the same order: the same bytes."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(SETTINGS)
    count = 0
    for case in cases:
        found = words(case.text)
        if found:
            trainer.append(features(found), tags(found, case.spans))
            count += 1
    trainer.train(str(path))
    return count


@dataclass
class Tagger:
    """A model in use. `factors`: what an agreement and a disagreement change, by kind, from its card."""

    model: Any
    factors: dict[str, tuple[float, float]]

    @classmethod
    def load(cls, path: Path) -> Tagger:
        """The model at a path with the card beside it. Raises NoModel."""
        card = path.with_suffix(".json")
        try:
            told = json.loads(card.read_text(encoding="utf-8"))
            factors = {kind: (float(one["agree"]), float(one["disagree"])) for kind, one in told["factors"].items()}
            model = pycrfsuite.Tagger()
            model.open(str(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoModel(f"{path}: {error}") from error
        return cls(model, factors)

    def spans(self, text: str) -> tuple[Span, ...]:
        """What the words of a line are about."""
        found = words(text)
        return spans(found, self.model.tag(features(found))) if found else ()


def span_counts(pairs: Iterable[tuple[Sequence[Span], Sequence[Span]]]) -> dict[str, tuple[int, int, int]]:
    """(found, too much, missing) of each kind over pairs of expected and tagged spans, strictly."""
    counts: dict[str, list[int]] = {}
    for wanted, got in pairs:
        for span in {*wanted, *got}:
            row = counts.setdefault(span.kind, [0, 0, 0])
            row[0 if span in wanted and span in got else (1 if span in got else 2)] += 1
    return {kind: (row[0], row[1], row[2]) for kind, row in sorted(counts.items())}
