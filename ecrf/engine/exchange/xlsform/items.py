"""One question of a workbook becomes one item; its formulas wait until all names are known."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.exchange.names import code_of
from ecrf.engine.exchange.xlsform.kinds import APPEARANCES, CLOCK, FILLED_IN, FITTING, KINDS
from ecrf.engine.exchange.xlsform.languages import Languages, cleaned
from ecrf.engine.exchange.xlsform.structure import Question, dumped
from ecrf.engine.exchange.xlsform.workbook import Workbook
from ecrf.engine.faults import Fault

YES = frozenset({"yes", "true", "true()", "1"})
NO = frozenset({"no", "false", "false()", "0", ""})
COLUMNS = re.compile(r"(?:w\d+|columns(?:-pack|-\d+)?)")
COUNT = re.compile(r"columns-(\d{1,2})")
PARSED = {"date": moments.parse_date, "time": moments.parse_time, "datetime": moments.parse_datetime}
CALLS = re.compile(r"\$\{|[A-Za-z_-]\(|^'.{0,1000}'$")


class Reading:
    """A question being read: its item, what is said of it, and the formulas that it still owes."""

    def __init__(self, question: Question, key: str, book: Workbook, languages: Languages) -> None:
        self.question, self.key, self.book, self.languages = question, key, book, languages
        self.said, self.name = question.said, question.name
        self.kind = str(self.said.get("type", "text"))
        self.remarks: list[Fault] = []
        self.source: dict[str, str] = {} if key == self.name else {"xlsform.name": self.name}
        self.item: dict[str, Any] = {"key": key, "type": "text", "label": {}}
        self.formulas: list[tuple[str, str, str]] = []
        """(property of the item, column, text)"""
        self.bind: Mapping[str, Any] = self.said.get("bind", {})
        self.typed()
        self.appearance()
        self.texts()
        self.bounds()
        self.conditions()
        self.default()
        self.rest()
        if self.source:
            self.item["source"] = self.source

    def remark(self, column: str, code: str, /, **params: object) -> None:
        self.remarks.append(self.book.fault(self.name, column, code, **params))

    def keep(self, what: str, text: str) -> None:
        self.item.setdefault("unconverted", []).append({"what": what, "text": text[:20_000]})

    def typed(self) -> None:
        if self.kind in FILLED_IN:
            self.item |= {"type": CLOCK.get(self.kind, "text"), "hidden": True}
            if self.kind in CLOCK:
                self.item["default"] = ["now"] if CLOCK[self.kind] == "datetime" else ["today"]
            else:
                self.item["readonly"] = True
                self.remark("type", "device_fills_in", type=self.kind)
        elif self.kind in KINDS:
            self.item |= copy.deepcopy(KINDS[self.kind])
        else:
            self.remark("type", "kept_as_text", type=self.kind[:60])
        if self.kind in ("acknowledge", "trigger"):
            self.item["choices"] = [{"code": "OK", "label": dict.fromkeys(self.languages.order[:1], "OK")}]
        elif self.item["type"] in ("choice", "choices"):
            self.list()
        if self.kind in ("calculate", "hidden"):
            self.item["hidden"] = True
        if self.kind == "range":
            self.slider()

    def list(self) -> None:
        name = str(self.said.get("itemset", self.said.get("list_name", "")))
        if name in self.book.survey.get("choices", {}):
            self.item["list"] = name
            if text := str(self.said.get("choice_filter", "")):
                self.formulas.append(("choice_filter", "choice_filter", text))
            return
        self.item.pop("look", None)
        several = "multiple" if self.item["type"] == "choices" else "one"
        self.item["type"] = "text"
        self.source |= {"xlsform.choices": name[:400], "xlsform.type": f"select_{several}_from_file"}
        self.remark("type", "choices_elsewhere", list=name[:80])

    def slider(self) -> None:
        said = {**self.said.get("control", {}), **parameters(self.said)}
        steps = [numbers.parse(str(said.get(name, default))) for name, default in RANGE]
        if None in steps:
            self.remark("parameters", "parameter_not_carried", name=dumped(dict(parameters(self.said)))[:80])
            return
        start, end, step = (number for number in steps if number is not None)
        if all(number == number.to_integral_value() for number in (start, end, step)):
            self.item["type"] = "integer"
        else:
            self.item["decimals"] = max(len(numbers.write(number).partition(".")[2]) for number in (start, end, step))
        self.item |= {
            "min": ["number", numbers.write(start)],
            "max": ["number", numbers.write(end)],
            "range": "block",
        }
        if step != 1 and self.item["type"] == "integer" or step.copy_abs() != step:
            self.remark("parameters", "step_not_carried", step=numbers.write(step))
        self.source["xlsform.parameters"] = " ".join(
            f"{name}={value}" for name, value in sorted({**parameters(self.said)}.items())
        )

    def appearance(self) -> None:
        text = str(self.said.get("control", {}).get("appearance", "")).strip()
        if not text:
            return
        self.source["xlsform.appearance"] = text[:2000]
        unknown = []
        for word in text.split():
            meaning = APPEARANCES.get(word, {})
            fits = self.item["type"] in FITTING.get(meaning.get("look", ""), ())
            if fits or (meaning.get("type") and self.item["type"] == "date"):
                self.item |= meaning
            elif COLUMNS.fullmatch(word) and self.item["type"] in ("choice", "choices"):
                count = COUNT.fullmatch(word)
                self.item["columns"] = min(max(int(count[1]), 1), 12) if count else 3
            else:
                unknown.append(word)
        if unknown:
            self.remark("appearance", "appearance_kept", name=" ".join(unknown)[:80])

    def texts(self) -> None:
        for column, name in (("label", "label"), ("hint", "help")):
            texts, remarks = cleaned(self.languages.texts(self.said.get(column)))
            for code in remarks:
                self.remark(column, code)
            if texts:
                self.item[name] = texts
        for column in ("guidance_hint", "media"):
            if self.said.get(column):
                self.source[f"xlsform.{column}"] = dumped(self.said[column])
                self.remark(column, "column_kept", name=column)

    def bounds(self) -> None:
        rows = str(self.said.get("control", {}).get("rows", ""))
        if rows.isdecimal() and self.item["type"] == "text":
            self.item |= {"look": "lines", "rows": min(max(int(rows), 1), 60)}
        if text := str(self.bind.get("constraint", "")):
            self.formulas.append(("constraint", "constraint", text))

    def message(self) -> dict[str, str]:
        return cleaned(self.languages.texts(self.bind.get("jr:constraintMsg")))[0]

    def conditions(self) -> None:
        for column, flag, conditional in (("required", "required", "required_if"), ("readonly", "readonly", "readonly_if")):
            text = str(self.bind.get(column, "")).strip()
            if text.lower() in NO:
                continue
            if self.item["type"] == "output" or (self.item.get("hidden") and column == "required"):
                continue  # nobody could ever fill it in
            if text.lower() in YES:
                self.item[flag] = True
            else:
                self.formulas.append((conditional, column, text))
        if self.bind.get("jr:requiredMsg"):
            self.source["xlsform.required_message"] = dumped(self.bind["jr:requiredMsg"])
            self.remark("required_message", "column_kept", name="required_message")
        if text := str(self.bind.get("relevant", "")):
            self.formulas.append(("visible_if", "relevant", text))
        if text := str(self.bind.get("calculate", "")):
            self.formulas.append(("calc", "calculation", text))

    def default(self) -> None:
        text = str(self.said.get("default", "")).strip()
        if not text or self.kind in FILLED_IN:
            return
        kind = self.item["type"]
        if kind in ("choices", "file", "output"):
            self.keep("default", text)
            self.remark("default", "default_not_carried")
            return
        node: list[Any] | None = None
        if CALLS.search(text):
            self.formulas.append(("default", "default", text))
            return
        if kind in ("integer", "decimal"):
            number = numbers.parse(text)
            node = None if number is None else ["number", numbers.write(number)]
        elif kind in PARSED:
            moment = PARSED[kind](text)
            node = None if moment is None else [kind, moments.write(moment)]
        elif kind == "choice":
            node = ["text", code_of(text)]
        elif kind == "text":
            node = ["text", text]
        if node is None:
            self.keep("default", text)
            self.remark("default", "default_not_carried")
        else:
            self.item["default"] = node

    def rest(self) -> None:
        """What has no place of its own here is kept as it was."""
        if self.kind != "range" and parameters(self.said):
            text = " ".join(f"{name}={value}" for name, value in sorted(parameters(self.said).items()))
            self.source["xlsform.parameters"] = text[:2000]
            self.remark("parameters", "parameter_not_carried", name=text[:80])
        canonical = CANONICAL.get(self.kind, self.kind)
        if canonical and self.kind not in STANDARD:
            self.source["xlsform.type"] = canonical
        for column, value in self.said.items():
            if column not in SEEN and value not in (None, "", {}, []):
                self.source[f"xlsform.column.{column}"[:200]] = value if isinstance(value, str) else dumped(value)
                self.remark(column, "column_kept", name=column[:60])
        for name, value in self.bind.items():
            if name not in BOUND:
                self.source[f"xlsform.column.bind::{name}"[:200]] = value if isinstance(value, str) else dumped(value)
                self.remark(f"bind::{name}"[:60], "column_kept", name=f"bind::{name}"[:60])


RANGE = (("start", "1"), ("end", "10"), ("step", "1"))
STANDARD = frozenset(
    {
        "text", "string", "integer", "int", "decimal", "range", "date", "time", "dateTime", "datetime", "select one",
        "select all that apply", "note", "photo", "image", "audio", "video", "file",
    }
)  # fmt: skip
CANONICAL = {"trigger": "acknowledge"}
SEEN = frozenset(
    {
        "type", "name", "label", "hint", "bind", "control", "default", "parameters", "itemset", "list_name", "choices",
        "choice_filter", "media", "guidance_hint", "_dynamic_default", "actions",
    }
)  # fmt: skip
BOUND = frozenset(
    {"constraint", "jr:constraintMsg", "required", "jr:requiredMsg", "readonly", "relevant", "calculate", "type"}
)


def parameters(said: Mapping[str, Any]) -> dict[str, str]:
    """``start=0 end=10``, which pyxform takes apart for some types."""
    found = said.get("parameters", {})
    if isinstance(found, Mapping):
        return {str(name): str(value) for name, value in found.items()}
    pairs = (part.partition("=") for part in str(found).split() if "=" in part)
    return {name: value for name, _, value in pairs}


