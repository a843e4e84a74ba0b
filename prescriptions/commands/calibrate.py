"""Fit the probabilities of fields on single lines, and tell how well they hold on others.

The data are JSON lines of cases, such as `generate` writes; those of the split `test` are never looked at. The weights
that come with the project were made by this command.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from prescriptions import engine
from prescriptions.commands.evaluate import cases_of
from prescriptions.engine import confidence
from prescriptions.engine.evaluation.calibration import calibration, threshold_for
from prescriptions.engine.evaluation.case import Case
from prescriptions.engine.evaluation.noise import levels
from prescriptions.engine.opinions.training import digest, wrong_kinds

Json = dict[str, Any]
Row = tuple[engine.Evidence, int, bool]
OUT = Path(confidence.__file__).with_suffix(".json")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", help="a file of cases as JSON lines; its splits train and dev are used")
    parser.add_argument("--out", type=Path, default=OUT, help="where the weights are written")
    parser.add_argument("--misprints", type=float, nargs="*", default=[],
                        help="also the lines with these shares of letters altered, such as 0.01 0.03")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of those misprints")


def run(options: Json) -> None:
    cases = [case for case in cases_of(options["data"]) if case.type == "line" and case.scoring == "full"]
    parts = {name: [case for case in cases if case.split == name] for name in ("train", "dev")}
    if not all(parts.values()):
        raise CommandError(f"{options['data']}: there are no lines of the splits train and dev")
    rates = (0.0, *options["misprints"])
    rows = {name: rows_of(levels(tuple(part), options["seed"], rates)) for name, part in parts.items()}
    weights = confidence.fit(rows["train"])
    model = confidence.Weights(weights, {})
    before = [(item.confidence, right) for item, _doubts, right in rows["dev"]]
    after = [(confidence.probability(item, doubts, model.weights), right) for item, doubts, right in rows["dev"]]
    told = {
        "seed": options["seed"],
        "misprints": list(options["misprints"]),
        "train": {"lines": len(parts["train"]), "sha256": digest(parts["train"])},
        "dev": {"lines": len(parts["dev"]), "sha256": digest(parts["dev"])},
        "raw": measure(before),
        "calibrated": measure(after),
    }
    data = {"fittedOn": told, "weights": weights}
    options["out"].write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    options["stdout"].write(json.dumps({key: told[key] for key in ("raw", "calibrated")}))


def rows_of(cases: Sequence[Case]) -> list[Row]:
    """Each field of each line as the reader noticed it, and whether it was right."""
    lexicon = engine.starter()
    found: list[Row] = []
    for case in cases:
        line = engine.read_raw(case.text, lexicon)
        wrong = wrong_kinds(case, line)
        low = sum(item.confidence < confidence.THRESHOLD for item in line.evidence)
        found += [
            (item, low - (item.confidence < confidence.THRESHOLD), item.kind not in wrong)
            for item in line.evidence
            if item.kind != "remark"
        ]
    return found


def measure(samples: list[tuple[float, bool]]) -> Json:
    """How well confidences hold, and the threshold at which 99 in 100 fields are right."""
    found = calibration(samples)
    wished = threshold_for(samples, 0.99)
    return {
        "fields": found.count,
        "ece": round(found.ece, 4),
        "brier": round(found.brier, 4),
        "threshold99": None if wished is None else round(wished.threshold, 3),
        "coverage99": None if wished is None else round(wished.coverage, 4),
    }
