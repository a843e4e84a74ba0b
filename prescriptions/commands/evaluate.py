"""Run a reader over a set of cases and tell its figures.

The set is a JSON-lines file, a ZIP of `cases.jsonl` and the pages that its cases name, or `own` and `own-noisy`, which
come with the project. Nothing of it is kept.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import IO, Any

from django.core.management.base import CommandError

from core.errors import Invalid
from prescriptions import paged, readers, reference
from prescriptions.engine.confidence import THRESHOLD
from prescriptions.engine.evaluation import own
from prescriptions.engine.evaluation.case import BadSet, Case, read_set
from prescriptions.engine.evaluation.outcome import judge
from prescriptions.engine.evaluation.report import report
from prescriptions.engine.reference.starting import starter

Json = dict[str, Any]
FIGURES = ("cases", "lines", "line_exact", "line_exact_interval", "document_exact", "schedule_exact", "f1",
           "f1_interval", "daily_errors", "ten_times", "thousand_times", "silent", "silent_daily", "silent_magnitude",
           "to_check")  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "set", help="a file of cases as JSON lines, or a ZIP of cases.jsonl and its pages; own; own-noisy"
    )
    parser.add_argument("--model", default="grammar", choices=sorted(readers.MODELS), help="the reader")
    parser.add_argument("--threshold", type=float, default=THRESHOLD, help="below it a field is to be checked")
    parser.add_argument("--reference", choices=["current", "starter"], default="current",
                        help="the list of medicines: this instance's, or the project's own")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.add_argument("--errors", action="store_true", help="also the cases that are wrong")


def run(options: Json) -> None:
    model = readers.MODELS[options["model"]]
    if not model.is_here():
        raise CommandError(f"This instance has no reader {options['model']}.")
    outcomes, seconds = [], 0.0
    with opened(options["set"]) as (cases, pages):
        edition = starter() if options["reference"] == "starter" else reference.in_use()[1]
        read = model.make(edition)
        for case in cases:
            seen, scan = paged.read(pages, case) if case.page and pages else (case, None)
            started = perf_counter()
            found = read(seen, scan)
            seconds += perf_counter() - started
            outcomes.append(judge(seen, found))
    figures = report(outcomes, threshold=options["threshold"])
    out = options["stdout"]
    wrong = [one for one in outcomes if not one.is_exact]
    if options["json"]:
        shown = figures | {"seconds": round(seconds, 3), "model": options["model"]}
        if options["errors"]:
            shown["errors"] = [one.as_json() for one in wrong]
        out.write(json.dumps(shown, ensure_ascii=False))
        return
    out.write("\n".join(f"{name:22} {figures[name]}" for name in FIGURES))
    for row in figures["fields"]:
        out.write(f"  {row['field']:10} F1 {row['f1']}  lenient {row['lenient_f1']}  right {row['right']}")
    for key, rows in figures["groups"].items():
        for row in rows:
            out.write(f"  {key} {row['group']!r}: {row['line_exact']} of {row['lines']} lines exact")
    for condition, page in figures["optical"].items():
        out.write(f"  pages {condition!r}: {' '.join(f'{name} {value}' for name, value in page.items())}")
    calibrated = figures["calibration"]["field"]
    out.write(f"calibration            ECE {calibrated['ece']:.4f}  Brier {calibrated['brier']:.4f}")
    out.write(f"speed                  {figures['lines'] / seconds:.0f} lines/s")
    if options["errors"]:
        for one in wrong:
            for line in one.lines:
                if not line.is_exact:
                    out.write(f"{one.id}\t{' '.join(line.wrong)}\t{line.confidence}\t{one.text[:120]!r}")


@contextmanager
def opened(name: str) -> Iterator[tuple[tuple[Case, ...], IO[bytes] | None]]:
    """The cases of a set, and the archive of its pages where it has some. Raises CommandError with every fault."""
    if not name.lower().endswith(".zip"):
        yield cases_of(name), None
        return
    try:
        with Path(name).open("rb") as archive:
            yield read_set(paged.member(archive, paged.CASES).decode("utf-8-sig").splitlines()), archive
    except (OSError, UnicodeDecodeError, BadSet, Invalid) as error:
        raise CommandError(f"{name}: {error}") from error


def cases_of(name: str) -> tuple[Case, ...]:
    """The cases of a built-in set or a file. Raises CommandError with every fault."""
    if name in own.SETS:
        return own.SETS[name]()
    try:
        return read_set(Path(name).read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError, BadSet) as error:
        raise CommandError(f"{name}: {error}") from error
