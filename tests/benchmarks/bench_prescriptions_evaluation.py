"""Speed of evaluating prescriptions on one core: reading, judging, figures; what checks and confidence cost."""

from __future__ import annotations

import time
from itertools import pairwise

from prescriptions import engine
from prescriptions.engine import confidence, safety
from prescriptions.engine.evaluation import own
from prescriptions.engine.evaluation.outcome import judge
from prescriptions.engine.evaluation.reading import reader
from prescriptions.engine.evaluation.report import report
from prescriptions.engine.reference.starting import starter

ROUNDS = 10


def test_speed_of_judging() -> None:
    """Cases a second of each part, over the set with misprints."""
    cases = own.noisy() * ROUNDS
    read = reader(starter())
    marks = [time.process_time()]
    readings = [read(case) for case in cases]
    marks.append(time.process_time())
    outcomes = [judge(case, reading) for case, reading in zip(cases, readings, strict=True)]
    marks.append(time.process_time())
    report(outcomes)
    marks.append(time.process_time())
    spent = [after - before for before, after in pairwise(marks)]
    lines = sum(len(one.lines) for one in outcomes)
    print(
        f"\nreading {lines / spent[0]:.0f} lines/s, judging {lines / spent[1]:.0f}, figures of {len(cases)} cases "
        f"{spent[2]:.2f} s, altogether {lines / sum(spent):.0f} lines/s"
    )


def test_cost_of_checks() -> None:
    """Microseconds a line that the safety checks and the probabilities take."""
    lines = [engine.read_raw(case.text) for case in own.noisy() if case.type == "line"] * ROUNDS
    for name, act in (("safety", safety.check_line), ("confidence", confidence.calibrated)):
        started = time.process_time()
        for line in lines:
            act(line)
        print(f"\n{name}: {(time.process_time() - started) / len(lines) * 1e6:.0f} µs a line")
