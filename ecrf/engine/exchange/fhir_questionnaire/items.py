"""One question of a questionnaire becomes one item; its conditions wait until all are known."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.answers import literal
from ecrf.engine.exchange.fhir_questionnaire.extensions import codes, dumped, first, texts
from ecrf.engine.exchange.fhir_questionnaire.kinds import KINDS, LOOKS, PLAIN, YES_NO, YES_NO_LABELS
from ecrf.engine.exchange.fhir_questionnaire.options import Options
from ecrf.engine.exchange.fhir_questionnaire.structure import Question
from ecrf.engine.faults import Fault

UNDERSTOOD = frozenset(
    {
        known.MIN, known.MAX, known.DECIMALS, known.REGEX, known.ENTRY, known.HIDDEN, known.CONTROL, known.UNIT,
        known.ORIENTATION, known.STEP, known.MAX_OCCURS, known.CONSTRAINT, known.ENABLE, known.CALCULATED,
        known.INITIAL, known.SIGNATURE, known.NATIVE,
    }
)  # fmt: skip
SEEN = frozenset(
    {
        "linkId", "type", "text", "_text", "required", "repeats", "readOnly", "maxLength", "answerOption",
        "answerValueSet", "initial", "enableWhen", "enableBehavior", "code", "extension", "item",
    }
)  # fmt: skip


class Reading:
    """A question being read: its item, and what there is to say of it."""

    def __init__(self, question: Question, key: str, language: str, options: Options) -> None:
        self.question, self.key, self.language, self.options = question, key, language, options
        self.said = question.said
        self.kind = str(self.said["type"])
        self.remarks: list[Fault] = []
        self.source = {} if key == question.link else {"fhir.linkId": question.link}
        self.item: dict[str, Any] = {"key": key, **copy.deepcopy(KINDS.get(self.kind, {"type": "text"}))}
        self.item["label"] = texts(self.said, "text", language)
        if self.kind not in PLAIN:
            self.source["fhir.type"] = self.kind
        if self.kind not in KINDS:
            self.remark("type", "kept_as_text", type=self.kind[:60])
        self.choices()
        self.controls()
        self.limits()
        self.flags()
        self.helps()
        self.initial()
        self.rest()

    def remark(self, where: str, code: str, /, **params: object) -> None:
        place = f"{self.question.place}.{where}"
        self.remarks.append(Fault(place, code, {"name": self.question.link[:80], **params}))

    def keep(self, what: str, text: str) -> None:
        self.item.setdefault("unconverted", []).append({"what": what, "text": text[:20_000]})

    def choices(self) -> None:
        repeats = bool(self.said.get("repeats"))
        if self.kind == "boolean":
            self.item["choices"] = [
                {"code": code, "label": {self.language: label.get(self.language, label["en"])}}
                for code, label in YES_NO_LABELS.items()
            ]
        elif self.item["type"] == "choice":
            self.options.give(self)
            if repeats and self.item["type"] == "choice":
                self.item["type"] = "choices"
            if self.kind == "open-choice":
                self.remark("type", "open_choice", type=self.kind)
            return
        if repeats and self.kind != "display":
            self.source["fhir.repeats"] = "true"
            self.remark("repeats", "repeats_not_carried")

    def controls(self) -> None:
        for control in codes(first(self.said, known.CONTROL)):
            look, types = LOOKS.get(control, ("", ()))
            if self.item["type"] in types:
                self.item["look"] = look
            elif control != "check-box":
                self.source["fhir.control"] = control
                self.remark("extension", "appearance_kept", name=control[:80])
        if first(self.said, known.ORIENTATION) == "horizontal" and self.item["type"] in ("choice", "choices"):
            self.item.setdefault("look", "buttons")
            if self.item["look"] == "radio":
                self.item["look"] = "buttons"
        unit = first(self.said, known.UNIT)
        if isinstance(unit, Mapping) and self.item["type"] in ("integer", "decimal"):
            self.item["unit"] = str(unit.get("display") or unit.get("code") or "")[:40]
            if unit.keys() - {"display"}:
                self.source["fhir.unit"] = dumped(unit)
        if self.kind == "attachment" and first(self.said, known.SIGNATURE) is not None:
            self.item["look"] = "signature"

    def limits(self) -> None:
        kind = self.item["type"]
        for name, url in (("min", known.MIN), ("max", known.MAX)):
            value = first(self.said, url)
            if value is None:
                continue
            node = literal(kind, value) if kind not in ("text", "choice") else None
            if node is None:
                self.remark("extension", "limit_not_carried")
                self.source[f"fhir.{name}"] = dumped(value)
            else:
                self.item |= {name: node, "range": "block"}
        decimals = first(self.said, known.DECIMALS)
        if isinstance(decimals, int) and 1 <= decimals <= 12 and kind == "decimal":
            self.item["decimals"] = decimals
        if isinstance(self.said.get("maxLength"), int) and kind == "text":
            self.item["max_length"] = max(1, min(self.said["maxLength"], 100_000))
        pattern = first(self.said, known.REGEX)
        if isinstance(pattern, str) and kind == "text" and len(pattern) <= 300:
            self.item["pattern"] = pattern
        most = first(self.said, known.MAX_OCCURS)
        if isinstance(most, int) and most > 0 and kind == "choices":
            self.item["max_ticked"] = most
        if first(self.said, known.STEP) is not None:
            self.source["fhir.step"] = dumped(first(self.said, known.STEP))
            self.remark("extension", "step_not_carried", step=str(first(self.said, known.STEP))[:20])

    def flags(self) -> None:
        for name, flag in (("required", "required"), ("readOnly", "readonly")):
            if self.said.get(name) is True and self.item["type"] != "output":
                self.item[flag] = True
        if first(self.said, known.HIDDEN) is True:
            self.item["hidden"] = True

    def helps(self) -> None:
        words: dict[str, list[str]] = {}
        for one in self.question.help:
            for code, text in texts(one, "text", self.language).items():
                words.setdefault(code, []).append(text)
        if words:
            self.item["help"] = {code: "\n".join(parts) for code, parts in words.items()}
            links = [str(one["linkId"]) for one in self.question.help]
            if links != [f"{self.question.link}_help"]:
                self.source["fhir.help"] = dumped(links)
        entry = first(self.said, known.ENTRY)
        if isinstance(entry, str) and entry:
            self.item["placeholder"] = {self.language: entry}

    def initial(self) -> None:
        given = self.said.get("initial", [])
        value = known.value_of(given[0]) if given else self.options.selected(self)
        if value is None:
            return
        kind = self.item["type"]
        node: list[Any] | None = None
        if self.kind == "boolean" and isinstance(value, bool):
            node = ["text", YES_NO[str(value).lower()]]
        elif kind == "choice":
            code = self.options.code_of(self.item, value)
            node = ["text", code] if code else None
        elif kind not in ("choices", "file", "output"):
            node = literal(kind, value)
        if node is None or len(given) > 1:
            self.source["fhir.initial"] = dumped(given)
            self.remark("initial", "default_not_carried")
        else:
            self.item["default"] = node

    def rest(self) -> None:
        """What has no place of its own here is kept as it was."""
        if codings := [coding for coding in map(coded, self.said.get("code", ())) if coding]:
            self.item["codings"] = codings
        for name, value in self.said.items():
            if name not in SEEN:
                self.source[f"fhir.property.{name}"[:200]] = dumped(value)
                self.remark(name, "column_kept", name=name[:60])
        others = [one for one in self.said.get("extension", ()) if one.get("url") not in UNDERSTOOD]
        if others:
            self.source["fhir.extensions"] = dumped(others)
            for one in others:
                self.remark("extension", "column_kept", name=str(one.get("url"))[-80:])
        if self.question.under:
            self.source["fhir.under"] = self.question.under


def coded(coding: Any) -> dict[str, str]:
    """A concept, if it says its system and code."""
    if not isinstance(coding, Mapping) or not coding.get("system") or not coding.get("code"):
        return {}
    return {name: str(coding[name]) for name in ("system", "code", "display") if coding.get(name)}


