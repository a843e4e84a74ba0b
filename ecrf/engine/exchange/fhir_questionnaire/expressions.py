"""Expressions of FHIR: kept as they are, and read where our own words stand beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.extensions import complex_found, dumped, first
from ecrf.engine.exchange.fhir_questionnaire.items import Reading
from ecrf.engine.exchange.names import key_of
from ecrf.engine.exchange.native.formulas import parsed
from ecrf.engine.expressions import check
from ecrf.engine.faults import Fault
from ecrf.engine.values import EXPRESSION_TYPES

SEVERITIES = {"error": "block", "warning": "warn"}
COMPUTED = (("calc", known.CALCULATED, "calculatedExpression"), ("default", known.INITIAL, "initialExpression"))


class Formulas:
    def __init__(self, readings: Sequence[Reading], lists: Mapping[str, list[dict[str, Any]]]) -> None:
        items = [reading.item for reading in readings]
        self.types = {
            item["key"]: EXPRESSION_TYPES[item["type"]] for item in items if item["type"] in EXPRESSION_TYPES
        }
        self.codes = {
            item["key"]: frozenset(
                choice["code"] for choice in item.get("choices") or lists.get(item.get("list", ""), ())
            )
            for item in items
        }

    def native(self, text: str, wanted: str) -> Any:
        """The expression that our own words say, if it is sound here and of the wanted type."""
        node = parsed(text)
        if node is None:
            return None
        kind, problems = check(node, self.types, self.codes)
        return node if not problems and kind in (wanted, "null") else None

    def tree(self, said: Any, wanted: str, place: str) -> tuple[Any, list[Fault]]:
        """That of an Expression; None, and a remark, where it has no words of ours."""
        native = first(said, known.NATIVE) if isinstance(said, Mapping) else None
        if isinstance(native, str) and (node := self.native(native, wanted)) is not None:
            return node, []
        text = str(said.get("expression", "")) if isinstance(said, Mapping) else ""
        return None, [Fault(place, "formula_kept", {"text": text[:200]})]

    def settle(self, reading: Reading) -> None:
        """The calculation, the default and the constraints of a question."""
        kind = self.types.get(reading.key, "text")
        for name, url, called in COMPUTED:
            said = first(reading.said, url)
            if said is None:
                continue
            node, remarks = self.tree(said, kind, f"{reading.question.place}.{called}")
            if node is not None and reading.item["type"] not in ("choices", "file", "output"):
                reading.item[name] = node
                if name == "calc":  # nobody types into what is computed: it needn't be said
                    reading.item.pop("readonly", None)
                continue
            reading.source[f"fhir.{called}"] = dumped(said)
            reading.remarks += remarks or [Fault(f"{reading.question.place}.{called}", "formula_kept", {"text": ""})]
        self.limits(reading, kind)
        left = []
        for number, one in enumerate(complex_found(reading.said, known.CONSTRAINT)):
            node, remarks = self.tree(expression_of(one), "boolean", f"{reading.question.place}.constraint.{number}")
            if node is None:
                reading.remarks += remarks
                left.append(one)
                continue
            check_ = {
                "key": key_of(str(first(one, "key") or f"check_{number + 1}"), "check"),
                "holds": node,
                "severity": SEVERITIES.get(str(first(one, "severity")), "block"),
                "message": known.texts(human_of(one), "valueString", reading.language),
            }
            if known.property_of(one, "severity") == "query":
                check_["severity"] = "query"
            if known.property_of(one, "when"):
                check_["when"] = known.property_of(one, "when")
            reading.item.setdefault("checks", []).append(check_)
        if left:
            reading.source["fhir.constraints"] = dumped(left)

    def limits(self, reading: Reading, kind: str) -> None:
        """What has no exact word in FHIR, and stands in ours."""
        for name in ("min", "max", "required_if", "readonly_if", "choice_filter"):
            text = known.property_of(reading.said, name)
            if text and (node := self.native(text, kind if name in ("min", "max") else "boolean")) is not None:
                reading.item[name] = node
                if name in ("min", "max"):
                    reading.item.setdefault("range", "block")
        if known.property_of(reading.said, "range") == "warn":
            reading.item["range"] = "warn"


def expression_of(one: Mapping[str, Any]) -> Any:
    """The expression of a constraint, which is a text; ours stands beside it."""
    said = next((part for part in one.get("extension", ()) if part.get("url") == "expression"), {})
    return {"expression": said.get("valueString", ""), "extension": (said.get("_valueString") or {}).get("extension", [])}


def human_of(one: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next((part for part in one.get("extension", ()) if part.get("url") == "human"), {})
    return found
