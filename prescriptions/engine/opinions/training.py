"""Teach the tagger, and measure what its opinion is worth on lines that it wasn't taught."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from prescriptions import engine
from prescriptions.engine.evaluation.case import Case, write_case
from prescriptions.engine.evaluation.meaning import JOINT
from prescriptions.engine.evaluation.outcome import KINDS, judge
from prescriptions.engine.evaluation.reading import Reading, ReadMedication
from prescriptions.engine.opinions import combine, tagger
from prescriptions.engine.schema import Line

Json = dict[str, Any]
SPLITS = ("train", "dev", "test")
FEWEST = 5
"""Wrong readings of a kind, below which nothing is said of it."""
SHARES = (0.8, 0.9)
"""Where a set doesn't say it: below the first share a case trains, below the second it measures, above it tests."""


class TooFew(ValueError):
    """A split has no case with spans."""


def fit(cases: Sequence[Case], path: Path, seed: int, lexicon: engine.Lexicon | None = None) -> Json:
    """Write the model and give its card: data, settings, scores and the worth of its opinion by kind. Raises TooFew."""
    parts = split(cases, seed)
    if empty := [name for name in SPLITS if not parts[name]]:
        raise TooFew(", ".join(empty))
    tagger.train(parts["train"], path)
    model = tagger.Tagger(_opened(path), {})
    return {
        "settings": tagger.SETTINGS,
        "seed": seed,
        "data": {name: {"lines": len(part), "sha256": digest(part)} for name, part in parts.items()},
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "factors": factors(parts["dev"], model, lexicon),
        "scores": {name: scores(parts[name], model) for name in ("dev", "test")},
    }


def _opened(path: Path) -> Any:
    import pycrfsuite

    model = pycrfsuite.Tagger()
    model.open(str(path))
    return model


def split(cases: Sequence[Case], seed: int) -> dict[str, list[Case]]:
    """The cases of each use, those to train in an order of the seed's. A set's own split, by templates, is kept."""
    parts: dict[str, list[Case]] = {name: [] for name in SPLITS}
    for case in cases:
        if not case.spans:
            continue
        name = case.split
        if name not in parts:
            share = int(hashlib.sha256(f"{seed} {case.id}".encode()).hexdigest()[:8], 16) / 16**8
            name = SPLITS[sum(share >= bound for bound in SHARES)]
        parts[name].append(case)
    Random(seed).shuffle(parts["train"])  # noqa: S311 - an order, no secret
    return parts


def digest(cases: Sequence[Case]) -> str:
    """Of the cases, whatever their order."""
    lines = sorted(json.dumps(write_case(case), ensure_ascii=False, sort_keys=True) for case in cases)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def factors(cases: Sequence[Case], model: tagger.Tagger, lexicon: engine.Lexicon | None) -> Json:
    """Kind -> what an agreement and a disagreement multiply the odds by, counted on these cases."""
    counts: dict[str, list[int]] = {}
    for case in cases:
        line = engine.read_line(case.text, lexicon)
        wrong = wrong_kinds(case, line)
        tagged = model.spans(case.text)
        for item in line.evidence:
            if item.end <= item.start or item.kind == "remark":
                continue
            row = counts.setdefault(item.kind, [0, 0, 0, 0])
            row[2 if item.kind in wrong else 0] += combine.agrees(item, tagged)
            row[3 if item.kind in wrong else 1] += 1
    made = {}
    for kind, (agree_right, right, agree_wrong, lost) in sorted(counts.items()):
        if lost < FEWEST:
            continue
        agree, disagree = combine.factor_of(agree_right, right, agree_wrong, lost)
        made[kind] = {"agree": round(agree, 4), "disagree": round(disagree, 4), "right": right, "wrong": lost}
    return made


def wrong_kinds(case: Case, line: Line) -> set[str]:
    """The kinds of evidence whose own fields are wrong in this line, whatever fields say together."""
    read = ReadMedication(engine.encode(line.medication), line.evidence)
    (judged,) = judge(case, Reading((read,), {})).lines
    return {kind for name in judged.wrong if name not in (*JOINT, "daily") for kind in KINDS[name]}


def scores(cases: Sequence[Case], model: tagger.Tagger) -> Json:
    """Strict precision, recall and F1 of spans by kind, their micro mean, and lines tagged wholly right."""
    pairs = [(case.spans, model.spans(case.text)) for case in cases]
    counts = tagger.span_counts(pairs)
    total = tuple(sum(row[place] for row in counts.values()) for place in range(3))
    exact = sum(set(wanted) == set(got) for wanted, got in pairs)
    return {
        "lines": len(cases),
        "line_exact": round(exact / len(cases), 4) if cases else None,
        "micro": _prf(total),
        "kinds": {kind: _prf(row) for kind, row in counts.items()},
    }


def _prf(row: tuple[int, ...]) -> Json:
    found, too_much, missing = row
    return {
        "precision": round(found / (found + too_much), 4) if found + too_much else None,
        "recall": round(found / (found + missing), 4) if found + missing else None,
        "f1": round(2 * found / (2 * found + too_much + missing), 4) if found + too_much + missing else None,
        "support": found + missing,
    }
