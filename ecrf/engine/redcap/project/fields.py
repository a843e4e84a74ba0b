"""One row of a data dictionary as the definitions of a project XML: an item, or one per box, and its choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.exchange.xml import tag, words
from ecrf.engine.redcap.layout import box
from ecrf.engine.redcap.project.metadata import ATTRIBUTES, TYPES, VALIDATIONS

FIELD_TYPES = {name: code for code, name in TYPES.items()}
VALIDATION_NAMES = {name: code for code, name in VALIDATIONS.items()}
DATA_TYPES = {
    "checkbox": "boolean",
    "yesno": "boolean",
    "truefalse": "boolean",
    "calc": "float",
    "slider": "integer",
}
BY_VALIDATION: tuple[tuple[str, str], ...] = (
    ("datetime_seconds", "datetime"),
    ("datetime", "partialDatetime"),
    ("date", "date"),
)
BY_VALIDATION += (("time_mm_ss", "text"), ("time_hh_mm_ss", "time"), ("time", "partialTime"))
BY_VALIDATION += (("integer", "integer"), ("number", "float"))
COMPARATORS = {"min": "GE", "max": "LE"}
COMPLETE = {
    "type": "dropdown",
    "label": "Complete?",
    "section": "Form Status",
    "choices": "0, Incomplete | 1, Unverified | 2, Complete",
}
"""The field in which REDCap keeps how far a form is."""

Row = Mapping[str, str]


class FieldXml:
    """`codes` are the choices of an item that has some, with their labels."""

    def __init__(self, row: Row, codes: Sequence[tuple[str, str]]) -> None:
        self.row, self.codes, self.name, self.kind = row, codes, row["name"], row["type"]

    @property
    def oids(self) -> list[str]:
        return [box(self.name, code) for code, _ in self.codes] if self.kind == "checkbox" else [self.name]

    @property
    def data_type(self) -> str:
        if self.kind in DATA_TYPES:
            return DATA_TYPES[self.kind]
        validation = self.row["validation"] if self.kind == "text" else ""
        return next((kind for start, kind in BY_VALIDATION if validation.startswith(start)), "text")

    def references(self) -> list[str]:
        return [tag("ItemRef", {"ItemOID": oid, "Mandatory": "No", "redcap:Variable": self.name}) for oid in self.oids]

    def items(self) -> list[str]:
        row = self.row
        attributes: dict[str, str | None] = {
            "DataType": self.data_type,
            "Length": "1" if self.codes else "999",
            "SignificantDigits": "1" if row["validation"].startswith("number_") else None,
            "redcap:Variable": self.name,
            "redcap:FieldType": FIELD_TYPES.get(self.kind, self.kind),
            "redcap:TextValidationType": VALIDATION_NAMES.get(row["validation"], row["validation"]) or None,
        }
        attributes |= {f"redcap:{name}": row[column] or None for column, name in ATTRIBUTES.items()}
        if self.kind in ("calc", "slider"):
            attributes["redcap:Calculation" if self.kind == "calc" else "redcap:SliderLabels"] = row["choices"] or None
        question = tag("Question", {}, tag("TranslatedText", {}, words(row["label"])))
        return [
            tag("ItemDef", {"OID": oid, "Name": oid, **attributes}, question, *self.checks(), *self.reference(oid))
            for oid in self.oids
        ]

    def checks(self) -> list[str]:
        return [
            tag(
                "RangeCheck",
                {"Comparator": comparator, "SoftHard": "Soft"},
                tag("CheckValue", {}, words(self.row[column])),
            )
            for column, comparator in COMPARATORS.items()
            if self.row[column]
        ]

    def reference(self, oid: str) -> list[str]:
        return [tag("CodeListRef", {"CodeListOID": f"{oid}.choices"})] if self.codes else []

    def lists(self) -> list[str]:
        if not self.codes:
            return []
        attributes: dict[str, str | None] = {
            "DataType": "boolean" if self.data_type == "boolean" else "text",
            "redcap:Variable": self.name,
        }
        codes = self.codes
        if self.kind == "checkbox":
            attributes["redcap:CheckboxChoices"] = " | ".join(f"{code}, {label}" for code, label in codes)
            codes = [("1", "Checked"), ("0", "Unchecked")]
        inside = [
            tag("CodeListItem", {"CodedValue": code}, tag("Decode", {}, tag("TranslatedText", {}, words(label))))
            for code, label in codes
        ]
        return [tag("CodeList", {"OID": f"{oid}.choices", "Name": oid, **attributes}, *inside) for oid in self.oids]


def status_field(page: str, columns: Mapping[str, Any]) -> FieldXml:
    row = {**dict.fromkeys(columns, ""), **COMPLETE, "name": f"{page}_complete"}
    return FieldXml(row, [("0", "Incomplete"), ("1", "Unverified"), ("2", "Complete")])
