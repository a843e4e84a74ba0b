"""Choices as options, and shared lists as value sets that the questionnaire contains."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.extensions import said
from ecrf.engine.exchange.fhir_questionnaire.options import CODE, KIND, SCORE

if TYPE_CHECKING:
    from ecrf.engine.exchange.fhir_questionnaire.writing import Writer

CHOICE = frozenset({"code", "label", "attributes", "codings", "exclusive"})
OWN = frozenset({CODE, KIND, SCORE})


class Sets:
    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.lists: Mapping[str, list[dict[str, Any]]] = writer.data.get("lists", {})
        source = writer.data.get("source", {})
        self.kept = {key: json.loads(source.get(f"fhir.valueset.{key}", "{}")) for key in self.lists}
        self.ids = {key: self.kept[key].get("id", key.replace("_", "-")[:64]) for key in self.lists}

    def offered(self, place: str, item: Mapping[str, Any]) -> dict[str, Any]:
        if "list" in item:
            return {"answerValueSet": f"#{self.ids[item['list']]}"}
        return {
            "answerOption": [
                self.option(f"{place}.choices.{number}", choice) for number, choice in enumerate(item["choices"])
            ]
        }

    def option(self, place: str, choice: Mapping[str, Any]) -> dict[str, Any]:
        self.lost(place, choice)
        name, value = self.answer(choice)
        made: dict[str, Any] = {name: value}
        extension = []
        if choice.get("exclusive"):
            extension.append({"url": known.EXCLUSIVE, "valueBoolean": True})
        if SCORE in choice.get("attributes", {}):
            extension.append(score(choice["attributes"][SCORE]))
        return {**made, **({"extension": extension} if extension else {})}

    def lost(self, place: str, choice: Mapping[str, Any]) -> None:
        self.writer.losses.properties(place, choice, CHOICE)
        for name in choice.get("attributes", {}):
            if name not in OWN:
                self.writer.losses.add(f"{place}.attributes.{name}", name)

    def answer(self, choice: Mapping[str, Any]) -> tuple[str, Any]:
        """A choice as the value of an answer: its coding, or what it was."""
        attributes = choice.get("attributes", {})
        kind, own = attributes.get(KIND, "valueCoding"), attributes.get(CODE, choice["code"])
        if kind == "valueInteger":
            return kind, int(own)
        if kind == "valueReference":
            return kind, {"reference": own}
        if kind != "valueCoding":
            return kind, own
        coding = {"system": choice["codings"][0]["system"]} if choice.get("codings") else {}
        return kind, {**coding, "code": own, **said("display", choice["label"], self.writer.language)}

    def resources(self) -> list[dict[str, Any]]:
        return [self.resource(key, choices) for key, choices in self.lists.items()]

    def resource(self, key: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        """Concepts of one system after another make one part each, in their order."""
        include: list[dict[str, Any]] = []
        for number, choice in enumerate(choices):
            self.lost(f"lists.{key}.{number}", choice)
            if choice.get("exclusive"):
                self.writer.losses.add(f"lists.{key}.{number}.exclusive", "exclusive")
            system = choice["codings"][0]["system"] if choice.get("codings") else f"urn:ecrf:list:{key}"
            if not include or include[-1]["system"] != system:
                include.append({"system": system, "concept": []})
            own = choice.get("attributes", {}).get(CODE, choice["code"])
            include[-1]["concept"].append({"code": own, **self.words(choice["label"])})
        kept = self.kept[key]
        return {"resourceType": "ValueSet", "status": "draft", "id": self.ids[key], **kept, "compose": {"include": include}}

    def words(self, label: Mapping[str, str]) -> dict[str, Any]:
        language = self.writer.language
        made: dict[str, Any] = {}
        if label.get(language):
            made["display"] = label[language]
        others = [{"language": code, "value": text} for code, text in label.items() if text and code != language]
        return {**made, **({"designation": others} if others else {})}


def score(text: str) -> dict[str, Any]:
    try:
        value: Any = float(text) if "." in text else int(text)
    except ValueError:
        value = 0
    return {"url": known.ORDINAL, "valueDecimal": value}
