"""Stored values as answers of a response, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.answers import moment, number
from ecrf.engine.exchange.fhir_questionnaire.extensions import value_of
from ecrf.engine.exchange.fhir_questionnaire.kinds import VALUES, YES_NO
from ecrf.engine.exchange.fhir_questionnaire.phrases import plain
from ecrf.engine.items import Item
from ecrf.engine.values import Unreadable

if TYPE_CHECKING:
    from ecrf.engine.exchange.fhir_questionnaire.writing import Writer

NAMES = {"url": "valueUri"}


class Answers:
    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    def write(self, item: Item, asked: Mapping[str, Any], value: Any) -> list[dict[str, Any]]:
        if value in (None, "", []):
            return []
        if item.codes:
            return [self.chosen(item, asked, code) for code in (value if isinstance(value, list) else [value])]
        if item.kind == "file":
            return [{"valueAttachment": {"title": str(value)}}]
        if asked["type"] == "quantity":
            unit = known.first(asked, known.UNIT) or {}
            said = {"unit": unit.get("display") or unit.get("code"), "system": unit.get("system"), "code": unit.get("code")}
            quantity = {"value": plain("decimal", value), **{part: text for part, text in said.items() if text}}
            if number(quantity["value"]) != value:
                quantity["extension"] = [{"url": known.NATIVE, "valueString": value}]
            return [{"valueQuantity": quantity}]
        name = NAMES.get(asked["type"], VALUES.get(item.kind, "valueString"))
        made: dict[str, Any] = {name: plain(item.kind, value)}
        if item.kind == "decimal" and number(made[name]) != value:  # more digits than a number of JSON keeps
            made[f"_{name}"] = {"extension": [{"url": known.NATIVE, "valueString": value}]}
        return [made]

    def chosen(self, item: Item, asked: Mapping[str, Any], code: str) -> dict[str, Any]:
        if asked["type"] == "boolean":
            return {"valueBoolean": code == "1"}
        choice = item.codes.get(code)
        if choice is None:
            return {"valueString": code}
        name, value = self.writer.sets.answer(choice)
        return {name: value}

    def read(self, item: Item, answers: Sequence[Mapping[str, Any]]) -> Any:
        """What was answered, to be read as a value of the item. Raises Unreadable."""
        if item.codes:
            codes = [self.code(item, value_of(answer)) for answer in answers]
            return codes if item.kind == "choices" else one(codes)
        answer = one(answers)
        exact = next((known.first(part, known.NATIVE) for name, part in answer.items() if name.startswith("_value")), None)
        value = value_of(answer)
        if exact is None and isinstance(value, Mapping):
            exact = known.first(value, known.NATIVE)
        if item.kind in ("integer", "decimal"):
            text = number(value.get("value") if isinstance(value, Mapping) else value)
            return exact or (text if text is not None else str(value))
        if item.kind in ("date", "datetime", "time"):
            return moment(item.kind, value) or str(value)
        if isinstance(value, Mapping):
            return str(value.get("title") or value.get("reference") or value.get("display") or "")
        return value if isinstance(value, str) else str(value)

    def code(self, item: Item, value: Any) -> str:
        if isinstance(value, bool):
            return YES_NO[str(value).lower()]
        code = self.writer.phrases.options.code_of(item.spec, value)
        if not code:
            shown = value.get("code") or value.get("display") if isinstance(value, Mapping) else value
            raise Unreadable("unknown_choice", choice=str(shown)[:80])
        return code


def one(answers: Sequence[Any]) -> Any:
    if len(answers) > 1:
        raise Unreadable("one_answer")
    return answers[0]
