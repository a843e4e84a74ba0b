"""The figures of a run: sums, intervals, calibration, coverage, and two runs side by side."""

from __future__ import annotations

import json

import pytest

from prescriptions import engine
from prescriptions.engine import linking
from prescriptions.engine.evaluation import own
from prescriptions.engine.evaluation.bootstrap import f1_interval, ratio_interval
from prescriptions.engine.evaluation.calibration import calibration, coverage, threshold_for
from prescriptions.engine.evaluation.case import Case
from prescriptions.engine.evaluation.comparison import compare, mcnemar
from prescriptions.engine.evaluation.outcome import Outcome, judge
from prescriptions.engine.evaluation.reading import reader
from prescriptions.engine.evaluation.report import line_samples, report
from prescriptions.engine.reference.starting import starter

READ = reader(starter())
CIS = [one.product.cis for one in linking.link_line(engine.read_line("DOLIPRANE 1000 mg : 1 cp le soir"), starter())]


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [judge(case, READ(case)) for case in own.noisy()]


def test_our_own_cases() -> None:
    """Every worked case is read exactly, and nothing is silently wrong."""
    shown = report([judge(case, READ(case)) for case in own.cases()])
    assert (shown["line_exact"], shown["document_exact"], shown["silent"]) == (1.0, 1.0, 0)


def test_figures_add_up(outcomes: list[Outcome]) -> None:
    """Groups share out the lines and the faults of the whole; shares are between 0 and 1 and within their interval."""
    shown = report(outcomes)
    for rows in shown["groups"].values():
        for name in ("cases", "lines", "lines_exact", "daily_errors", "silent", "ten_times", "thousand_times"):
            if rows:
                assert sum(row[name] for row in rows) == shown[name], name
    low, high = shown["line_exact_interval"]
    assert 0 < low <= shown["line_exact"] <= high < 1
    assert (
        shown["lines_exact"] + sum(not line.is_exact for one in outcomes for line in one.lines if line.expected)
        == (shown["lines"])
    )
    noise = {row["group"]: row["line_exact"] for row in shown["groups"]["noise"]}
    assert noise["0%"] == 1.0 > noise["1%"] > noise["3%"]
    assert [row["field"] for row in shown["fields"]]
    assert all(row["f1"] <= row["lenient_f1"] for row in shown["fields"])


def test_products_and_codes_are_ranked() -> None:
    """Where a case names its product, its place among the five counts; first, among five, and one by its place."""
    cases = [
        Case("a", "line", "DOLIPRANE 1000 mg : 1 cp le soir", {"name": "DOLIPRANE", "atc": "N02BE01", "cis": CIS[0]}),
        Case("b", "line", "DOLIPRANE 1000 mg : 1 cp le soir", {"name": "DOLIPRANE", "atc": "N02BE51", "cis": CIS[1]}),
        Case("c", "line", "DOLIPRANE 1000 mg : 1 cp le soir", {"name": "DOLIPRANE", "cis": "00000000"}),
    ]
    found = report([judge(case, READ(case)) for case in cases])["coding"]
    assert (found["cis_count"], found["cis_top1"], found["cis_top5"], found["cis_mrr"]) == (3, 0.3333, 0.6667, 0.5)
    assert (found["atc_count"], found["atc_top1"]) == (2, 0.5)
    assert found["atc_levels"] == [1.0, 1.0, 1.0, 1.0, 0.5]


def test_a_report_is_json_and_made_again_alike(outcomes: list[Outcome]) -> None:
    """The same outcomes and seed give the same bytes."""
    assert json.dumps(report(outcomes)) == json.dumps(report(outcomes))


def test_calibration() -> None:
    """Confidence 0.9 that is right nine times in ten has no calibration error; never right, all of it."""
    good = [(0.9, True)] * 9 + [(0.9, False)]
    assert calibration(good).ece == pytest.approx(0)
    assert calibration(good).brier == pytest.approx(0.09)
    assert calibration([(0.9, False)] * 10).ece == pytest.approx(0.9)
    assert calibration([(1.0, True)]).bins[0].count == 1
    assert calibration([]).count == 0


def test_coverage_and_threshold() -> None:
    """The threshold for a precision is the one that keeps the most values; where none does, there is none."""
    samples = [(0.9, True), (0.8, True), (0.7, False), (0.6, True)]
    assert [(step.threshold, step.coverage, round(step.precision, 2)) for step in coverage(samples)] == [
        (0.9, 0.25, 1.0), (0.8, 0.5, 1.0), (0.7, 0.75, 0.67), (0.6, 1.0, 0.75)
    ]  # fmt: skip
    best = threshold_for(samples, 1.0)
    assert best is not None
    assert best.threshold == 0.8
    assert threshold_for([(0.9, False)], 0.5) is None


def test_raising_the_threshold_never_adds_silence(outcomes: list[Outcome]) -> None:
    """What is silent at a threshold is silent at every lower one."""
    counts = [report(outcomes, threshold=threshold)["silent"] for threshold in (0.0, 0.5, 0.8, 0.95, 1.01)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 0
    assert len(line_samples(outcomes)) >= counts[0] > 0


def test_intervals() -> None:
    """The interval holds the figure, narrows with more cases, and is none without a base."""
    few, many = ratio_interval([1, 0] * 10, [1] * 20, 0), ratio_interval([1, 0] * 500, [1] * 1000, 0)
    assert few
    assert many
    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    assert f1_interval([(1, 0, 0)] * 5, 0) == (1.0, 1.0)
    assert ratio_interval([], [], 0) is None


def test_two_runs() -> None:
    """Cases that got better and worse by name; only those that both runs have are compared."""
    before = {"a": True, "b": False, "c": False, "d": True, "only": True}
    found = compare(before, {"a": True, "b": True, "c": False, "d": False})
    assert (found.better, found.worse, found.both_right, found.both_wrong, found.common) == (("b",), ("d",), 1, 1, 4)
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(10, 0) == pytest.approx(2 / 1024)
    assert mcnemar(5, 6) == 1.0
