"""A form on paper, to be filled in by hand."""

from __future__ import annotations

from typing import Any

from ecrf import engine
from ecrf.engine.paper import blank
from ecrf.engine.paper.conditions import in_words
from ecrf.engine.paper.questions import question
from ecrf.engine.paper.tongue import Tongue, vocabulary
from tests.ecrf.engine.exchange.studies import study
from tests.ecrf.engine.exports.clinical_books import AT
from tests.ecrf.engine.forms import choices, data, item
from tests.ecrf.engine.paper.reading import is_archivable, pages_of, text_of


def tongue(form: dict[str, Any], language: str = "en") -> Tongue:
    return Tongue(engine.load(form), language)


def drawn(spec: dict[str, Any]) -> dict[str, Any]:
    """How one question is drawn."""
    speaking = tongue(data(spec))
    made: dict[str, Any] = question(speaking, speaking.definition.items[spec["key"]])
    return made


def test_a_form_to_fill_in() -> None:
    """Schedule, pages, help, conditions, units, choices and what is missing stand on tagged, archivable pages."""
    definition = engine.load(study())
    made = blank.blank_form(definition, language="en", study="A study", version=7, at=AT)
    text = text_of(made)
    assert is_archivable(made)
    assert f"Page 1 of {pages_of(made)}" in text
    for said in ("Version 7", "day 28 (−3, +3)", "As on the <card> & passport", "Only if “sex” is “choice f”", "kg"):
        assert said in text, said
    for said in ("from 1 kg to 300 kg", "tick all that apply", "I checked it", "-99 Lost", "name *"):
        assert said in text, said
    assert made == blank.blank_form(definition, language="en", study="A study", version=7, at=AT)


def test_in_each_language_of_the_form() -> None:
    """The form's own words and those around them are in the language that was asked for."""
    text = text_of(blank.blank_form(engine.load(study()), language="fr", study="Essai", version=1, at=AT))
    assert "Une étude" in text
    assert "Ce qui est demandé, et quand" in text
    assert {*vocabulary()["fr"]} == {*vocabulary()["en"]}
    form = {**data(item("x", label={"pt-BR": "Pressão"})), "languages": ["pt-BR", "ar"], "title": {"ar": "استمارة"}}
    assert "Pressão" in text_of(blank.blank_form(engine.load(form), language="pt-BR", study="E", version=1, at=AT))
    assert pages_of(blank.blank_form(engine.load(form), language="ar", study="E", version=1, at=AT)) == 1


def test_places_of_answers() -> None:
    """Dates, numbers and short texts have a box per sign, long texts lines, files and signatures an area."""
    assert drawn(item("x", "date", order="dmy"))["answer"]["parts"] == [2, "/", 2, "/", 4]
    assert drawn(item("x", "datetime", order="ymd", seconds=True))["answer"]["parts"][-1] == 2
    assert drawn(item("x", "time"))["answer"]["parts"] == [2, ":", 2]
    weight = drawn(item("x", "decimal", min=["number", "0"], max=["number", "300"], decimals=1, unit="kg"))["answer"]
    assert (weight["parts"], weight["unit"]) == ([3, ",", 1], "kg")
    assert drawn(item("x", "integer", min=["number", "-5"], max=["number", "5"]))["answer"]["parts"] == ["±", 1]
    assert drawn(item("x", "integer"))["answer"]["kind"] == "line"
    assert drawn(item("x", max_length=5))["answer"]["parts"] == [5]
    assert drawn(item("x", look="lines", rows=4))["answer"] == {"kind": "lines", "rows": 4}
    assert drawn(item("x", "file", look="signature"))["answer"]["kind"] == "area"
    assert drawn(item("x", "decimal", calc=["number", "1"]))["answer"]["kind"] == "computed"


def test_choices_and_scales() -> None:
    """One choice has round boxes, several square ones; a long list is printed once, at the end."""
    one = drawn(item("x", "choice", choices=choices("1", "2")))
    assert (one["answer"]["round"], one["answer"]["choices"]) == (True, ["choice 1", "choice 2"])
    retired = [*choices("1"), {**choices("2")[0], "retired": True}]
    assert drawn(item("x", "choices", choices=retired, max_ticked=1))["answer"]["choices"] == ["choice 1"]
    long = data(item("x", "choice", choices=choices(*map(str, range(40)))), item("y", "choice", choices=choices("1")))
    values = blank.values(tongue(long), "S", 1, AT)
    assert [len(one["choices"]) for one in values["lists"]] == [40]
    ends = [{"en": "none"}, {"en": "worst"}]
    scale = drawn(item("x", "integer", look="vas", ends=ends, min=["number", "0"], max=["number", "100"]))["answer"]
    assert scale["ends"] == ["none", "", "worst"]
    assert [tick["at"] for tick in scale["ticks"]] == [0, 1]
    marks = [{"at": "5", "label": {"en": "half"}}, {"at": "20"}]
    assert drawn(item("x", "integer", look="slider", ticks=marks))["answer"]["ticks"] == [{"at": 0.5, "label": "half"}]


def test_matrices_and_rows_are_tables() -> None:
    """Questions that share their choices are lines of a table; what is asked per row has empty rows."""
    shared = [item(key, "choice", choices=choices("0", "1")) for key in "ab"]
    form = data()
    form["pages"][0]["groups"] = [
        {"matrix": "m", "items": shared},
        {"repeat": {"key": "r", "min": 7}, "items": [item("c"), item("d", "decimal", unit="mg")]},
        {"repeat": {"key": "s"}, "items": [item(f"e{number}") for number in range(8)]},
    ]
    matrix, rows, blocks = blank.values(tongue(form), "S", 1, AT)["pages"][0]["groups"]
    assert (matrix["kind"], matrix["heads"], len(matrix["lines"])) == ("matrix", ["choice 0", "choice 1"], 2)
    assert (rows["kind"], rows["empty"]) == ("rows", 7)
    assert rows["heads"][1]["remarks"] == ["mg"]
    assert (blocks["kind"], blocks["repeated"], len(blocks["questions"])) == ("plain", 2, 8)


def test_conditions_in_words() -> None:
    """A condition is said as people say it; what has no words is told as the author wrote it."""
    one = {"choices": choices("1")}
    speaking = tongue(data(item("age", "integer"), item("sex", "choice", **one), item("r", "choices", **one)))
    age, sex = ["var", "age"], ["var", "sex"]

    def said(node: Any) -> str:
        return in_words(speaking, node)

    woman = ["=", sex, ["text", "1"]]
    assert said(["and", woman, [">=", age, ["number", "18"]]]) == "“sex” is “choice 1” and “age” is 18 or more"
    assert said(["<", ["number", "18"], age]) == "“age” is more than 18"
    assert said(["not", ["ticked", "r", "1"]]) == "not (“choice 1” is ticked at “r”)"
    assert said(["distinct", age, ["null"]]) == "“age” is answered"
    assert said(["=", age, ["+", age, ["number", "1"]]]) == "the form’s rule holds: age = age + 1"


def test_texts_are_never_markup() -> None:
    """What looks like Typst, HTML or a half of a sign is printed as it is, and signs without a font don't stop it."""
    form = data(item("x", label={"en": '#panic("no") *a* <b> $x^2$ \\ @y ـ漢'}), title={"en": "#let"})
    text = text_of(blank.blank_form(engine.load(form), language="en", study="=S\ud800", version=1, at=AT))
    assert '#panic("no") *a* <b> $x^2$ \\ @y' in text
