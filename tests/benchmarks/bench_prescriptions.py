"""Speed and exactness of the reading of prescriptions: `make bench`, on one core."""

from __future__ import annotations

import json
import os
import resource
import time
from collections import defaultdict
from pathlib import Path

from prescriptions import engine
from prescriptions.engine.reference import archives, building
from tests.prescriptions.scoring import wrong_medication

ROOT = Path(__file__).resolve().parents[2]
CASES = [json.loads(line) for line in (ROOT / "tests/prescriptions/data/cases.jsonl").read_text().splitlines()]
LINES = [case for case in CASES if case["type"] == "line"]
TRIAL_DATA = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared" / "data"))
ROUNDS = 20


def lexicons() -> list[tuple[str, engine.Lexicon]]:
    """Our own list, and the whole official one where its files are at hand."""
    folder = TRIAL_DATA / "bdpm"
    whole: list[tuple[str, engine.Lexicon]] = []
    if folder.is_dir():
        made = building.build(archives.read_files(folder), name="BDPM", edition="2026-05-26")
        whole.append(("BDPM", made.lexicon))
    return [("starter", engine.starter()), *whole]


def test_exactness() -> None:
    """Cases read exactly, by category, with each list of medicines."""
    for name, lexicon in lexicons():
        exact: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for case in CASES:
            expected = case["expected"]
            if case["type"] == "line":
                got = engine.encode(engine.read_line(case["text"], lexicon).medication)
                good = not wrong_medication(expected, got, case["scoring"])
            else:
                found = engine.summary(engine.read_ordonnance(case["text"], lexicon))["medications"]
                wanted = expected["medications"]
                good = len(found) == len(wanted) and not any(map(wrong_medication, wanted, found))
            exact[case["category"]][0] += good
            exact[case["category"]][1] += 1
        total = [sum(counts) for counts in zip(*exact.values(), strict=True)]
        print(
            f"\n{name}: {total[0]}/{total[1]} cases exact; " + ", ".join(f"{k} {a}/{b}" for k, (a, b) in exact.items())
        )


def test_speed() -> None:
    """Lines and whole prescriptions a second, and the peak of memory."""
    for name, lexicon in lexicons():
        for case in LINES:
            engine.read_line(case["text"], lexicon)
        started = time.process_time()
        for _round in range(ROUNDS):
            for case in LINES:
                engine.read_line(case["text"], lexicon)
        lines = ROUNDS * len(LINES) / (time.process_time() - started)
        whole = [case for case in CASES if case["type"] == "prescription"]
        started = time.process_time()
        for _round in range(ROUNDS):
            for case in whole:
                engine.read_ordonnance(case["text"], lexicon)
        documents = ROUNDS * len(whole) / (time.process_time() - started)
        print(f"\n{name}: {lines:,.0f} lines/s, {documents:,.0f} prescriptions/s on one core")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
