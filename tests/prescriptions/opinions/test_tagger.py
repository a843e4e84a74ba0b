"""The tagger: words and labels, training that gives the same bytes, and what its opinion moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from prescriptions import readers
from prescriptions.engine import Evidence, encode, read_line
from prescriptions.engine.evaluation.case import Case, Span, write_case
from prescriptions.engine.opinions import combine
from prescriptions.engine.opinions.features import features, spans, tags, words
from prescriptions.engine.opinions.tagger import NoModel, Tagger
from prescriptions.engine.opinions.training import TooFew, fit, split

NAMES = ("DOLIPRANE 1 g", "AMLODIPINE 5 mg", "RAMIPRIL 5 mg", "SERESTA 10 mg", "LASILIX 40 mg", "KARDEGIC 75 mg")
DOSES = ("1 cp", "2 cp", "1/2 cp", "1 gélule", "1 sachet")
TIMES = ("matin et soir", "le matin", "3 fois par jour", "toutes les 6 heures", "au coucher", "à midi")
LENGTHS = ("pendant 5 jours", "pdt 3 mois", "7 j", "")


def lines() -> list[Case]:
    """720 lines of a few patterns, with spans by construction; some of them expect another dose than they say."""
    made = []
    for number, (name, dose, when, length) in enumerate(
        (name, dose, when, length) for name in NAMES for dose in DOSES for when in TIMES for length in LENGTHS
    ):
        text = f"{name} : {dose} {when} {length}".strip()
        found = [("medicine", name.split(" ")[0]), ("dose", dose), ("frequency", when), ("duration", length)]
        marked = tuple(Span(kind, text.index(part), text.index(part) + len(part)) for kind, part in found if part)
        said = f"{name} : 3 cp {when} {length}" if number % 20 == 0 else text
        made.append(Case(str(number), "line", text, encode(read_line(said).medication), spans=marked))
    return made


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    path = tmp_path_factory.mktemp("tagger") / "tagger.crfsuite"
    card = fit(lines(), path, seed=3)
    path.with_suffix(".json").write_text(json.dumps(card))
    return path, card


@given(st.text(max_size=80))
def test_any_text_has_words_and_features(text: str) -> None:
    """Whatever is written is cut into words that stand where they say, each with its features."""
    found = words(text)
    assert all(text[word.start : word.end] == word.text for word in found)
    assert len(features(found)) == len(found)


def test_labels_and_spans_are_each_other() -> None:
    """Spans that begin and end with words are labelled and read back."""
    for case in lines()[:50]:
        found = words(case.text)
        assert set(spans(found, tags(found, case.spans))) == set(case.spans)


def test_the_same_seed_gives_the_same_bytes(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """Trained again on the same lines with the same seed, model and card are the same; another seed splits anew."""
    path, card = trained
    again = tmp_path / "again.crfsuite"
    assert fit(lines(), again, seed=3) == card
    assert again.read_bytes() == path.read_bytes()
    assert split(lines(), 4) != split(lines(), 3)


def test_its_card(trained: tuple[Path, dict[str, Any]]) -> None:
    """The card tells data, sizes and scores on lines that weren't taught; and no line is in two parts."""
    _path, card = trained
    parts = split(lines(), 3)
    ids = [{case.id for case in part} for part in parts.values()]
    assert len(ids[0] | ids[1] | ids[2]) == sum(map(len, ids))
    assert card["data"]["test"]["lines"] == len(ids[2])
    assert card["scores"]["test"]["micro"]["f1"] > 0.95
    assert card["bytes"] < 300_000
    assert "dose" in card["factors"]


def test_a_split_of_the_set_is_kept() -> None:
    """Lines that say what they are for are used for nothing else."""
    cases = [Case(str(n), "line", "1 cp", {}, split=name, spans=(Span("dose", 0, 4),))
             for n, name in enumerate(("train", "dev", "test"))]  # fmt: skip
    parts = split(cases, 0)
    assert [[case.id for case in part] for part in parts.values()] == [["0"], ["1"], ["2"]]
    with pytest.raises(TooFew):
        fit(cases[:1], Path("/nowhere"), 0)


def test_an_opinion_moves_confidence_alone(trained: tuple[Path, dict[str, Any]]) -> None:
    """Where the tagger sees another thing the field is less sure, and says so; where it agrees, it is no less sure."""
    path, _card = trained
    tagger = Tagger.load(path)
    line = read_line("RAMIPRIL 5 mg : 1 cp le matin pendant 5 jours")
    moved = combine.weighed(line, tagger.spans(line.text), tagger.factors)
    assert moved.medication == line.medication
    assert all(new.confidence >= old.confidence for new, old in zip(moved.evidence, line.evidence, strict=True))
    doubted = combine.weighed(line, (), {"dose": (1.2, 0.05)})
    (dose,) = [item for item in doubted.evidence if item.kind == "dose"]
    assert dose.confidence < 1
    assert dose.why == combine.DISAGREES


@given(st.floats(0, 1), st.floats(0.01, 100))
def test_odds(confidence: float, factor: float) -> None:
    """An agreement never lowers, a disagreement never raises beyond the bounds, and a probability stays one."""
    moved = combine.moved_by(confidence, factor)
    assert 0 <= moved <= 1
    if factor >= 1:
        assert moved >= round(confidence, 4) - 1e-4
    elif confidence > combine.LOWEST:
        assert moved <= confidence + 1e-4


def test_what_a_person_said_stays() -> None:
    """A corrected field is as sure as before, whoever disagrees."""
    line = read_line("RAMIPRIL 5 mg : 1 cp le matin")
    corrected = Evidence("dosage.0.dose", "dose", 16, 20, "1 cp", 1.0, "corrected")
    assert combine._weighed(corrected, (), {"dose": (1, 0.01)}) == corrected
    assert line.evidence


def test_a_model_that_is_none(tmp_path: Path) -> None:
    """Without its card, or with another file, there is no model."""
    with pytest.raises(NoModel):
        Tagger.load(tmp_path / "none.crfsuite")
    (tmp_path / "bad.crfsuite").write_bytes(b"not a model")
    (tmp_path / "bad.json").write_text('{"factors": {}}')
    with pytest.raises(NoModel):
        Tagger.load(tmp_path / "bad.crfsuite")


def test_by_commands(tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """One command trains and writes the card; then the instance offers one more reader, and another measures it."""
    data = tmp_path / "lines.jsonl"
    data.write_text("\n".join(json.dumps(write_case(case)) for case in lines()))
    out = tmp_path / "tagger.crfsuite"
    call_command("prescriptions", "train", str(data), "--out", str(out), "--seed", "3")
    page = out.with_suffix(".md").read_text()
    assert "## Limits" in page
    assert "grammar+crf" not in readers.available()
    settings.PRESCRIPTIONS_TAGGER = str(out)
    assert "grammar+crf" in readers.available()
    call_command("prescriptions", "evaluate", str(data), "--model", "grammar+crf", "--reference", "starter", "--json")
    shown = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert shown["lines"] == len(lines())
    assert shown["model"] == "grammar+crf"
    call_command("prescriptions", "evaluate", "own", "--reference", "starter", "--errors")
    assert "line_exact             1.0" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("prescriptions", "evaluate", str(tmp_path / "none.jsonl"))
    with pytest.raises(CommandError):
        call_command("prescriptions", "evaluate", "own", "--model", "grammar+llm", "--reference", "starter")
