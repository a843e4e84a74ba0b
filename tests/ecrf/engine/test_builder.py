"""What the builder does to a form in the browser: formulas written, conditions as rows, keys, moves, insertions."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ecrf.engine import load
from ecrf.engine.expressions.native import write_native
from ecrf.engine.library import begun, instruments

HERE = Path(__file__).parent
VECTORS = json.loads((HERE.parents[2] / "ecrf/engine/vectors/expressions.json").read_text())
EXPRESSIONS = [vector["expression"] for vector in VECTORS["vectors"]]
TYPES = {"sex": "choice", "signs": "choices", "age": "integer", "day": "date", "name": "text"}
SAID = [
    ["=", ["var", "sex"], ["text", "1"]],
    ["<>", ["var", "sex"], ["text", "1"]],
    [">=", ["var", "age"], ["number", "18"]],
    ["<", ["var", "day"], ["date", "2026-01-05"]],
    ["ticked", "signs", "2"],
    ["not", ["ticked", "signs", "2"]],
    ["=", ["count", "signs"], ["number", "0"]],
    ["same", ["var", "age"], ["null"]],
    ["distinct", ["var", "name"], ["null"]],
    ["contains", ["var", "name"], ["text", "x"]],
    [
        "and",
        ["=", ["var", "sex"], ["text", "1"]],
        ["or", ["ticked", "signs", "1"], [">", ["var", "age"], ["number", "70"]]],
    ],
]
UNSAID = [
    ["<", ["var", "age"], ["var", "age"]],
    ["distinct", ["var", "sex"], ["text", "1"]],
    ["not", ["=", ["var", "sex"], ["text", "1"]]],
    ["=", ["+", ["var", "age"], ["number", "1"]], ["number", "2"]],
    [
        "and",
        ["or", ["and", ["ticked", "signs", "1"], ["ticked", "signs", "2"]], ["ticked", "signs", "1"]],
        ["ticked", "signs", "2"],
    ],
]


def vitals() -> dict[str, Any]:
    """A form of the vital signs, whose items read each other."""
    return {
        "format": 1,
        "title": {"en": "x"},
        "languages": ["en", "fr"],
        "pages": instruments()["vital_signs"]["pages"],
    }


@pytest.fixture(scope="module")
def made() -> Any:
    """What node makes of everything, asked once."""
    node = shutil.which("node")
    assert node, "node is missing: install Node 20 or newer"
    asked = {
        "expressions": EXPRESSIONS,
        "conditions": [*SAID, *UNSAID],
        "types": TYPES,
        "labels": ["Date de visite", "Œdème ?", "2e dose", "***", "a" * 80],
        "definition": vitals(),
        "renamed": {"path": ["pages", 0, "groups", 2, "items", 0], "key": "mass"},
        "moved": {
            "paths": [["pages", 0, "groups", 0, "items", 0], ["pages", 0, "groups", 0, "items", 1]],
            "list": ["pages", 0, "groups", 1, "items"],
            "place": 1,
        },
    }
    done = subprocess.run(
        [node, "--disable-warning=ExperimentalWarning", str(HERE / "builder.mjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_both_sides_write_the_same_formulas(made: Any) -> None:
    """The browser writes every vector as the server does."""
    assert len(EXPRESSIONS) > 100
    assert made["texts"] == [write_native(expression) for expression in EXPRESSIONS]


def test_conditions_as_rows_say_the_same(made: Any) -> None:
    """A condition that rows can say comes back as it was; one that they can't is left to text, never bent."""
    assert made["again"][: len(SAID)] == SAID
    assert made["again"][len(SAID) :] == [None] * len(UNSAID)


def test_keys_from_labels(made: Any) -> None:
    """A key is its label in small letters, without accents; it begins with a letter and stays short."""
    assert made["slugs"] == ["date_de_visite", "oedeme", "q_2e_dose", "", "a" * 40]


def test_another_key_is_read_everywhere(made: Any) -> None:
    """Whatever reads an item reads it under its new key: the form stays sound."""
    assert "mass" in json.dumps(load(made["renamed"]).items["bmi"].spec["calc"])


def test_inserted_twice_nothing_clashes(made: Any) -> None:
    """Pages inserted into a form that has them already get keys of their own, and read each other."""
    assert made["inserted"]["changed"] == 11
    assert len(set(made["inserted"]["keys"])) == 22
    assert '["var", "weight_2"]' in json.dumps(load(made["inserted"]["data"]).items["bmi_2"].spec["calc"])


def test_moved_together(made: Any) -> None:
    """Items move together and keep their order; the nameless section that they leave empty goes."""
    assert made["moved"]["keys"][:3] == ["sbp", "vs_at", "vs_position"]
    assert made["moved"]["paths"] == [["pages", 0, "groups", 0, "items", 1], ["pages", 0, "groups", 0, "items", 2]]
    assert made["moved"]["first"] == 2


def test_templates_speak_the_languages_asked_for() -> None:
    """A template has its texts in the languages that were asked for; one that it doesn't speak gets the English."""
    data = begun("registry", {"de": "Register"}, ["de"])
    assert data is not None
    assert data["pages"][0]["title"] == {"de": "Inclusion"}
    assert begun("no-such", {}, ["fr"]) is None
