"""FHIR Questionnaires in and out, valid in R4, and records as QuestionnaireResponses."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaire import Questionnaire

from ecrf.engine import exchange
from ecrf.engine.exchange import fhir_questionnaire as fhir
from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire import responses
from ecrf.engine.exchange.records import Record
from ecrf.engine.faults import Refused

DATA = Path(__file__).parents[2] / "data"
QUESTIONNAIRE = DATA / "exchange/questionnaire.json"


@pytest.fixture
def found() -> exchange.Read:
    return exchange.read(QUESTIONNAIRE.read_bytes())


def items(read: exchange.Read) -> dict[str, Any]:
    return {
        item.spec.get("source", {}).get("fhir.linkId", key): item.spec for key, item in read.definition.items.items()
    }


def questionnaire(*asked: dict[str, Any], **said: Any) -> bytes:
    return json.dumps(
        {"resourceType": "Questionnaire", "status": "draft", "title": "T", **said, "item": asked}
    ).encode()


def test_types_and_choices(found: exchange.Read) -> None:
    """Questions of every type, value sets, options, units, help and translations find their place."""
    asked = items(found)
    data = found.definition.data
    assert data["title"] == {"en": "PHQ", "fr": "PHQ fr"}
    assert [(page["key"], page.get("repeats", False)) for page in data["pages"]] == [
        ("page_1", False),
        ("page_2", True),
    ]
    assert asked["1.1"]["look"] == "yesno"
    assert (asked["1.2"]["min"], asked["1.2"]["max"]) == (["number", "0"], ["number", "100"])
    assert asked["1.3"]["type"] == "choices"
    assert asked["1.3"]["choices"][0]["attributes"] == {"fhir_code": "a b", "score": "2"}
    assert asked["1.4"]["list"] == "yn_list"
    assert data["lists"]["yn_list"][0]["label"] == {"en": "Yes", "fr": "Oui"}
    assert (asked["1.6"]["unit"], asked["1.6"]["help"]) == ("kg", {"en": "Without shoes"})
    assert asked["1.8"]["default"] == ["text", "Beaucoup"]
    assert asked["s1"]["default"] == ["date", "2020-01-01"]
    assert data["pages"][1]["groups"][1]["repeat"] == {"key": "m2"}


def test_conditions(found: exchange.Read) -> None:
    """enableWhen becomes an expression, as does that of a group in a repeat for each of its questions."""
    asked = items(found)
    assert asked["1.2"]["visible_if"] == ["=", ["var", "x_1_1"], ["text", "1"]]
    assert asked["1.4"]["visible_if"][0] == "or"
    assert asked["m4"]["visible_if"] == ["distinct", ["var", "m3"], ["null"]]


def test_what_is_not_carried_is_told(found: exchange.Read) -> None:
    """What can't be used here is reported at its place."""
    told = [(remark.place, remark.code) for remark in found.remarks]
    assert ("item.0.item.4.answerValueSet", "choices_elsewhere") in told
    assert ("item.0.item.4.type", "open_choice") in told
    assert ("item.0.item.6.calculatedExpression", "formula_kept") in told
    assert ("item.0.item.8.type", "kept_as_text") in told


def test_round_trip(found: exchange.Read) -> None:
    """What is read, written and read again is the same definition, and the file is valid R4."""
    written, losses = fhir.write(found.definition)
    assert losses == []
    Questionnaire.model_validate(json.loads(written))
    assert exchange.read(written).definition.data == found.definition.data


@pytest.mark.parametrize("name", ["household.md", "visit.csv"])
def test_forms_of_any_origin(name: str) -> None:
    """A form of another format is written as a valid questionnaire, and comes back with its questions and logic."""
    content = next(DATA.rglob(name)).read_bytes()
    definition = exchange.read(content, filename=name, title={"en": "Visit"}).definition
    written, losses = fhir.write(definition)
    Questionnaire.model_validate(json.loads(written))
    again = exchange.read(written).definition
    assert [*again.items] == [*definition.items]
    lost = {loss.place for loss in losses}
    for key, item in definition.items.items():
        for name_ in ("visible_if", "calc", "type", "required", "unit", "help"):
            assert again.items[key].spec.get(name_) == item.spec.get(name_) or any(key in one for one in lost), (
                key,
                name_,
            )


def test_expressions_are_fhirpath() -> None:
    """A calculation goes out as FHIRPath with our own words beside it, and comes back from these."""
    asked = "      a: {type: number, label: A}\n      b: {type: number, label: B, calc: a * 2 + 1}\n"
    definition = exchange.read(f"title: T\npages:\n  p:\n    title: P\n    items:\n{asked}".encode()).definition
    written, losses = fhir.write(definition)
    element = json.loads(written)["item"][0]["item"][1]
    expression = known.first(element, known.CALCULATED)
    assert losses == []
    assert expression["language"] == "text/fhirpath"
    assert "linkId='a'" in expression["expression"]
    assert element["readOnly"] is True
    assert exchange.read(written).definition.items["b"].spec["calc"] == definition.items["b"].spec["calc"]


def test_changes_in_groups_go_out(found: exchange.Read) -> None:
    """A title and a condition that were changed here are those of the file; what else the group said stays."""
    data = copy.deepcopy(found.definition.data)
    data["pages"][0]["title"] = {"en": "Other"}
    data["pages"][0]["visible_if"] = ["boolean", False]
    written, _ = fhir.write(exchange.read(json.dumps(data).encode()).definition)
    page = json.loads(written)["item"][0]
    assert (page["text"], page["prefix"]) == ("Other", "A.")
    assert known.first(page, known.ENABLE)["expression"] == "false"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[]", ("file", "not_a_questionnaire")),
        (b"{", ("file", "not_json")),
        (questionnaire(), ("item", "file_empty")),
        (questionnaire({"type": "string"}), ("item.0.linkId", "cell_empty")),
        (questionnaire({"linkId": "a", "type": "string", "item": 3}), ("item.0.item", "wanted_list")),
        (questionnaire({"linkId": "a", "type": "choice", "answerOption": [3]}), ("item.0.answerOption", "wanted_list")),
        (questionnaire({"linkId": "a", "type": "string"}, contained=3), ("file", "not_a_questionnaire")),
    ],
)
def test_broken_questionnaires(content: bytes, expected: tuple[str, str]) -> None:
    """What is no questionnaire is refused at its place."""
    with pytest.raises(Refused) as refused:
        fhir.read(content)
    assert (refused.value.faults[0].place, refused.value.faults[0].code) == expected


def test_depth_is_bounded() -> None:
    """Groups in groups without end are refused."""
    item: dict[str, Any] = {"linkId": "x", "type": "string"}
    for number in range(100):
        item = {"linkId": f"g{number}", "type": "group", "item": [item]}
    with pytest.raises(Refused) as refused:
        fhir.read(questionnaire(item))
    assert refused.value.faults[0].code == "too_deep"


def test_a_link_that_comes_twice() -> None:
    """The second question of a linkId gets another name, and that is told."""
    data, remarks = fhir.read(questionnaire({"linkId": "a", "type": "string"}, {"linkId": "a", "type": "string"}))
    keys = [item["key"] for item in data["pages"][0]["groups"][0]["items"]]
    assert keys == ["a", "a_2"]
    assert [remark.code for remark in remarks] == ["name_again"]


def a_record(found: exchange.Read) -> Record:
    key = {link: spec["key"] for link, spec in items(found).items()}
    return Record(
        subject="BRO-001",
        site="BRO",
        values={
            key["1.1"]: "1",
            key["1.2"]: "12",
            key["1.3"]: ["a_b", "c"],
            key["1.3.1"]: "more",
            key["1.4"]: "Y",
            key["1.6"]: "70.123456789012345678",
            key["1.8"]: "Un_peu",
            key["s1"]: "2020-02-01",
            "m2": [{key["m3"]: "2020-01-01T10:00", key["m4"]: "a\nb"}, {key["m3"]: "2020-01-02T10:00:05"}],
        },
        notes={key["1.5"]: {"status": "nd", "comment": "lost"}},
        pages={page.key: "complete" for page in found.definition.pages},
    )


def test_records_as_responses(found: exchange.Read) -> None:
    """A record is a valid response, and reading it gives the same values, rows, notes and place."""
    record = a_record(found)
    text = "".join(responses.write_data(found.definition, [record]))
    Bundle.model_validate(json.loads(text))
    reading = responses.read_records(text.encode(), found.definition)
    assert reading.faults == []
    read = reading.records[0]
    assert (read.values, read.notes, read.pages) == (record.values, record.notes, record.pages)
    assert (read.subject, read.site, read.instance) == ("BRO-001", "BRO", 1)


def test_wrong_answers_are_named(found: exchange.Read) -> None:
    """Each wrong answer is told at its place; the others are read."""
    answers = [
        {"linkId": "1.2", "answer": [{"valueInteger": 12}]},
        {"linkId": "1.3", "answer": [{"valueCoding": {"code": "zz"}}]},
        {"linkId": "1.4", "answer": [{"valueCoding": {"code": "Y"}}, {"valueCoding": {"code": "N"}}]},
        {"linkId": "s1", "answer": [{"valueDate": "2020-13-01"}]},
        {"linkId": "nobody", "answer": [{"valueString": "x"}]},
        {"linkId": "1.7", "answer": 3},
    ]
    response = {"resourceType": "QuestionnaireResponse", "subject": {"reference": "Patient/7"}, "item": answers}
    reading = responses.read_records(json.dumps(response).encode(), found.definition)
    assert [(fault.place, fault.code) for fault in reading.faults] == [
        ("file.item.1, x_1_3", "unknown_choice"),
        ("file.item.2, x_1_4", "one_answer"),
        ("file.item.3, s1", "not_date"),
        ("file.item.4, nobody", "unknown_variable"),
        ("file.item.5, x_1_7", "wanted_list"),
    ]
    assert reading.records[0].values == {"x_1_2": "12"}
    assert reading.records[0].subject == "7"


def test_no_responses(found: exchange.Read) -> None:
    """A file without responses is refused."""
    with pytest.raises(Refused) as refused:
        responses.read_records(b'{"resourceType": "Patient"}', found.definition)
    assert refused.value.faults[0].code == "no_responses"
