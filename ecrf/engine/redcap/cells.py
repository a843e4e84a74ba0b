"""One item as the cells of a data dictionary, and what of it these cells can't say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.expressions import as_redcap
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.fields import YES_NO
from ecrf.engine.redcap.names import Names
from ecrf.engine.redcap.units import UNITS

NOT_CARRIED = (
    "pattern",
    "unique",
    "required_if",
    "readonly_if",
    "choice_filter",
    "checks",
    "min_ticked",
    "prefix",
    "suffix",
    "image",
    "public",
    "untoggle",
    "accept",
    "max_size",
)
"""Properties of an item for which REDCap has no column."""
KEPT = {"branching": "branching", "validation": "validation", "sql": "choices", "calc": "choices"}
KEPT |= {"min": "min", "max": "max"}
"""What an import couldn't convert goes back to the column where it stood."""
ONE_LINE = ("list", "search")


class Cells:
    """The cells of one item in one language. `wanted` says which expressions stand above it (page, group)."""

    def __init__(
        self,
        place: str,
        item: Mapping[str, Any],
        names: Names,
        language: str,
        above: Sequence[Any] = (),
    ) -> None:
        self.place, self.item, self.names, self.language, self.above = place, item, names, language, above
        self.kind: str = item["type"]
        self.look: str = item.get("look", "")
        self.choices = names.choices.get(item["key"], ())
        self.remarks: list[Fault] = []
        self.tags: list[str] = []

    def row(self) -> dict[str, str]:
        item = self.item
        cells = {
            "name": item["key"],
            "type": self.field_type(),
            "label": self.label(),
            "choices": self.choices_cell(),
            "note": self.text(item.get("help")),
            "validation": self.validation(),
            "min": self.limit("min"),
            "max": self.limit("max"),
            "identifier": "y" if item.get("identifier") else "",
            "branching": self.branching(),
            "required": "y" if item.get("required") else "",
        }
        self.annotate()
        for part in item.get("unconverted", ()):
            if part["what"] == "calc" and cells["type"] != "calc":
                dated = part["text"].startswith("calcdate(")
                self.tags.append(f"@CALCDATE{part['text'][8:]}" if dated else f"@CALCTEXT({part['text']})")
            elif part["what"] in KEPT:
                cells[KEPT[part["what"]]] = part["text"]
            elif part["what"] == "default":
                self.tags.append(f"@DEFAULT={quoted(part['text'])}")
            else:
                self.tags.append(part["text"])
        cells["annotation"] = " ".join(self.tags)
        for name in NOT_CARRIED:
            if name in item:
                self.remark(name, "not_in_format", property=name)
        if item.get("range") == "block" and self.field_type() != "slider" and "@FORCE-MINMAX" not in self.tags:
            self.remark("range", "not_in_format", property="range")
        return cells

    def remark(self, name: str, code: str, **params: Any) -> None:
        self.remarks.append(Fault(f"{self.place}.{name}", code, {"name": self.item["key"], **params}))

    def text(self, texts: Mapping[str, str] | None) -> str:
        if not texts:
            return ""
        return texts.get(self.language) or next((text for text in texts.values() if text), "")

    def expression(self, name: str, node: Any) -> str:
        try:
            return as_redcap.write(node, events=self.names.events, codes=self.names.codes, types=self.names.types)
        except as_redcap.Unsayable as unknown:
            self.remark(name, "operator_not_in_format", operator=unknown.what)
            return ""

    def field_type(self) -> str:
        if self.kind == "text":
            return "sql" if self.has("sql") else "notes" if self.look == "lines" else "text"
        if self.kind in ("integer", "decimal"):
            if self.look in ("slider", "vas"):
                return "slider"
            return "calc" if self.has("calc") or self.computed else "text"
        if self.kind == "choice":
            return self.yes_no() or ("dropdown" if self.look in ONE_LINE else "radio")
        return {"choices": "checkbox", "file": "file", "output": "descriptive"}.get(self.kind, "text")

    @property
    def computed(self) -> bool:
        return "calc" in self.item and self.item["calc"] != ["subject"]

    def has(self, what: str) -> bool:
        return any(part["what"] == what for part in self.item.get("unconverted", ()))

    def yes_no(self) -> str:
        """REDCap's two types whose choices it knows by itself."""
        if self.look == "yesno":
            for name, labels in YES_NO.items():
                if [one["code"] for one in self.choices] == list(labels) and all(
                    labels[one["code"]].get(self.language, self.text(one["label"])) == self.text(one["label"])
                    for one in self.choices
                ):
                    return name
        return ""

    def label(self) -> str:
        label, unit = self.text(self.item["label"]), self.item.get("unit", "")
        if unit and unit in UNITS and self.kind in ("integer", "decimal"):
            return f"{label} ({unit})"
        if unit:
            self.tags.append(f"@UNIT={quoted(unit)}")
        return label

    def choices_cell(self) -> str:
        if self.field_type() == "calc":
            return self.expression("calc", self.item["calc"]) if self.computed else ""
        if self.field_type() == "slider":
            return " | ".join(self.text(end) for end in self.item.get("ends", ()))
        if self.kind not in ("choice", "choices") or self.yes_no():
            return ""
        retired = [one["code"] for one in self.choices if one.get("retired")]
        if retired:
            self.tags.append(f"@HIDECHOICE={quoted(','.join(retired))}")
        return " | ".join(f"{one['code']}, {self.choice_label(one)}" for one in self.choices)

    def choice_label(self, one: Mapping[str, Any]) -> str:
        return self.text(one["label"]).replace("|", "¦").replace("\n", " ")

    def validation(self) -> str:
        kind, item = self.kind, self.item
        if kind in ("date", "datetime"):
            seconds = "_seconds" if kind == "datetime" and item.get("seconds") else ""
            return f"{kind}{seconds}_{item.get('order', 'ymd')}"
        if kind == "partial_date":
            self.remark("type", "type_not_in_format", type=kind)
            return ""
        if kind == "time":
            return "time_hh_mm_ss" if item.get("seconds") else "time"
        if kind in ("integer", "decimal") and self.field_type() == "text":
            if kind == "integer":
                return "integer"
            return f"number_{item['decimals']}dp" if item.get("decimals", 9) <= 4 else "number"
        if kind == "file" and self.look == "signature":
            return "signature"
        return str(item.get("format", ""))

    def limit(self, name: str) -> str:
        node = self.item.get(name)
        if node is None:
            return ""
        if self.field_type() == "slider" and node == ["number", {"min": "0", "max": "100"}[name]]:
            return ""
        text = self.expression(name, node)
        return text.strip("'\"") if not text.startswith("[") else text

    def branching(self) -> str:
        parts = [*self.above, *([self.item["visible_if"]] if "visible_if" in self.item else [])]
        if not parts:
            return ""
        return self.expression("visible_if", parts[0] if len(parts) == 1 else ["and", *parts])

    def annotate(self) -> None:
        item = self.item
        for name, tag in (("hidden", "@HIDDEN"), ("readonly", "@READONLY")):
            if item.get(name) and not (name == "readonly" and (self.has("sql") or self.has("calc"))):
                self.tags.append(tag)
        if item.get("range") == "block" and ("min" in item or "max" in item) and self.field_type() == "text":
            self.tags.append("@FORCE-MINMAX")
        if self.computed and self.field_type() not in ("calc", "slider"):
            self.tags.append(self.computed_tag())
        if "default" in item:
            self.tags += self.default()
        exclusive = [one["code"] for one in self.choices if one.get("exclusive")]
        if exclusive:
            self.tags.append(f"@NONEOFTHEABOVE={quoted(','.join(exclusive))}")
        if "max_ticked" in item:
            self.tags.append(f"@MAXCHECKED={item['max_ticked']}")
        if "max_length" in item:
            self.tags.append(f"@CHARLIMIT={item['max_length']}")
        if item.get("placeholder"):
            self.tags.append(f"@PLACEHOLDER={quoted(self.text(item['placeholder']))}")
        if item.get("look") == "secret":
            self.tags.append("@PASSWORDMASK")
        if item.get("annotate") is False:
            self.tags.append("@NOMISSING")
        self.tags += (
            item.get("source", {}).get("redcap.tags", "").split("\n") if "redcap.tags" in item.get("source", {}) else []
        )

    def computed_tag(self) -> str:
        node = self.item["calc"]
        if node[0] == "shift" and self.kind in ("date", "datetime"):
            moment, count = self.expression("calc", node[1]), self.expression("calc", node[2])
            return f"@CALCDATE({moment}, {count}, '{node[3][1]}')"
        return f"@CALCTEXT({self.expression('calc', node)})"

    def default(self) -> list[str]:
        node = self.item["default"]
        if node in (["today"], ["now"]):
            return [f"@{node[0].upper()}"]
        text = self.expression("default", node)
        return [f"@DEFAULT={text if text.startswith(QUOTES) else quoted(text)}"] if text else []


QUOTES = ("'", '"')


def quoted(text: str) -> str:
    return f"'{text}'" if "'" not in text else f'"{text}"'
