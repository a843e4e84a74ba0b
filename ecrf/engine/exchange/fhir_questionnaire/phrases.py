"""Conditions and calculations in FHIR's words, with our own beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.enabling import Unsaid, condition, enable_when
from ecrf.engine.exchange.fhir_questionnaire.kinds import VALUES
from ecrf.engine.exchange.fhir_questionnaire.options import Options
from ecrf.engine.exchange.native.formulas import parsed, text_of
from ecrf.engine.expressions import as_fhirpath

if TYPE_CHECKING:
    from ecrf.engine.exchange.fhir_questionnaire.writing import Writer


class Phrases:
    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        data = writer.data
        specs = [item for page in data["pages"] for group in page["groups"] for item in group["items"]]
        self.items = {item["key"]: item for item in specs}
        self.by_link = {writer.links[key]: item for key, item in self.items.items()}
        self.written = {key: {**item, "linkId": writer.links[key]} for key, item in self.items.items()}
        self.options = Options({}, writer.language)
        self.options.lists = dict(data.get("lists", {}))

    def joined(self, nodes: Sequence[Mapping[str, Any]]) -> Any:
        """The conditions that groups of a questionnaire have together, as reading them gives."""
        parts = []
        for node in nodes:
            native = known.property_of(node, "visible_if")
            try:
                found = parsed(native) if native else condition(node, self.by_link, self.options)
            except Unsaid:
                continue
            expression = known.first(node, known.ENABLE)
            if found is None and expression:
                found = parsed(str(known.first(expression, known.NATIVE) or ""))
            if found:
                parts.append(found)
        return parts[0] if len(parts) == 1 else ["and", *parts] if parts else None

    def condition(self, node: Any, place: str) -> dict[str, Any]:
        """An expression as ``enableWhen``, or as an expression of Structured Data Capture."""
        said = enable_when(node, self.written, self.answer_of)
        if said is not None:
            try:
                same = condition(said, self.by_link, self.options) == node
            except Unsaid:
                return self.expressed(node, place)
            native = None if same else text_of(node)
            return {**said, **({"extension": [known.native("visible_if", native)]} if native else {})}
        return self.expressed(node, place)

    def expressed(self, node: Any, place: str) -> dict[str, Any]:
        expression = self.expression(node, place)
        return {"extension": [{"url": known.ENABLE, "valueExpression": expression}]} if expression else {}

    def answer_of(self, item: Mapping[str, Any], value: Any) -> tuple[str, Any] | None:
        """The value that a question is compared with, as an answer."""
        kind, text = value[0], value[1]
        if not isinstance(text, str):
            return None
        if item["type"] in ("choice", "choices"):
            if kind != "text":
                return None
            if item.get("source", {}).get("fhir.type", "boolean" if is_boolean(item) else "") == "boolean":
                return "answerBoolean", text == "1"
            choices = item.get("choices") or self.options.lists.get(item.get("list", ""), [])
            choice = next((each for each in choices if each["code"] == text), None)
            if choice is None:
                return None
            name, found = self.writer.sets.answer(choice)
            bare = {part: found[part] for part in ("system", "code") if part in found} if name == "valueCoding" else found
            return name.replace("value", "answer"), bare
        name = VALUES.get(item["type"], "")
        if not name or kind not in ("number", "text", "date", "datetime", "time"):
            return None
        return name.replace("value", "answer"), plain(item["type"], text)

    def expression(self, node: Any, place: str) -> dict[str, Any] | None:
        """An Expression of FHIRPath with our own words beside it; a loss where neither can say it."""
        native = text_of(node)
        path = None
        try:
            path = as_fhirpath.write(node, names=self.writer.links)
        except as_fhirpath.Unsayable as unsayable:
            self.writer.losses.add(place, place.rpartition(".")[2], operator=unsayable.what)
        if path is None and native is None:
            return None
        own = {"extension": [{"url": known.NATIVE, "valueString": native}]} if native else {}
        return {**own, "language": "text/fhirpath", "expression": path or "{}"}


def is_boolean(item: Mapping[str, Any]) -> bool:
    """Whether a choice is FHIR's yes or no."""
    codes = [choice["code"] for choice in item.get("choices", ())]
    return item.get("look") == "yesno" and codes == ["1", "0"]


def plain(kind: str, text: str) -> Any:
    """A literal as JSON says it."""
    if kind == "integer":
        return int(text)
    if kind == "decimal":
        return float(text) if "." in text else int(text)
    if kind == "datetime" and len(text) == len("2020-01-01T10:00"):
        return f"{text}:00Z"
    if kind == "time" and len(text) == len("10:00"):
        return f"{text}:00"
    return f"{text}Z" if kind == "datetime" and not text.endswith("Z") else text
