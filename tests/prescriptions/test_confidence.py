"""Confidence as a probability: what the weights are made of, what they may not do, and how well they hold."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from prescriptions.engine import Evidence, confidence, read_line, read_raw
from prescriptions.engine.evaluation import own
from prescriptions.engine.evaluation.calibration import calibration
from prescriptions.engine.evaluation.case import write_case
from prescriptions.web.kinds import KINDS

LINE = "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours"
UNSURE = "SERESTA 50 : 1/2 cp le soir"
EVIDENCE = st.builds(
    Evidence, st.just("dosage.0.dose"), st.sampled_from(sorted(KINDS)), st.just(0), st.just(4), st.just("1 cp"),
    st.floats(0, 1), st.sampled_from(["", "no unit", "name misspelt or misread", "a number was not kept", "new"]),
)  # fmt: skip


@given(EVIDENCE, st.integers(0, 9))
def test_a_probability_is_one(item: Evidence, doubts: int) -> None:
    """Whatever the evidence, also of a kind or for a reason that nothing was fitted on, it is above 0 and below 1."""
    assert 0 < confidence.probability(item, doubts, confidence.fitted().weights) < 1


def test_what_is_to_be_checked_stays_so() -> None:
    """A field that a rule has marked never rises over the threshold, whatever the weights say."""
    sure = confidence.Weights({"bias": 30.0}, {})
    raw = read_raw(UNSURE)
    marked = {item.path for item in raw.evidence if item.confidence < confidence.THRESHOLD}
    assert marked
    line = confidence.calibrated(raw, sure)
    assert {item.path for item in line.evidence if item.confidence < confidence.THRESHOLD} == marked


def test_doubts_elsewhere_count() -> None:
    """The same field is less sure in a line of which other fields are doubted."""
    item = Evidence("dosage.0.dose", "dose", 0, 4, "1 cp", 1.0)
    weights = confidence.fitted().weights
    assert confidence.probability(item, 2, weights) < confidence.probability(item, 0, weights)


def test_a_person_is_believed() -> None:
    """What somebody corrected stays certain."""
    line = read_raw(LINE)
    corrected = replace(line, evidence=(Evidence("name", "medicine", 0, 9, "DOLIPRANE", 1.0, "corrected"),))
    assert confidence.calibrated(corrected).evidence == corrected.evidence


def test_the_weakest_word_of_a_scan() -> None:
    """A field is no surer than the words it was read from; where a text was not scanned, nothing changes."""
    raw = read_raw(LINE)
    seen = confidence.calibrated(raw, optical=lambda start, _end: 0.3 if start == 0 else None)
    plain = confidence.calibrated(raw)
    assert next(item for item in seen.evidence if item.kind == "medicine").confidence == 0.3
    assert seen.evidence[1:] == plain.evidence[1:]


def test_readings_are_calibrated() -> None:
    """A clean line is above the threshold in every field, an unsure one below in the field that is."""
    assert read_line(LINE).confidence >= confidence.THRESHOLD
    assert read_line(UNSURE).confidence < confidence.THRESHOLD


def test_fitting_finds_what_is_there() -> None:
    """Of fields that are right as often as a reason says, the weights give just that probability."""
    chance = random.Random(1)
    rows = []
    for _number in range(4000):
        why, rate = chance.choice((("", 0.98), ("no unit", 0.7), ("number understood", 0.4)))
        rows.append((Evidence("d", "dose", 0, 4, "1 cp", 0.9, why), 0, chance.random() < rate))
    weights = confidence.fit(rows)
    assert weights == confidence.fit(rows)
    for why, rate in (("", 0.98), ("no unit", 0.7), ("number understood", 0.4)):
        item = Evidence("d", "dose", 0, 4, "1 cp", 0.9, why)
        assert confidence.probability(item, 0, weights) == pytest.approx(rate, abs=0.04)
    samples = [(confidence.probability(item, doubts, weights), right) for item, doubts, right in rows]
    assert calibration(samples).ece < 0.02


def test_the_weights_that_come_with_the_project() -> None:
    """They say what they were fitted on, and hold better on lines they weren't fitted on than raw confidences do."""
    told = confidence.fitted().fitted_on
    assert told["train"]["sha256"] != told["dev"]["sha256"]
    assert told["calibrated"]["ece"] < told["raw"]["ece"]
    assert told["calibrated"]["brier"] < told["raw"]["brier"]
    assert confidence.fitted().weights


def test_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command never looks at test lines, gives the same file again, and refuses data without splits."""
    lines = [write_case(case) for case in own.cases() if case.type == "line"]
    data, out = tmp_path / "lines.jsonl", tmp_path / "weights.json"
    split = [line | {"split": ("train", "dev")[number % 3 == 0]} for number, line in enumerate(lines)]
    poison = {"id": "poison", "type": "line", "text": "1 cp", "expected": {"dosage": []}, "split": "test"}
    data.write_text("\n".join(json.dumps(line) for line in split))
    call_command("prescriptions", "calibrate", str(data), "--out", str(out))
    first = out.read_text()
    data.write_text("\n".join(json.dumps(line) for line in [*split, poison]))
    call_command("prescriptions", "calibrate", str(data), "--out", str(out))
    assert out.read_text() == first
    assert json.loads(capsys.readouterr().out.splitlines()[0])["raw"]["fields"] > 0
    data.write_text("\n".join(json.dumps(line) for line in lines))
    with pytest.raises(CommandError):
        call_command("prescriptions", "calibrate", str(data), "--out", str(out))
