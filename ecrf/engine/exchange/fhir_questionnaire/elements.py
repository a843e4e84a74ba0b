"""An item as an element of a questionnaire."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.extensions import said
from ecrf.engine.exchange.fhir_questionnaire.kinds import CONTROLS, VALUES, WRITTEN
from ecrf.engine.exchange.fhir_questionnaire.phrases import is_boolean, plain
from ecrf.engine.exchange.native.formulas import text_of

if TYPE_CHECKING:
    from ecrf.engine.exchange.fhir_questionnaire.writing import Writer

ITEM = frozenset(
    {
        "key", "type", "look", "label", "help", "unit", "choices", "list", "choice_filter", "decimals", "max_length",
        "max_ticked", "min", "max", "range", "pattern", "required", "required_if", "readonly", "readonly_if", "hidden",
        "placeholder", "codings", "default", "calc", "visible_if", "checks", "source", "seconds", "order",
    }
)  # fmt: skip
SEVERITIES = {"block": "error", "warn": "warning", "query": "warning"}
LOOKS = frozenset({"lines", "slider", "vas", "radio", "buttons", "list", "search", "yesno", "signature", "image"})


class Element:
    def __init__(
        self, writer: Writer, place: str, item: Mapping[str, Any], within: Sequence[Mapping[str, Any]]
    ) -> None:
        self.writer, self.place, self.item, self.within = writer, place, item, within
        self.source: Mapping[str, str] = item.get("source", {})
        self.extension: list[dict[str, Any]] = []
        self.made: dict[str, Any] = {}

    def result(self) -> dict[str, Any]:
        item, made = self.item, self.made
        self.writer.losses.properties(self.place, item, ITEM)
        if item.get("look") and item["look"] not in LOOKS:
            self.lose("look")
        made["linkId"] = self.writer.links[item["key"]]
        made |= {"code": item["codings"]} if item.get("codings") else {}
        made |= said("text", item["label"], self.writer.language)
        made["type"] = self.kind()
        self.condition()
        self.flags()
        self.choices()
        self.controls()
        self.limits()
        self.default()
        self.formulas()
        self.kept()
        if self.extension:
            made["extension"] = self.extension
        if item.get("help"):
            made["item"] = self.helps()
        return made

    def lose(self, name: str) -> None:
        self.writer.losses.add(f"{self.place}.{name}", name)

    def extend(self, url: str, kind: str, value: Any) -> None:
        self.extension.append({"url": url, kind: value})

    def kind(self) -> str:
        item = self.item
        if "fhir.type" in self.source:
            return self.source["fhir.type"]
        if is_boolean(item):
            return "boolean"
        if item["type"] == "text" and item.get("look") == "lines":
            return "text"
        if item["type"] == "decimal" and item.get("unit") and "fhir.unit" in self.source:
            return WRITTEN["decimal"]
        return WRITTEN[item["type"]]

    def condition(self) -> None:
        node = self.item.get("visible_if")
        if node and self.within:
            around = self.writer.phrases.joined(self.within)
            if node == around:
                node = None
            elif node[0] == "and" and len(node) == 3 and node[1] == around:
                node = node[2]
        if node:
            found = self.writer.phrases.condition(node, f"{self.place}.visible_if")
            self.extension += found.pop("extension", [])
            self.made |= found

    def flags(self) -> None:
        item = self.item
        if item["type"] == "output":
            return
        if item.get("required"):
            self.made["required"] = True
        if item["type"] == "choices" or "fhir.repeats" in self.source:
            self.made["repeats"] = True
        if item.get("readonly") or "calc" in item:
            self.made["readOnly"] = True
        if "max_length" in item:
            self.made["maxLength"] = item["max_length"]

    def choices(self) -> None:
        if self.item["type"] in ("choice", "choices") and self.made["type"] != "boolean":
            self.made |= self.writer.sets.offered(self.place, self.item)

    def controls(self) -> None:
        item, look = self.item, self.item.get("look", "")
        if item.get("hidden"):
            self.extend(known.HIDDEN, "valueBoolean", True)
        control = self.source.get("fhir.control") or CONTROLS.get(look)
        if control:
            self.extend(known.CONTROL, "valueCodeableConcept", known.control(control))
        if look == "buttons":
            self.extend(known.ORIENTATION, "valueCode", "horizontal")
        if look == "signature":
            concept = {"coding": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}]}
            self.extend(known.SIGNATURE, "valueCodeableConcept", concept)
        if item.get("unit"):
            unit = json.loads(self.source.get("fhir.unit", "{}"))
            if (unit.get("display") or unit.get("code")) != item["unit"]:
                unit = {"display": item["unit"]}
            self.extend(known.UNIT, "valueCoding", unit)
        if text := item.get("placeholder", {}).get(self.writer.language):
            self.extend(known.ENTRY, "valueString", text)
            if len(item["placeholder"]) > 1:
                self.lose("placeholder")

    def limits(self) -> None:
        item, kind = self.item, self.item["type"]
        for name, url in (("min", known.MIN), ("max", known.MAX)):
            node = item.get(name)
            if node and isinstance(node[1:2] and node[1], str) and kind in VALUES and node[0] != "var":
                self.extend(url, VALUES[kind], plain(kind, node[1]))
            elif node:
                self.own(name, node)
            elif text := self.source.get(f"fhir.{name}"):
                value = json.loads(text)
                self.extend(url, "valueInteger" if isinstance(value, int) else "valueDecimal", value)
        if item.get("range") == "warn":
            self.extension.append(known.native("range", "warn"))
            self.lose("range")
        if "decimals" in item:
            self.extend(known.DECIMALS, "valueInteger", item["decimals"])
        if "pattern" in item:
            self.extend(known.REGEX, "valueString", item["pattern"])
        if "max_ticked" in item:
            self.extend(known.MAX_OCCURS, "valueInteger", item["max_ticked"])
        if text := self.source.get("fhir.step"):
            self.extend(known.STEP, "valueInteger", json.loads(text))

    def own(self, name: str, node: Any) -> None:
        """What FHIR has no word for: said in ours, and told as lost for everybody else."""
        if text := text_of(node):
            self.extension.append(known.native(name, text))
        self.lose(name)

    def default(self) -> None:
        node, kind = self.item.get("default"), self.item["type"]
        if text := self.source.get("fhir.initial"):
            self.made["initial"] = json.loads(text)
        if not node:
            return
        answer = None
        if kind == "choice":
            answer = self.writer.phrases.answer_of(self.item, node) if node[0] == "text" else None
        elif kind in VALUES and node[0] in (kind, "number", "text") and isinstance(node[1], str):
            answer = (VALUES[kind], plain(kind, node[1]))
        if answer:
            name = answer[0].replace("answer", "value")
            self.made["initial"] = [{name: answer[1]}]
        elif expression := self.writer.phrases.expression(node, f"{self.place}.default"):
            self.extend(known.INITIAL, "valueExpression", expression)

    def formulas(self) -> None:
        item = self.item
        if "calc" in item:
            expression = self.writer.phrases.expression(item["calc"], f"{self.place}.calc")
            if expression:
                self.extend(known.CALCULATED, "valueExpression", expression)
        for name in ("required_if", "readonly_if", "choice_filter"):
            if name in item:
                self.own(name, item[name])
        for number, check in enumerate(item.get("checks", ())):
            self.check(f"{self.place}.checks.{number}", check)

    def check(self, place: str, check: Mapping[str, Any]) -> None:
        expression = self.writer.phrases.expression(check["holds"], f"{place}.holds")
        if expression is None:
            return
        text: dict[str, Any] = {"url": "expression", "valueString": expression["expression"]}
        if "extension" in expression:
            text["_valueString"] = {"extension": expression["extension"]}
        human = said("valueString", check["message"], self.writer.language)
        parts = [
            {"url": "key", "valueId": check["key"].replace("_", "-")[:64]},
            {"url": "severity", "valueCode": SEVERITIES[check["severity"]]},
            text,
            {"url": "human", **(human or {"valueString": check["key"]})},
        ]
        if check["severity"] == "query":
            parts.append(known.native("severity", "query"))
            self.writer.losses.add(f"{place}.severity", "severity")
        if "when" in check:
            parts.append(known.native("when", check["when"]))
        self.extension.append({"url": known.CONSTRAINT, "extension": parts})

    def kept(self) -> None:
        """What the questionnaire said and the definition has no word for."""
        for name, value in self.source.items():
            if name.startswith("fhir.property."):
                self.made[name.removeprefix("fhir.property.")] = json.loads(value)
        self.extension += json.loads(self.source.get("fhir.extensions", "[]"))
        self.extension += [
            {"url": known.CONSTRAINT, **{name: value for name, value in one.items() if name != "url"}}
            for one in json.loads(self.source.get("fhir.constraints", "[]"))
        ]
        for name, url in (("calculatedExpression", known.CALCULATED), ("initialExpression", known.INITIAL), ("enableWhenExpression", known.ENABLE)):
            if text := self.source.get(f"fhir.{name}"):
                self.extend(url, "valueExpression", json.loads(text))
        if "visible_if" not in self.item and (text := self.source.get("fhir.enableWhen")):
            self.made |= json.loads(text)
        if "fhir.answerValueSet" in self.source:
            self.made["answerValueSet"] = self.source["fhir.answerValueSet"]

    def helps(self) -> list[dict[str, Any]]:
        links = json.loads(self.source.get("fhir.help", "[]")) or [f"{self.made['linkId']}_help"]
        help_: Mapping[str, str] = self.item["help"]
        control = {"extension": [{"url": known.CONTROL, "valueCodeableConcept": known.control("help")}]}
        if len(links) == 1:
            texts = [help_]
        else:
            parts = {code: text.split("\n", len(links) - 1) for code, text in help_.items()}
            texts = [{code: part[n] for code, part in parts.items() if n < len(part)} for n in range(len(links))]
        return [
            {"linkId": link, **said("text", text, self.writer.language), "type": "display", **control}
            for link, text in zip(links, texts, strict=True)
        ]
