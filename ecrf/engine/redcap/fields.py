"""One row of a dictionary becomes one item; formulas wait until all fields are known."""

from __future__ import annotations

import re
from typing import Any

from ecrf.engine.faults import Fault
from ecrf.engine.redcap import tags
from ecrf.engine.redcap.columns import Row
from ecrf.engine.redcap.labels import MAX_LABEL, PIPED, plain
from ecrf.engine.redcap.units import unit_of
from ecrf.engine.redcap.validations import VALIDATIONS

NAME = re.compile(r"[a-z][a-z0-9_]*")
CODE = re.compile(r"[A-Za-z0-9_.-]{1,100}")

TYPES: dict[str, dict[str, Any]] = {
    "text": {},
    "notes": {"type": "text", "look": "lines"},
    "dropdown": {"type": "choice", "look": "list"},
    "select": {"type": "choice", "look": "list"},
    "radio": {"type": "choice", "look": "radio"},
    "checkbox": {"type": "choices"},
    "calc": {"type": "decimal"},
    "file": {"type": "file"},
    "slider": {"type": "integer", "look": "slider"},
    "yesno": {"type": "choice", "look": "yesno"},
    "truefalse": {"type": "choice", "look": "yesno"},
    "descriptive": {"type": "output"},
    "sql": {"type": "text"},
}
YES_NO = {
    "yesno": {"1": {"en": "Yes", "fr": "Oui"}, "0": {"en": "No", "fr": "Non"}},
    "truefalse": {"1": {"en": "True", "fr": "Vrai"}, "0": {"en": "False", "fr": "Faux"}},
}
YES = frozenset({"y", "yes", "1", "true"})


class Field:
    """A row being read: its item, its faults and warnings, and the formulas that it still owes."""

    def __init__(self, row: Row, language: str, ranges: str) -> None:
        self.row, self.language = row, language
        self.key = row["name"].lower()
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.form_titles: dict[str, str] = {}
        self.formulas: list[tuple[str, str, str]] = []
        """(property of the item, column, text)"""
        self.kind = row["type"].lower().replace(" ", "").replace("-", "")
        self.item: dict[str, Any] = {"key": self.key, "type": "text", "label": {}}
        self.section: dict[str, str] = {}
        if self.kind not in TYPES:
            self.fault("type", "unknown_field_type" if row["type"] else "cell_empty", name=row["type"][:40])
            return
        self.item |= TYPES[self.kind]
        self.validation()
        self.texts()
        self.choices()
        self.limits(ranges)
        self.flags()
        self.logic()
        self.annotation()

    @property
    def matrix(self) -> str:
        name = re.sub(r"[^a-z0-9_]+", "_", self.row["matrix"].lower()).strip("_")
        return name if NAME.fullmatch(name) else f"m_{name}" if name else ""

    def fault(self, column: str, code: str, **params: Any) -> None:
        self.faults.append(self.row.fault(column, code, **params))

    def warn(self, column: str, code: str, **params: Any) -> None:
        self.warnings.append(self.row.fault(column, code, **params))

    def keep(self, what: str, text: str) -> None:
        self.item.setdefault("unconverted", []).append({"what": what, "text": text[:20_000]})

    def validation(self) -> None:
        name = self.row["validation"].lower()
        if self.kind == "file" and name == "signature":
            self.item["look"] = "signature"
        if self.kind == "sql":
            self.item["readonly"] = True
            self.keep("sql", self.row["choices"])
            self.warn("type", "sql_not_run")
        if self.kind != "text":
            return
        if name not in VALIDATIONS or name == "signature":
            self.warn("validation", "unknown_validation", name=name[:60])
            self.keep("validation", name)
            return
        self.item |= VALIDATIONS[name]

    def texts(self) -> None:
        label, unit = self.text(self.row["label"]), ""
        if self.item["type"] in ("integer", "decimal"):
            label, unit = unit_of(label)
        self.item["label"] = {self.language: label or self.key}
        if unit:
            self.item["unit"] = unit
        if note := self.text(self.row["note"], "note"):
            self.item["help"] = {self.language: note}
        if section := self.text(self.row["section"], "section"):
            self.section = {self.language: section}

    def text(self, raw: str, column: str = "label") -> str:
        if len(raw) > MAX_LABEL:
            self.fault(column, "text_too_long", limit=MAX_LABEL)
            return ""
        text, marked = plain(raw)
        if marked:
            self.warn(column, "markup_removed")
        if PIPED.search(text):
            self.warn(column, "piping_not_supported")
        return text

    def choices(self) -> None:
        raw = self.row["choices"]
        if self.kind in YES_NO:
            languages = {self.language, "en", "fr"}
            self.item["choices"] = [
                {"code": code, "label": {name: label[name] for name in sorted(languages & label.keys())}}
                for code, label in YES_NO[self.kind].items()
            ]
        elif self.kind == "slider":
            ends = [self.text(part, "choices") for part in raw.split("|")][:3] if raw else []
            if any(ends):
                self.item["ends"] = [{self.language: end} for end in ends]
        elif self.item["type"] in ("choice", "choices"):
            self.item["choices"] = [
                {"code": code, "label": {self.language: label}} for code, label in self.parsed_choices(self.row)
            ]

    def parsed_choices(self, row: Row) -> list[tuple[str, str]]:
        """``1, Yes | 2, No`` (one a line is read too); what can't be a choice is a fault."""
        found: dict[str, str] = {}
        parts = [part.strip() for part in re.split(r"\||\n", row["choices"]) if part.strip()]
        if not parts:
            self.faults.append(row.fault("choices", "choices_missing"))
        for part in parts:
            code, comma, label = part.partition(",")
            code, label = code.strip(), self.text(label.strip(), "choices")
            if not comma:
                self.faults.append(row.fault("choices", "choice_without_code", choice=part[:60]))
            elif not CODE.fullmatch(code):
                self.faults.append(row.fault("choices", "bad_choice_code", choice=code[:60]))
            elif code in found:
                self.faults.append(row.fault("choices", "choice_twice", choice=code))
            else:
                found[code] = label or code
        return list(found.items())

    def limits(self, ranges: str) -> None:
        if self.kind == "slider":
            self.item |= {"min": ["number", "0"], "max": ["number", "100"], "range": "block"}
        for column in ("min", "max"):
            if self.row[column] and self.item["type"] in ("integer", "decimal", "date", "datetime", "time"):
                self.formulas.append((column, column, limit(self.row[column])))
                self.item.setdefault("range", ranges)
            elif self.row[column]:
                self.warn(column, "limit_not_carried")
                self.keep(column, self.row[column])

    def flags(self) -> None:
        for column in ("identifier", "required"):
            flag = self.row[column].lower()
            if flag in YES:
                if column == "identifier" or self.kind not in ("descriptive", "calc", "sql"):
                    self.item[column] = True
            elif flag not in ("", "n", "no", "0", "false"):
                self.fault(column, "bad_flag", given=flag[:20])

    def logic(self) -> None:
        if self.row["branching"]:
            self.formulas.append(("visible_if", "branching", self.row["branching"]))
        if self.kind == "calc":
            if not self.row["choices"]:
                self.fault("choices", "calc_missing")
            self.formulas.append(("calc", "choices", self.row["choices"]))

    def annotation(self) -> None:
        for tag, argument, written in tags.read(self.row["annotation"]):
            if tag == "@HIDDEN":
                self.item["hidden"] = True
            elif tag == "@READONLY":
                self.item["readonly"] = True
            elif tag in ("@TODAY", "@NOW") and self.item["type"] in ("date", "datetime"):
                self.item["default"] = ["today"] if self.item["type"] == "date" else ["now"]
            elif tag == "@DEFAULT" and self.item["type"] not in ("choices", "file", "output") and argument:
                self.formulas.append(("default", "annotation", quoted(argument)))
            elif tag == "@NONEOFTHEABOVE" and self.item["type"] == "choices":
                self.mark_choices(argument, "exclusive")
            elif tag == "@MAXCHECKED" and argument.isdecimal() and int(argument) and self.item["type"] == "choices":
                self.item["max_ticked"] = int(argument)
            elif tag == "@CHARLIMIT" and argument.isdecimal() and 0 < int(argument) <= 100_000:
                self.item["max_length"] = int(argument)
            elif tag == "@PLACEHOLDER" and argument:
                self.item["placeholder"] = {self.language: argument}
            elif tag == "@UNIT" and argument:
                self.item["unit"] = argument[:40]
            elif tag == "@CALCTEXT" and self.kind == "text" and argument:
                self.item.pop("required", None)
                self.formulas.append(("calc", "annotation", argument))
            elif tag == "@CALCDATE" and self.item["type"] in ("date", "datetime") and argument:
                self.item.pop("required", None)
                self.formulas.append(("calc", "annotation", f"calcdate({argument})"))
            elif tag == "@HIDECHOICE" and self.item["type"] in ("choice", "choices") and argument:
                self.mark_choices(argument, "retired")
            elif tag == "@PASSWORDMASK" and self.kind == "text" and self.item["type"] == "text":
                self.item["look"] = "secret"
            elif tag == "@NOMISSING":
                self.item["annotate"] = False
            elif tag == "@FORCE-MINMAX" and "range" in self.item and self.kind == "text":
                self.item["range"] = "block"
            elif tag in tags.DRAWING:
                kept = self.item.setdefault("source", {}).get("redcap.tags")
                self.item["source"]["redcap.tags"] = f"{kept}\n{written}" if kept else written
                self.warn("annotation", "tag_kept", name=tag)
            else:
                self.unsupported(tag, argument)

    def unsupported(self, tag: str, argument: str) -> None:
        self.warn("annotation", "tag_not_supported", name=tag)
        self.keep("tag", f"{tag}={argument}" if argument else tag)

    def mark_choices(self, argument: str, what: str) -> None:
        codes = {code.strip() for code in argument.split(",")}
        for choice in self.item.get("choices", ()):
            if choice["code"] in codes:
                choice[what] = True

    def translate(self, row: Row, language: str, form_title: str) -> list[Fault]:
        """Take this row's texts as those of another language."""
        remarks: list[Fault] = []

        def text(raw: str, column: str) -> str:
            if len(raw) > MAX_LABEL:
                remarks.append(row.fault(column, "text_too_long", limit=MAX_LABEL))
                return ""
            return plain(raw)[0]

        label = text(row["label"], "label")
        if self.item.get("unit"):
            label = unit_of(label)[0]
        if label:
            self.item["label"][language] = label
        for name, column in (("help", "note"),):
            if (words := text(row[column], column)) and name in self.item:
                self.item[name][language] = words
        if self.section and (words := text(row["section"], "section")):
            self.section[language] = words
        self.form_titles[language] = form_title
        if "ends" in self.item:
            for end, words in zip(self.item["ends"], row["choices"].split("|"), strict=False):
                end[language] = text(words, "choices")
        elif "choices" in self.item and self.kind not in YES_NO:
            labels = dict(self.parsed_choices(row))
            for choice in self.item["choices"]:
                if choice["code"] in labels:
                    choice["label"][language] = labels[choice["code"]]
                else:
                    remarks.append(row.fault("choices", "translation_missing", name=choice["code"], language=language))
        return remarks


def limit(text: str) -> str:
    """A limit is a number, a date, today, now, or another field in brackets: quoted where it isn't one of the last."""
    return text if text.startswith("[") else quoted(text)


def quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text else f"'{text}'"
